"""Reads for tablets and the map page."""

import pytest
import shapely
from shapely.geometry import shape

from gridmap.drafts import GridDraft
from gridmap.layers import map_layer
from gridmap.models import Grid
from gridmap.selectors import grid_get, grid_polygon, grid_record, grids_in
from gridmap.services import grid_merge, grids_replace
from tests.gridmap.conftest import ONE, OTHER, WEST, draft

pytestmark = pytest.mark.django_db


def test_grids_below_a_division(town: list[GridDraft]) -> None:
    assert [grid.code for grid in grids_in(OTHER)] == [item.code for item in town[4:]]
    for prefix in ("", "420500", "420502", "420502001"):
        assert grids_in(prefix).count() == 8
    assert grids_in("420503").count() == 0


def test_closed_grids_are_not_current(town: list[GridDraft]) -> None:
    grid_merge(codes=[f"{ONE}001", f"{ONE}002"])
    assert grids_in(ONE).count() == 3
    assert grid_get(f"{ONE}001").valid_to is not None
    assert grid_get("000000000000000") is None


def test_a_grids_polygon_as_geojson(town: list[GridDraft]) -> None:
    assert shape(grid_polygon(f"{ONE}001")).equals(town[0].polygon)
    assert grid_polygon("000000000000000") is None


def test_a_grid_as_tablets_receive_it(town: list[GridDraft]) -> None:
    record = grid_record(Grid.objects.get(code=f"{ONE}001"))
    assert sorted(record) == ["code", "households", "kind", "label", "name", "polygon"]
    assert record["label"] == [111.285, 30.715]
    assert record["polygon"]["type"] == "Polygon"


def test_a_layer_of_grids(town: list[GridDraft]) -> None:
    layer = map_layer(ONE, 0)
    assert layer["type"] == "FeatureCollection"
    assert [feature["properties"]["code"] for feature in layer["features"]] == [
        item.code for item in town[:4]
    ]
    assert layer["features"][0]["properties"] == {
        "code": f"{ONE}001",
        "name": "网格001",
        "kind": "urban",
        "kind_label": "城镇基础网格",
        "households": 300,
        "grids": 1,
    }


def test_a_layer_of_communities_adds_their_grids_up(town: list[GridDraft]) -> None:
    features = map_layer("420502", 0, "community")["features"]
    assert [feature["properties"] for feature in features] == [
        {"code": ONE, "name": "土街头社区居民委员会", "households": 1200, "grids": 4},
        {"code": OTHER, "name": "樵湖岭社区居民委员会", "households": 1200, "grids": 4},
    ]
    assert shape(features[0]["geometry"]).area == pytest.approx(0.0004)


def test_simplified_boundaries_stay_without_gaps_and_overlaps(divisions: None) -> None:
    jagged = [(WEST + 0.01 + (place % 2) * 0.0002, 30.70 + place * 0.0005) for place in range(21)]
    west = shapely.Polygon([(WEST, 30.70), *jagged, (WEST, 30.71)])
    corner = (WEST + 0.02, 30.7055)
    north = shapely.Polygon([corner, *jagged[11:], (WEST + 0.02, 30.71)])
    south = shapely.Polygon([(WEST + 0.02, 30.70), *jagged[:12], corner])
    grids_replace(
        drafts=[draft(f"{ONE}00{place}", item) for place, item in enumerate((west, north, south), 1)]
    )
    shapes = [shape(feature["geometry"]) for feature in map_layer(ONE, 100)["features"]]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_coordinates(shapes).sum() < 20
    assert sum(item.area for item in shapes) == pytest.approx(0.0002, rel=0.01)


def test_an_empty_layer() -> None:
    assert map_layer("420502", 50) == {"type": "FeatureCollection", "features": []}


def test_a_layer_takes_one_query_and_one_more_for_names(
    town: list[GridDraft], django_assert_num_queries
) -> None:
    with django_assert_num_queries(1):
        map_layer("", 50)
    with django_assert_num_queries(2):
        map_layer("", 50, "town")
