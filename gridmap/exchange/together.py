"""Judging features together and against what is stored: codes, place, overlaps, gaps."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import wide
from gridmap.crs import from_4490
from gridmap.drafts import polygon_from_wkb
from gridmap.exchange.faults import Fault, FaultKind
from gridmap.exchange.features import Feature
from gridmap.measure import areas_m2
from gridmap.models import Division, Grid, Level

MARGIN = 0.05
"""Degrees that a grid may reach beyond the city's outline, which may be rough."""

CHINA = shapely.box(73.0, 3.0, 136.0, 54.0)

NAMED = 6
"""How many neighbours of a gap a line names; the report file names all."""

_NEAR_SHIFT = 0.0008
"""Degrees within which grids moved alike are taken to be moved by GCJ-02."""


class Stored:
    """What the database holds of the communities concerned and around them."""

    def __init__(self, features: Sequence[Feature]) -> None:
        communities = {feature.code[:12] for feature in features}
        self.communities = set(Division.objects.filter(level=Level.COMMUNITY).values_list("code", flat=True))
        self.closed = set(
            Grid.objects.filter(valid_to__isnull=False, community_id__in=communities).values_list(
                "code", flat=True
            )
        )
        current = Grid.objects.filter(valid_to=None).values_list("code", "polygon")
        self.polygons = {code: polygon_from_wkb(wkb) for code, wkb in current}
        self.old = {code: polygon for code, polygon in self.polygons.items() if code[:12] in communities}
        self.others = {
            code: polygon for code, polygon in self.polygons.items() if code[:12] not in communities
        }
        outlines = Division.objects.filter(level=Level.CITY, outline__isnull=False)
        whole = [polygon_from_wkb(wkb) for wkb in outlines.values_list("outline", flat=True) if wkb]
        self.area: BaseGeometry = shapely.union_all(whole).buffer(MARGIN) if whole else CHINA


def together_judge(features: Sequence[Feature], stored: Stored) -> list[Fault]:
    """Add faults to features for what only shows beside others; give those of the space between."""
    _judge_doubles(features)
    for feature in features:
        _judge_place(feature, stored)
    sound = {feature.number: feature for feature in features if feature.polygon is not None}
    faults = _shift(features, stored)
    faults += _overlaps(list(sound.values()), stored.others)
    if len(sound) == len(features):
        faults += _gaps(list(sound.values()), stored)
    return faults


def _judge_doubles(features: Sequence[Feature]) -> None:
    first: dict[str, int] = {}
    for feature in features:
        if feature.code and feature.code in first:
            feature.blame(FaultKind.DUPLICATE, f"网格编码与第{first[feature.code]}个要素重复")
        first.setdefault(feature.code, feature.number)


def _judge_place(feature: Feature, stored: Stored) -> None:
    if feature.code in stored.closed:
        feature.blame(FaultKind.CLOSED, "网格编码已停用，不能再用")
    known = any(fault.kind in {FaultKind.CODE, FaultKind.MISMATCH} for fault in feature.faults)
    if feature.code and not known and feature.code[:12] not in stored.communities:
        feature.blame(FaultKind.COMMUNITY, f"社区 {feature.code[:12]} 不在区划表里")
    polygon = feature.polygon
    if polygon is not None and not stored.area.covers(polygon):
        x, y = polygon.centroid.coords[0]
        swapped = shapely.transform(polygon, lambda xy: xy[:, ::-1])
        hint = "，经纬度可能颠倒" if stored.area.covers(swapped) else ""
        feature.blame(FaultKind.OUTSIDE, f"坐标 {x:.5f}, {y:.5f} 在本市范围之外{hint}")
        feature.polygon = None


def _shift(features: Iterable[Feature], stored: Stored) -> list[Fault]:
    """Notice that grids already known lie as far off as GCJ-02 would put them."""
    moves = []
    for feature in features:
        if feature.polygon is not None and feature.code in stored.old:
            new, old = feature.polygon.centroid, stored.old[feature.code].centroid
            east, north = from_4490(old.x, old.y, "GCJ02")
            moves.append((new.x - old.x, new.y - old.y, east - old.x, north - old.y))
    if not moves:
        return []
    x, y, east, north = np.median(np.array(moves), axis=0)
    for sign, reason in ((1, "坐标疑似 GCJ-02，请用 --crs GCJ02"), (-1, "坐标疑似并非 GCJ-02，请核对 --crs")):
        if abs(x - sign * east) < _NEAR_SHIFT and abs(y - sign * north) < _NEAR_SHIFT:
            return [Fault(FaultKind.CRS, f"{reason}：与库中同编码网格整体相差 {x:+.4f}°, {y:+.4f}°")]
    return []


def _overlaps(features: Sequence[Feature], others: Mapping[str, Polygon]) -> list[Fault]:
    """Find overlaps among the features and with the grids around that stay."""
    names = [feature.code or f"（第{feature.number}个要素）" for feature in features] + list(others)
    polygons = np.array([feature.polygon for feature in features] + list(others.values()), dtype=object)
    if not len(polygons):
        return []
    left, right = shapely.STRtree(polygons).query(polygons[: len(features)], predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.intersection(polygons[left], polygons[right])
    areas = areas_m2(shared)
    faults = []
    for place in np.flatnonzero(wide(shared)):
        one, other = features[left[place]], names[right[place]]
        whose = "" if right[place] < len(features) else "库中"
        at = _place(shared[place])
        reason = f"与{whose}网格 {other} 重叠 {areas[place]:.1f} 平方米，位置 {at[0]:.6f}, {at[1]:.6f}"
        faults.append(
            Fault(FaultKind.OVERLAP, reason, one.number, one.code, (other,), round(areas[place], 1), at)
        )
    return faults


def _gaps(features: Sequence[Feature], stored: Stored) -> list[Fault]:
    """Find what the communities' former grids covered and no grid does now, and holes beside new grids."""
    new = [feature.polygon for feature in features if feature.polygon is not None]
    polygons = np.array(new + list(stored.others.values()), dtype=object)
    codes = [feature.code for feature in features] + list(stored.others)
    whole = shapely.union_all(polygons)
    lost = shapely.union_all(list(stored.old.values())).difference(whole)
    holes = [Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    gaps = shapely.get_parts(shapely.union_all([lost, *holes]))
    tree = shapely.STRtree(polygons)
    smallest = min(areas_m2(new), default=0.0)
    faults = []
    for gap, area in zip(gaps[wide(gaps)], areas_m2(gaps[wide(gaps)]).tolist(), strict=True):
        near = tree.query(gap, predicate="intersects")
        around = tuple(sorted({codes[place] for place in near}))
        was_covered = bool(wide([gap.intersection(lost)])[0])
        if not was_covered and (
            near.min(initial=len(new)) >= len(new)
            or (area >= smallest and _unfinished(around, codes, stored))
        ):
            continue
        at = _place(gap)
        reason = f"缺口 {area:.1f} 平方米，位置 {at[0]:.6f}, {at[1]:.6f}，周边网格 {_some(around)}"
        faults.append(Fault(FaultKind.GAP, reason, others=around, area_m2=round(area, 1), at=at))
    return faults


def _unfinished(around: Iterable[str], codes: Iterable[str], stored: Stored) -> bool:
    """Tell whether some community of the towns around has no grid yet, so that a hole may be its place."""
    towns = {code[:9] for code in around}
    drawn = {code[:12] for code in codes}
    return any(code[:9] in towns and code not in drawn for code in stored.communities)


def _some(codes: Sequence[str]) -> str:
    more = f" 等{len(codes)}个" if len(codes) > NAMED else ""
    return "、".join(codes[:NAMED]) + more


def _place(geometry: BaseGeometry) -> tuple[float, float]:
    point = geometry.point_on_surface()
    return round(point.x, 7), round(point.y, 7)
