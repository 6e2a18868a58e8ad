"""Splitting one grid and merging several; the new grids get new codes of the same community."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import shapely
from django.db import transaction
from django.utils import timezone
from shapely import Polygon

from gridmap.coverage import rounded, wide
from gridmap.drafts import (
    COMMUNITY_CODE_LENGTH,
    LONGEST_NAME,
    GridDraft,
    polygon_from_wkb,
    polygon_to_wkb,
)
from gridmap.models import Grid, SuccessionCause
from gridmap.selectors import code_range
from gridmap.services.alignment import MapError, aligned
from gridmap.services.grids import (
    days_check,
    grid_row,
    grids_close,
    rows_write,
    succession_keep,
    vertices_add,
)
from gridmap.services.stamp import stamp_next

LAST_SEQUENCE = 999


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a grid to be split; without name or kind it takes these from the whole."""

    polygon: Polygon
    households: int
    name: str = ""
    kind: str = ""


@transaction.atomic
def grid_split(*, code: str, parts: Sequence[Part], day: date | None = None) -> list[Grid]:
    """Split a current grid into parts that together are exactly its area; give the new grids.

    The grid is closed from ``day`` (today by default) and stays readable; the parts get the next free
    sequence numbers of the community, in the order given.

    Raises
    ------
    MapError
        Unknown or closed grid, fewer than two parts, a part that is no valid polygon, or parts
        that overlap or do not make up the grid. Nothing is written.
    """
    number = stamp_next()
    (old,) = _current([code])
    polygons = list(rounded([part.polygon for part in parts]))
    _parts_check(old, polygons)
    drafts = [
        GridDraft(
            code=new,
            name=part.name or _name_of_part(old.name, place),
            kind=part.kind or old.kind,
            households=part.households,
            polygon=polygon,
            source=old.source,
        )
        for place, (new, part, polygon) in enumerate(
            zip(_free_codes(old.community_id, len(parts)), parts, polygons, strict=True), start=1
        )
    ]
    return _take_over([old], drafts, day or timezone.localdate(), number, SuccessionCause.SPLIT)


@transaction.atomic
def grid_merge(*, codes: Sequence[str], name: str = "", day: date | None = None) -> Grid:
    """Merge current grids of one community that hang together; give the new grid.

    The grids are closed from ``day`` (today by default) and stay readable. Households are added up; name
    and kind are those of the first unless a name is given.

    Raises
    ------
    MapError
        Unknown or closed grid, fewer than two, several communities, grids apart, or a name that is none.
        Nothing is written.
    """
    number = stamp_next()
    _name_check(name)
    if len(set(codes)) < 2:
        raise MapError("合并至少需要两个不同的网格")
    old = _current(codes)
    if len({grid.community_id for grid in old}) > 1:
        raise MapError(f"网格 {'、'.join(codes)} 不在同一社区，不能合并")
    whole = shapely.coverage_union_all([polygon_from_wkb(grid.polygon) for grid in old])
    if not isinstance(whole, Polygon):
        raise MapError(f"网格 {'、'.join(codes)} 不相邻，不能合并")
    (code,) = _free_codes(old[0].community_id, 1)
    households = sum(grid.households for grid in old)
    draft = GridDraft(code, name or old[0].name, old[0].kind, households, whole, old[0].source)
    return _take_over(old, [draft], day or timezone.localdate(), number, SuccessionCause.MERGE)[0]


def _name_of_part(whole: str, place: int) -> str:
    """Name a part after the whole, whose name gives way where the two are longer than a name may be."""
    end = f"之{place}"
    return whole[: LONGEST_NAME - len(end)] + end


def _name_check(name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise MapError(f"网格名称最多{LONGEST_NAME}字，这里有{len(name)}字")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise MapError("网格名称含有不可见的控制字符")


def _current(codes: Sequence[str]) -> list[Grid]:
    found = Grid.objects.filter(valid_to=None).in_bulk(list(codes))
    missing = [code for code in codes if code not in found]
    if missing:
        raise MapError(f"网格 {'、'.join(missing)} 不存在或已停用")
    return [found[code] for code in codes]


def _parts_check(old: Grid, polygons: Sequence[Polygon]) -> None:
    if len(polygons) < 2:
        raise MapError(f"网格 {old.code} 至少要拆成两个")
    for place, polygon in enumerate(polygons, start=1):
        if not isinstance(polygon, Polygon) or polygon.is_empty or not polygon.is_valid:
            raise MapError(f"拆分 {old.code} 的第{place}部分不是有效的面")
    whole = polygon_from_wkb(old.polygon)
    if wide([shapely.union_all(polygons).symmetric_difference(whole)]).any():
        raise MapError(f"各部分合起来与网格 {old.code} 的范围不一致")
    if wide([left.intersection(right) for left, right in combinations(polygons, 2)]).any():
        raise MapError(f"拆分 {old.code} 的各部分互相重叠")


def _free_codes(community: str, count: int) -> list[str]:
    last = (
        Grid.objects.filter(code__range=code_range(community))
        .order_by("-code")
        .values_list("code", flat=True)
    )
    sequence = int((last.first() or f"{community}000")[COMMUNITY_CODE_LENGTH:])
    if sequence + count > LAST_SEQUENCE:
        raise MapError(f"社区 {community} 的网格序号已用完")
    return [f"{community}{sequence + place:03d}" for place in range(1, count + 1)]


def _take_over(
    old: Sequence[Grid], drafts: Sequence[GridDraft], day: date, number: int, cause: SuccessionCause
) -> list[Grid]:
    days_check(old, day)
    leaving = [grid.code for grid in old]
    fitted, touched = aligned({draft.code: draft.polygon for draft in drafts}, leaving)
    rows = [grid_row(draft, day, number) for draft in drafts]
    for row in rows:
        row.polygon = polygon_to_wkb(fitted[row.code])
    grids_close(leaving, day, number)
    rows_write(rows)
    vertices_add(touched, number)
    succession_keep([(code, row.code) for code in leaving for row in rows], day, cause)
    return rows
