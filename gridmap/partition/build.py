"""From outlines and codes to numbered grids, checked at every level."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
import shapely
from shapely import Polygon

from gridmap.coverage import borders, cleaned, dissolved, is_coverage
from gridmap.divisions import Community, short_name
from gridmap.drafts import SYNTHETIC, GridDraft
from gridmap.numbering import reading_order
from gridmap.partition.cells import county_cells, county_sites
from gridmap.partition.grouping import GroupingError, Neighbours, group
from gridmap.partition.quota import character, grid_quotas, special_places

OUTLINE_GAP = 0.03
"""Gaps between rough outlines up to this width (degrees) are closed before the partition."""

OUTLINE_REACH = 0.002
"""Vertices of rough outlines that are this near (degrees) are taken to be one."""

Say = Callable[[str], None]


class PartitionError(ValueError):
    """The outlines cannot be divided so; the message is Chinese."""


def partition(
    communities: Sequence[Community],
    outlines: Mapping[str, Polygon],
    *,
    seed: int,
    only: str = "",
    say: Say = lambda _: None,
) -> list[GridDraft]:
    """Divide the outlines into the city's grids; see the package's docstring.

    Parameters
    ----------
    communities : sequence of Community
        All of the city's, even where only some are wanted: the totals are exact over all.
    outlines : mapping
        County code → rough outline, degrees.
    seed : int
        The same seed gives the same polygons.
    only : str
        Prefix of the codes wanted, at least one whole division; the same grids as in the whole.
    say : callable
        Told about each step, in Chinese.

    Raises
    ------
    PartitionError
        No community with that prefix, a county without outline, or a result that is no coverage.
    """
    wanted = [community for community in communities if community.code.startswith(only)]
    if not wanted:
        raise PartitionError(f"没有编码以 {only} 开头的社区")
    quotas = grid_quotas(communities, seed)
    clean = outlines_clean(outlines)
    missing = sorted({code[:6] for code in quotas} - clean.keys())
    if missing:
        raise PartitionError(f"缺少区县轮廓：{'、'.join(missing)}")
    say("各区县轮廓已检查")
    inside = {community.code[:6] for community in wanted}
    cells = _cells(clean, quotas, inside, seed)
    say(f"已划分 {len(cells)} 个区县")
    members: dict[str, list[Polygon]] = {}
    for county in sorted(inside):
        members |= _communities(cells[county], county, quotas)
        say(f"{county} 已归并为社区")
    special = special_places(quotas, seed)
    drafts = [
        draft
        for item in wanted
        for draft in _numbered(item, members[item.code], special.get(item.code), seed)
    ]
    _check(drafts, clean, whole=not only)
    say(f"各级面集无缝无叠，共 {len(drafts)} 个网格")
    return drafts


def outlines_clean(outlines: Mapping[str, Polygon]) -> dict[str, Polygon]:
    """Make the outlines a coverage without gaps; code → polygon, in the order of codes."""
    codes = sorted(outlines)
    polygons = cleaned([outlines[code] for code in codes], OUTLINE_GAP, OUTLINE_REACH)
    broken = [code for code, item in zip(codes, polygons, strict=True) if not isinstance(item, Polygon)]
    if broken or not is_coverage(list(polygons)):
        raise PartitionError(f"区县轮廓重叠或断开，无法修复：{'、'.join(broken or codes)}")
    return dict(zip(codes, polygons, strict=True))


def _cells(
    outlines: Mapping[str, Polygon], quotas: Mapping[str, int], inside: Iterable[str], seed: int
) -> dict[str, list[Polygon]]:
    """Cut the counties wanted, with those beside them whose cells end on the common border."""
    core = shapely.union_all([outlines[code] for code in inside])
    beside = {code: outline for code, outline in outlines.items() if outline.intersects(core)}
    counts: dict[str, int] = defaultdict(int)
    for code, count in quotas.items():
        counts[code[:6]] += count
    sites = {
        code: county_sites(code, outline, max(counts[code], 1), seed) for code, outline in beside.items()
    }
    return county_cells(beside, sites)


def _communities(
    cells: Sequence[Polygon], county: str, quotas: Mapping[str, int]
) -> dict[str, list[Polygon]]:
    """Group a county's cells into towns and these into communities."""
    neighbours = _neighbours(cells)
    codes = sorted(code for code in quotas if code.startswith(county))
    towns = {town: list(inner) for town, inner in groupby(codes, key=lambda code: code[:9])}
    sizes = [(town, sum(quotas[code] for code in inner)) for town, inner in towns.items()]
    try:
        places = group(neighbours, range(len(cells)), sizes)
        members = {
            code: chosen
            for town, inner in towns.items()
            for code, chosen in group(neighbours, places[town], [(c, quotas[c]) for c in inner]).items()
        }
    except GroupingError as error:
        raise PartitionError(f"{county}：{error}，请换一个 --seed") from error
    return {code: [cells[place] for place in chosen] for code, chosen in members.items()}


def _neighbours(cells: Sequence[Polygon]) -> Neighbours:
    middles = shapely.get_coordinates(shapely.centroid(np.asarray(cells, dtype=object)))
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for left, right in borders(cells):
        step = float(np.hypot(*(middles[left] - middles[right])))
        found[left][right] = found[right][left] = step
    return found


def _numbered(
    community: Community, polygons: Sequence[Polygon], special: int | None, seed: int
) -> Iterable[GridDraft]:
    """Number a community's grids; ``special`` is the place from 0 of its special grid, if it has one."""
    for place, chosen in enumerate(reading_order(polygons)):
        code = f"{community.code}{place + 1:03d}"
        what = character(code, seed, special=place == special)
        name = f"{short_name(community.name)}第{place + 1}网格" + (f"（{what.use}专属）" if what.use else "")
        yield GridDraft(code, name, what.kind, what.households, polygons[chosen], f"{SYNTHETIC} seed={seed}")


def _check(drafts: Sequence[GridDraft], outlines: Mapping[str, Polygon], *, whole: bool) -> None:
    """Check grids, communities, towns and counties; for the whole also that nothing is left over."""
    polygons = [draft.polygon for draft in drafts]
    if not shapely.is_valid(np.asarray(polygons, dtype=object)).all() or not is_coverage(polygons):
        raise PartitionError("网格有缝隙或重叠，请换一个 --seed")
    for length, label in ((12, "社区"), (9, "乡镇街道"), (6, "区县")):
        members: dict[str, list[Polygon]] = defaultdict(list)
        for draft in drafts:
            members[draft.code[:length]].append(draft.polygon)
        areas = dissolved(members)
        broken = [code for code, area in areas.items() if not isinstance(area, Polygon)]
        if broken and length > 6:
            raise PartitionError(f"{label} {broken[0]} 不连片，请换一个 --seed")
        if not is_coverage(list(areas.values())):
            raise PartitionError(f"{label}有缝隙或重叠，请换一个 --seed")
    if whole and shapely.area(list(outlines.values())).sum() - shapely.area(polygons).sum() > 1e-6:
        raise PartitionError("网格没有铺满全市，请换一个 --seed")
