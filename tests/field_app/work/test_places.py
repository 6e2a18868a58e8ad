"""The map's data: metres around an origin, what lies where."""

import pytest

from field_app.work.geometry import contains, parts_of
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import GRID, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town


def test_grids_and_points_around_an_origin(tablet: Tablet, town: Town) -> None:
    event = tablet.save("event", category="0101", description="路灯不亮", lon=111.2851, lat=30.695)
    data = tablet.desk.places.map()
    assert data.origin == (111.285, 30.695)
    assert [area.code for area in data.areas] == [GRID]
    west, south, east, north = data.box
    assert east - west == pytest.approx(957, abs=1)
    assert north - south == pytest.approx(1113, abs=1)
    spots = {spot.id: spot for spot in data.spots}
    assert (spots[town.building].east, spots[town.building].north) == (0, 0)
    assert spots[event.id].east == pytest.approx(9.57, abs=0.01)
    assert tablet.desk.places.map() is data


def test_what_lies_at_a_point(tablet: Tablet, town: Town) -> None:
    places = tablet.desk.places
    assert places.area_at(0, 0).code == GRID
    assert places.area_at(5000, 0) is None
    event = tablet.save("event", category="0101", description="路灯不亮", lon=111.2851, lat=30.695)
    assert [spot.id for spot in places.spots_at(8, 0, 20)] == [event.id, town.building]
    assert [spot.id for spot in places.spots_at(8, 0, 5)] == [event.id]
    assert places.degrees(*places.metres(111.28123, 30.69876)) == (111.28123, 30.69876)


def test_an_empty_tablet_has_an_empty_map(hub: FakeHub, tablet_make) -> None:
    data = tablet_make(FakeTransport(hub)).enrol().desk.places.map()
    assert (data.areas, data.spots) == ((), ())


def test_holes_parts_and_nonsense() -> None:
    ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]
    far = [[10, 10], [11, 10], [11, 11], [10, 10]]
    parts = parts_of({"type": "MultiPolygon", "coordinates": [[ring, hole], [far]]})
    assert [contains(parts, point) for point in ((0.5, 2), (2, 2), (10.8, 10.2), (5, 5))] == [
        True,
        False,
        True,
        False,
    ]
    for nonsense in (None, {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": [["x"]]}, [1]):
        assert parts_of(nonsense) == ()
