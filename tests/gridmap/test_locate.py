"""Point → grid."""

import pytest
from django.db import transaction

from gridmap.drafts import GridDraft
from gridmap.locate import Locator, UnknownGridError, map_now
from gridmap.services import grid_merge, grids_replace
from tests.gridmap.conftest import ONE, OTHER, draft, square

pytestmark = pytest.mark.django_db


def test_points_are_found_in_their_grids(town: list[GridDraft]) -> None:
    points = [item.polygon.centroid.coords[0] for item in town]
    assert Locator().now().grids_at(points) == [item.code for item in town]
    assert map_now().grid_at(*points[3]) == town[3].code


def test_on_a_border_the_smallest_code_wins(town: list[GridDraft]) -> None:
    locator = Locator()
    assert locator.now().grid_at(111.29, 30.715) == f"{ONE}001"
    assert locator.now().grid_at(111.285, 30.71) == f"{ONE}001"
    assert locator.now().grid_at(111.29, 30.71) == f"{ONE}001"
    assert locator.now().grid_at(111.30, 30.705) == f"{ONE}004"
    assert locator.now().grid_at(111.28, 30.72) == f"{ONE}001"


@pytest.mark.parametrize("point", [(111.35, 30.71), (0, 0), (float("nan"), 30.7), (float("inf"), 30.7)])
def test_elsewhere_there_is_none(town: list[GridDraft], point: tuple[float, float]) -> None:
    assert Locator().now().grid_at(*point) is None


def test_an_empty_map_has_no_grids() -> None:
    locator = Locator()
    assert locator.now().grids_at([(111.285, 30.705), (0, 0)]) == [None, None]
    assert locator.now().grids_at([]) == []
    assert not locator.now().in_city(111.285, 30.705)


def test_in_city_is_in_a_grid_or_within_the_outline(town: list[GridDraft]) -> None:
    locator = Locator()
    assert locator.now().in_city(111.285, 30.705)
    assert locator.now().in_city(111.36, 30.78)
    assert not locator.now().in_city(111.38, 30.78)
    assert not locator.now().in_city(float("nan"), 30.7)


def test_distance_to_a_grid_in_metres(town: list[GridDraft]) -> None:
    locator = Locator()
    assert locator.now().distance_to_grid(f"{ONE}001", 111.285, 30.715) == 0
    assert locator.now().distance_to_grid(f"{ONE}001", 111.27, 30.715) == pytest.approx(957, abs=1)
    with pytest.raises(UnknownGridError, match="999 不存在"):
        locator.now().distance_to_grid(f"{ONE}999", 111.285, 30.715)


def test_another_process_sees_a_change_at_once(town: list[GridDraft]) -> None:
    here, there = Locator(), Locator()
    point = square(0, 1).centroid.coords[0]
    assert here.now().grid_at(*point) == there.now().grid_at(*point) == f"{ONE}001"
    merged = grid_merge(codes=[f"{ONE}001", f"{ONE}002"])
    assert here.now().grid_at(*point) == there.now().grid_at(*point) == merged.code == f"{ONE}005"
    assert not there.now().grid_exists(f"{ONE}001")


def test_a_rolled_back_change_is_forgotten_even_if_its_number_comes_again(town: list[GridDraft]) -> None:
    locator = Locator()
    point = square(0, 1).centroid.coords[0]
    with transaction.atomic():
        grid_merge(codes=[f"{ONE}001", f"{ONE}002"])
        assert locator.now().grid_at(*point) == f"{ONE}005"
        transaction.set_rollback(True)
    grid_merge(codes=[f"{OTHER}001", f"{OTHER}002"])
    assert locator.now().grid_at(*point) == f"{ONE}001"


def test_a_call_reads_one_row_however_many_points(town: list[GridDraft], django_assert_num_queries) -> None:
    locator = Locator()
    locator.now().grid_at(111.285, 30.705)
    with django_assert_num_queries(1):
        locator.now().grids_at([(111.285, 30.705)] * 1000)
    with django_assert_num_queries(1):
        locator.now().in_city(111.285, 30.705)
    with django_assert_num_queries(1):
        locator.now().distance_to_grid(f"{ONE}001", 111.27, 30.715)


def test_an_unchanged_map_is_not_read_again(town: list[GridDraft], django_assert_num_queries) -> None:
    locator = Locator()
    locator.now().grid_at(111.285, 30.705)
    grids_replace(drafts=[item for item in town if item.community == ONE])
    with django_assert_num_queries(1):
        locator.now().grid_at(111.285, 30.705)
    grids_replace(drafts=[*town[:3], draft(town[3].code, town[3].polygon, households=1)])
    with django_assert_num_queries(3):
        locator.now().grid_at(111.285, 30.705)
