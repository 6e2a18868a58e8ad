"""The map is changed again while records still follow its last change."""

from collections.abc import Iterator

import pytest
import shapely

from governance.access.actor import HUB
from governance.records.models import Building, Inbox
from governance.records.services.apply import changes_apply
from governance.records.services.follow_map import Step, grids_follow_map, map_steps
from governance.records.succession import grids_unfollowed, map_followed
from gridmap.drafts import GridDraft
from gridmap.services import Part, grid_merge, grid_split, grids_replace
from tests import factories
from tests.factories import EAST, GRID, NEXT, NORTH, SOUTH, WEST

pytestmark = pytest.mark.django_db
MIDDLE = 111.285
WESTERN, EASTERN = factories.COMMUNITY + "003", factories.COMMUNITY + "004"
MERGED = factories.COMMUNITY + "005"


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch, town: None) -> None:
    monkeypatch.setattr("governance.records.services.follow_map.AT_ONCE", 1)


def building(**values: object) -> str:
    """Make a building in the first grid."""
    made = factories.change("building", name="楼", address="路", **values)
    assert factories.apply(factories.hub_in(GRID), made)[0].status == "created"
    return str(made.id)


def standing(lon: float) -> str:
    """Make a building with a point."""
    return building(lon=lon, lat=SOUTH + 0.005, crs="4490")


def split() -> None:
    """Split the first grid into halves."""
    west = shapely.box(WEST, SOUTH, MIDDLE, NORTH)
    east = shapely.box(MIDDLE, SOUTH, EAST, NORTH)
    made = grid_split(code=GRID, parts=[Part(west, 150), Part(east, 150)])
    assert [grid.code for grid in made] == [WESTERN, EASTERN]


def merge() -> None:
    """Put the halves together again."""
    assert grid_merge(codes=[WESTERN, EASTERN]).code == MERGED


def grids() -> set[str]:
    """Give the grids in which the buildings lie."""
    return set(Building.objects.values_list("grid", flat=True))


def until_done(steps: Iterator[Step], grid: str) -> None:
    """Go on until everything has followed from a grid."""
    assert any(step.grid == grid and step.done for step in steps)


def test_a_run_goes_on_when_a_grid_it_moves_to_is_closed() -> None:
    for lon in (WEST + 0.002, WEST + 0.003, WEST + 0.008):
        standing(lon)
    split()
    steps = map_steps()
    assert next(steps).moved == 1
    merge()
    list(steps)
    grids_follow_map()
    assert grids() == {MERGED}
    assert grids_unfollowed() == []
    assert map_followed()


def test_a_run_goes_on_when_a_redrawn_grid_is_closed() -> None:
    standing(WEST + 0.002)
    shift = EAST - 0.004
    west = GridDraft(GRID, "西", "urban", 300, shapely.box(WEST, SOUTH, shift, NORTH), "测试")
    east = GridDraft(NEXT, "东", "urban", 300, shapely.box(shift, SOUTH, EAST + 0.01, NORTH), "测试")
    standing(EAST - 0.002)
    grids_replace(drafts=[west, east])
    steps = map_steps()
    assert next(steps).moved == 1
    made = grid_merge(codes=[GRID, NEXT])
    list(steps)
    grids_follow_map()
    assert grids() == {made.code}
    assert map_followed()


def test_nothing_goes_to_a_closed_grid_that_was_followed_already() -> None:
    standing(WEST + 0.002)
    for _ in range(3):
        building(grid=GRID)
    late = factories.change("person", household=factories.change("household").id, name="晚")
    changes_apply(actor=HUB, changes=[late])
    Inbox.objects.filter(pk=late.change).update(grid=GRID)
    split()
    first = map_steps()
    assert next(first).moved == 1
    merge()
    second = map_steps({WESTERN, EASTERN})
    until_done(second, EASTERN)
    list(first)
    list(second)
    grids_follow_map()
    assert grids() == {MERGED}
    assert Inbox.objects.get().grid == MERGED
    assert map_followed()
