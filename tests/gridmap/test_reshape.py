"""Splitting and merging grids."""

from datetime import date

import pytest
import shapely
from shapely import Polygon

from gridmap.drafts import GridDraft, polygon_from_wkb
from gridmap.models import Grid
from gridmap.selectors import grid_successors, grids_in, map_number
from gridmap.services import MapError, Part, grid_merge, grid_split
from tests.gridmap.conftest import ONE, OTHER, square

pytestmark = pytest.mark.django_db

HALVES = [Part(square(1, 1, 0.5, 1), 120), Part(square(1.5, 1, 0.5, 1), 180, "东半", "special")]


def is_coverage() -> bool:
    return bool(shapely.coverage_is_valid([polygon_from_wkb(grid.polygon) for grid in grids_in("")]))


def test_a_split_grid_gives_way_to_its_parts(town: list[GridDraft]) -> None:
    west, east = grid_split(code=f"{ONE}002", parts=HALVES, day=date(2030, 5, 1))
    assert [west.code, east.code] == [f"{ONE}005", f"{ONE}006"]
    assert (west.name, west.kind, west.households) == ("网格002之1", "urban", 120)
    assert (east.name, east.kind, east.households) == ("东半", "special", 180)
    old = Grid.objects.get(code=f"{ONE}002")
    assert (old.valid_to, west.valid_from) == (date(2030, 5, 1), date(2030, 5, 1))
    assert grid_successors(old.code) == [west.code, east.code]
    assert is_coverage()


@pytest.mark.parametrize("length", [57, 58, 59, 60])
def test_parts_of_a_grid_with_a_long_name_have_names_that_fit(town: list[GridDraft], length: int) -> None:
    Grid.objects.filter(code=f"{ONE}002").update(name="长" * length)
    parts = [Part(square(1, 1, 0.5, 1), 1), Part(square(1.5, 1, 0.5, 1), 1)]
    west, east = grid_split(code=f"{ONE}002", parts=parts)
    assert [west.name, east.name] == ["长" * min(length, 58) + "之1", "长" * min(length, 58) + "之2"]
    longest = Grid._meta.get_field("name").max_length or 0
    assert len(west.name) <= longest


@pytest.mark.parametrize(
    ("name", "reason"),
    [("长" * 61, "最多60字，这里有61字"), ("三\0合一", "控制字符"), ("三\ud800", "控制字符")],
)
def test_a_merged_grid_gets_no_name_that_cannot_be_kept(
    town: list[GridDraft], name: str, reason: str
) -> None:
    number = map_number()
    with pytest.raises(MapError, match=reason):
        grid_merge(codes=[f"{ONE}001", f"{ONE}002"], name=name)
    assert (map_number(), grids_in(ONE).count()) == (number, 4)


def test_the_neighbour_below_gets_the_vertex_of_the_cut(town: list[GridDraft]) -> None:
    grid_split(code=f"{ONE}002", parts=HALVES)
    below = polygon_from_wkb(Grid.objects.get(code=f"{ONE}004").polygon)
    assert (111.295, 30.71) in below.exterior.coords


def test_merged_grids_give_way_to_one(town: list[GridDraft]) -> None:
    merged = grid_merge(codes=[f"{ONE}001", f"{ONE}002", f"{ONE}003"], name="三合一")
    assert (merged.code, merged.name, merged.households) == (f"{ONE}005", "三合一", 900)
    assert [grid.code for grid in grids_in(ONE)] == [f"{ONE}004", f"{ONE}005"]
    assert is_coverage()


def test_successors_are_followed_over_several_steps(town: list[GridDraft]) -> None:
    west, east = grid_split(code=f"{ONE}002", parts=HALVES)
    merged = grid_merge(codes=[f"{ONE}001", west.code])
    assert grid_successors(f"{ONE}002") == [east.code, merged.code]
    assert grid_successors(merged.code) == [merged.code]
    assert grid_successors(f"{ONE}099") == []


def test_codes_of_closed_grids_are_not_given_again(town: list[GridDraft]) -> None:
    west, east = grid_split(code=f"{ONE}002", parts=HALVES)
    whole = grid_merge(codes=[west.code, east.code])
    assert whole.code == f"{ONE}007"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([square(1, 1)], "至少要拆成两个"),
        ([square(1, 1, 0.5, 1), square(1.5, 1, 0.4, 1)], "范围不一致"),
        ([square(1, 1, 0.6, 1), square(1.5, 1, 0.5, 1)], "互相重叠"),
        ([square(1, 1, 0.5, 1), square(1.5, 1, 0.6, 1)], "范围不一致"),
        ([square(1, 1, 0.5, 1), Polygon()], "第2部分不是有效的面"),
        (
            [square(1, 1), Polygon([(111.29, 30.71), (111.3, 30.72), (111.3, 30.71), (111.29, 30.72)])],
            "第2部分",
        ),
    ],
)
def test_parts_must_be_the_whole(town: list[GridDraft], parts: list[Polygon], reason: str) -> None:
    number = map_number()
    with pytest.raises(MapError, match=reason):
        grid_split(code=f"{ONE}002", parts=[Part(part, 1) for part in parts])
    assert (map_number(), grids_in(ONE).count()) == (number, 4)


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ([f"{ONE}001"], "至少需要两个"),
        ([f"{ONE}001", f"{ONE}001"], "至少需要两个"),
        ([f"{ONE}001", f"{ONE}099"], "099 不存在或已停用"),
        ([f"{ONE}002", f"{OTHER}001"], "不在同一社区"),
        ([f"{ONE}001", f"{ONE}004"], "不相邻"),
    ],
)
def test_only_neighbours_of_one_community_are_merged(
    town: list[GridDraft], codes: list[str], reason: str
) -> None:
    with pytest.raises(MapError, match=reason):
        grid_merge(codes=codes)
    assert grids_in(ONE).count() == 4


def test_a_closed_grid_is_not_split_again(town: list[GridDraft]) -> None:
    grid_split(code=f"{ONE}002", parts=HALVES)
    with pytest.raises(MapError, match="002 不存在或已停用"):
        grid_split(code=f"{ONE}002", parts=HALVES)


def test_sequence_numbers_end_at_999(town: list[GridDraft]) -> None:
    Grid.objects.filter(code=f"{ONE}004").update(code=f"{ONE}998", uid="00000000-0000-4000-8000-000000000001")
    with pytest.raises(MapError, match="序号已用完"):
        grid_split(code=f"{ONE}002", parts=HALVES)
