"""The synthetic grids of the whole city, and a part of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest
import shapely
from shapely import Polygon

from gridmap.divisions import Community
from gridmap.drafts import GridDraft
from gridmap.numbering import reading_order
from gridmap.partition import DEFAULT_SEED, PartitionError, outlines_clean, partition

URBAN = {"420502", "420503", "420504", "420505"}


@pytest.fixture(scope="module")
def whole(communities: list[Community], outlines: Mapping[str, Polygon]) -> dict[str, GridDraft]:
    return {item.code: item for item in partition(communities, outlines, seed=DEFAULT_SEED)}


def grouped(drafts: Mapping[str, GridDraft], length: int) -> dict[str, list[GridDraft]]:
    found = defaultdict(list)
    for code in sorted(drafts):
        found[code[:length]].append(drafts[code])
    return found


def test_the_city_has_exactly_11000_grids_1421_of_them_in_the_urban_districts(
    whole: dict[str, GridDraft],
) -> None:
    urban = sum(code[:6] in URBAN for code in whole)
    assert (len(whole), urban, len(whole) - urban) == (11000, 1421, 9579)


def test_every_community_has_grids_numbered_from_one(
    whole: dict[str, GridDraft], communities: list[Community]
) -> None:
    members = grouped(whole, 12)
    assert set(members) == {community.code for community in communities}
    for drafts in members.values():
        assert [int(item.code[12:]) for item in drafts] == list(range(1, len(drafts) + 1))


def test_kinds_and_households(whole: dict[str, GridDraft]) -> None:
    bounds = {"urban": (260, 340), "rural": (30, 120), "special": (1, 100)}
    kinds = Counter(item.kind for item in whole.values())
    assert kinds["special"] == 113
    assert {item.kind for code, item in whole.items() if code[:6] in URBAN} == {"urban", "special"}
    assert {item.kind for code, item in whole.items() if code[:6] not in URBAN} == {"rural", "special"}
    for item in whole.values():
        assert bounds[item.kind][0] <= item.households <= bounds[item.kind][1]


def test_grids_neither_overlap_nor_leave_gaps(
    whole: dict[str, GridDraft], outlines: Mapping[str, Polygon]
) -> None:
    polygons = [item.polygon for item in whole.values()]
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    union = shapely.coverage_union_all(polygons)
    assert union.geom_type == "Polygon"
    assert not union.interiors
    city = shapely.union_all(list(outlines_clean(outlines).values()))
    assert union.symmetric_difference(city).area < 1e-6


@pytest.mark.parametrize("length", [12, 9, 6])
def test_every_division_is_one_area_and_each_level_is_a_coverage(
    whole: dict[str, GridDraft], length: int
) -> None:
    areas = [
        shapely.coverage_union_all([item.polygon for item in drafts])
        for drafts in grouped(whole, length).values()
    ]
    assert {area.geom_type for area in areas} == {"Polygon"}
    assert shapely.coverage_is_valid(areas)


def test_counties_keep_their_outlines(whole: dict[str, GridDraft], outlines: Mapping[str, Polygon]) -> None:
    clean = outlines_clean(outlines)
    for county, drafts in grouped(whole, 6).items():
        area = shapely.coverage_union_all([item.polygon for item in drafts])
        assert area.symmetric_difference(clean[county]).area < 1e-6


def test_numbers_run_like_a_page(whole: dict[str, GridDraft]) -> None:
    for drafts in grouped(whole, 12).values():
        assert reading_order([item.polygon for item in drafts]) == list(range(len(drafts)))


@pytest.mark.parametrize("only", ["420502001", "420526101", "420583101218"])
def test_a_part_is_identical_to_the_same_part_of_the_whole(
    whole: dict[str, GridDraft],
    communities: list[Community],
    outlines: Mapping[str, Polygon],
    only: str,
) -> None:
    part = partition(communities, outlines, seed=DEFAULT_SEED, only=only)
    assert [item.code for item in part] == sorted(code for code in whole if code.startswith(only))
    for item in part:
        assert item == whole[item.code]
        assert shapely.equals_identical(item.polygon, whole[item.code].polygon)


def test_another_seed_gives_other_grids(
    whole: dict[str, GridDraft], communities: list[Community], outlines: Mapping[str, Polygon]
) -> None:
    part = partition(communities, outlines, seed=DEFAULT_SEED + 1, only="420502001")
    assert shapely.coverage_is_valid([item.polygon for item in part])
    assert not any(item.code in whole and item.polygon.equals(whole[item.code].polygon) for item in part)


def test_polygons_say_that_they_are_synthetic(whole: dict[str, GridDraft]) -> None:
    assert {item.source for item in whole.values()} == {f"合成 seed={DEFAULT_SEED}"}


def test_a_prefix_without_community_is_refused(
    communities: list[Community], outlines: Mapping[str, Polygon]
) -> None:
    with pytest.raises(PartitionError, match="没有编码以 4299 开头的社区"):
        partition(communities, outlines, seed=1, only="4299")


def test_a_county_without_outline_is_refused(
    communities: list[Community], outlines: Mapping[str, Polygon]
) -> None:
    known = {code: outline for code, outline in outlines.items() if code != "420525"}
    with pytest.raises(PartitionError, match="缺少区县轮廓：420525"):
        partition(communities, known, seed=1, only="420505")


def test_outlines_with_small_overlaps_and_gaps_are_mended() -> None:
    rough = {
        "1": shapely.box(0, 0, 1.001, 1),
        "2": shapely.box(1, 0, 2, 0.999),
        "3": shapely.box(0, 1.001, 2, 2),
    }
    clean = outlines_clean(rough)
    assert shapely.coverage_is_valid(list(clean.values()), gap_width=0.001)
    assert sum(item.area for item in clean.values()) == pytest.approx(4, abs=0.01)


def test_an_outline_torn_in_two_is_refused() -> None:
    torn = {"1": shapely.box(0, 1, 3, 2), "2": shapely.box(1, 0, 2, 3)}
    with pytest.raises(PartitionError, match="无法修复"):
        outlines_clean(torn)
