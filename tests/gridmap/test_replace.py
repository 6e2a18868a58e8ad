"""Replacing the grids of communities."""

from datetime import date

import pytest
import shapely
from django.db import IntegrityError, transaction

from gridmap.drafts import GridDraft, polygon_from_wkb
from gridmap.models import Division, Grid, GridPast, GridSuccession, grid_uid
from gridmap.selectors import grid_past, grid_polygon, grid_successors, grids_changed, grids_in, map_number
from gridmap.services import MapError, grids_replace
from tests.gridmap.conftest import EMPTY, ONE, OTHER, draft, square

pytestmark = pytest.mark.django_db


def stored(prefix: str = "") -> list[str]:
    return [grid.code for grid in grids_in(prefix)]


def is_coverage() -> bool:
    return bool(shapely.coverage_is_valid([polygon_from_wkb(grid.polygon) for grid in grids_in("")]))


def test_new_grids_are_stored_with_their_measures(town: list[GridDraft]) -> None:
    grid = Grid.objects.get(code=f"{ONE}001")
    assert (grid.uid, grid.community_id, grid.version) == (grid_uid(grid.code), ONE, 1)
    assert (grid.min_lon, grid.min_lat, grid.max_lon, grid.max_lat) == (111.28, 30.71, 111.29, 30.72)
    assert (grid.label_lon, grid.label_lat) == (111.285, 30.715)
    assert grid.area_m2 == pytest.approx(957.5 * 1108.6, rel=1e-3)


def test_the_same_again_changes_nothing(town: list[GridDraft]) -> None:
    number = map_number()
    done = grids_replace(drafts=town)
    assert (len(done.unchanged), done.created, done.changed, done.closed) == (8, [], [], [])
    assert map_number() == number
    assert set(Grid.objects.values_list("version", flat=True)) == {1}


def test_a_ring_that_starts_elsewhere_is_the_same_polygon(town: list[GridDraft]) -> None:
    turned = [draft(item.code, shapely.reverse(item.polygon)) for item in town]
    assert len(grids_replace(drafts=turned).unchanged) == 8


def test_a_changed_grid_keeps_its_former_state(town: list[GridDraft]) -> None:
    number = map_number()
    changed = [draft(town[0].code, town[0].polygon, households=310), *town[1:4]]
    done = grids_replace(drafts=changed, day=date(2030, 5, 1))
    assert (done.changed, len(done.unchanged)) == ([town[0].code], 3)
    grid, past = Grid.objects.get(code=town[0].code), grid_past(town[0].code).get()
    assert (grid.households, grid.version, grid.valid_from) == (310, 2, date(2030, 5, 1))
    assert (past.households, past.version, past.valid_to) == (300, 1, date(2030, 5, 1))
    assert [item.code for item in grids_changed(number)] == [town[0].code]


def test_grids_left_out_are_closed_and_stay_readable(town: list[GridDraft]) -> None:
    both = draft(f"{ONE}005", square(0, 1, 2, 1))
    done = grids_replace(drafts=[both, *town[2:4]], day=date(2030, 5, 1))
    assert (done.created, done.closed) == ([f"{ONE}005"], [f"{ONE}001", f"{ONE}002"])
    assert stored(ONE) == [f"{ONE}003", f"{ONE}004", f"{ONE}005"]
    old = Grid.objects.get(code=f"{ONE}001")
    assert old.valid_to == date(2030, 5, 1)
    assert grid_polygon(old.code) is not None
    assert grid_successors(old.code) == [f"{ONE}005"]
    assert GridSuccession.objects.filter(cause="redraw").count() == 2


def test_a_closed_code_is_never_used_again(town: list[GridDraft]) -> None:
    grids_replace(drafts=[draft(f"{ONE}005", square(0, 1, 2, 1)), *town[2:4]])
    with pytest.raises(MapError, match="已停用，不能再用"):
        grids_replace(drafts=town[:4])


def test_other_communities_are_left_alone(town: list[GridDraft]) -> None:
    grids_replace(drafts=[draft(f"{ONE}001", square(0, 0, 2, 2))])
    assert stored(OTHER) == [item.code for item in town[4:]]


def test_a_community_may_be_emptied(town: list[GridDraft]) -> None:
    assert grids_replace(drafts=[], communities=[OTHER]).closed == [item.code for item in town[4:]]
    assert stored(OTHER) == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([draft(f"{EMPTY}001", square(4, 0)), draft(f"{EMPTY}001", square(5, 0))], "重复"),
        ([draft("420599001001001", square(4, 0))], "所属社区 420599001001 不存在"),
        ([draft(f"{EMPTY}001", square(3.5, 0))], "重叠"),
        ([draft(f"{EMPTY}001", square(4, 0, 2, 1)), draft(f"{EMPTY}002", square(5, 0))], "重叠"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    town: list[GridDraft], bad: list[GridDraft], reason: str
) -> None:
    before = list(Grid.objects.values_list("code", "version", "stamp", "polygon"))
    number = map_number()
    with pytest.raises(MapError, match=reason):
        grids_replace(drafts=bad)
    assert list(Grid.objects.values_list("code", "version", "stamp", "polygon")) == before
    assert map_number() == number


def test_a_day_before_the_grids_own_is_refused(town: list[GridDraft]) -> None:
    with pytest.raises(MapError, match="早于网格"):
        grids_replace(drafts=town[1:4], day=date(2000, 1, 1))
    assert stored(ONE)[0] == f"{ONE}001"


def test_a_neighbour_gets_the_vertices_that_lie_on_its_border(town: list[GridDraft]) -> None:
    done = grids_replace(drafts=[draft(f"{EMPTY}001", square(4, 0.5)), draft(f"{EMPTY}002", square(4, 1.5))])
    assert len(done.created) == 2
    beside = Grid.objects.get(code=f"{OTHER}004")
    assert (111.32, 30.705) in polygon_from_wkb(beside.polygon).exterior.coords
    assert beside.version == 1
    assert not GridPast.objects.exists()
    assert is_coverage()


def test_cracks_of_centimetres_are_closed(divisions: None) -> None:
    crack = square(1, 0, 0.99999, 1)
    grids_replace(
        drafts=[draft(f"{ONE}001", square(0, 0)), draft(f"{ONE}002", crack), draft(f"{ONE}003", square(2, 0))]
    )
    assert is_coverage()


def test_the_database_itself_refuses_a_code_of_another_community(town: list[GridDraft]) -> None:
    grid = Grid.objects.get(code=f"{ONE}001")
    grid.community = Division.objects.get(code=OTHER)
    with pytest.raises(IntegrityError), transaction.atomic():
        grid.save()


def test_replacing_takes_a_fixed_number_of_queries(town: list[GridDraft], django_assert_num_queries) -> None:
    def moved(households: int) -> list[GridDraft]:
        return [draft(item.code, item.polygon, households=households) for item in town]

    with django_assert_num_queries(12):
        grids_replace(drafts=moved(1)[:4])
    with django_assert_num_queries(12):
        grids_replace(drafts=moved(2))
