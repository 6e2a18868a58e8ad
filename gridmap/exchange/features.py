"""Judging features one by one: values, codes, geometry."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import rounded
from gridmap.crs import arrays_to_4490
from gridmap.drafts import COMMUNITY_CODE_LENGTH, LONGEST_NAME, GridDraft
from gridmap.exchange.faults import Fault, FaultKind
from gridmap.exchange.form import KIND_WORDS
from gridmap.exchange.reading import Table

MOST_HOUSEHOLDS = 5000

_INVALID = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "环自相交",
    "Too few points in geometry component": "环的点数不足",
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环互相嵌套",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
    "Invalid Coordinate": "坐标不是有效数字",
}


@dataclass(slots=True)
class Feature:
    """One feature being judged; ``polygon`` is in EPSG:4490, None where it cannot be used."""

    number: int
    code: str
    community: str
    name: str
    kind: str
    households: int
    source: str
    polygon: Polygon | None
    faults: list[Fault] = field(default_factory=list)

    def blame(self, kind: FaultKind, reason: str) -> None:
        """Note a fault of this feature."""
        self.faults.append(Fault(kind, reason, self.number, self.code))

    def draft(self) -> GridDraft:
        """Give the grid that a feature without faults describes."""
        assert self.polygon is not None
        return GridDraft(self.code, self.name, self.kind, self.households, self.polygon, self.source)


def features_read(table: Table, source: str) -> list[Feature]:
    """Judge every feature by itself.

    Parameters
    ----------
    table : Table
        Its missing columns have been reported; they are not reported again feature by feature.
    source : str
        Source of grids where the file names none.
    """
    return [_feature(table, place, source) for place in range(len(table.shapes))]


def _feature(table: Table, place: int, source: str) -> Feature:
    values = {name: column[place] for name, column in table.columns.items()}
    feature = Feature(
        number=place + 1,
        code=_text(values.get("code")),
        community=_text(values.get("community")),
        name=_text(values.get("name")),
        kind=KIND_WORDS.get(_text(values.get("kind")), ""),
        households=0,
        source=_text(values.get("source"))[:LONGEST_NAME] or source[:LONGEST_NAME],
        polygon=None,
    )
    _judge_codes(feature, table.columns)
    if "name" in values and not 0 < len(feature.name) <= LONGEST_NAME:
        feature.blame(FaultKind.NAME, f"名称不能为空，也不能超过{LONGEST_NAME}字")
    if "kind" in values and not feature.kind:
        feature.blame(
            FaultKind.KIND, f"类型“{_text(values['kind'])}”不认识，应为 {'、'.join(KIND_WORDS)} 之一"
        )
    if "households" in values:
        feature.households = _households(feature, values["households"])
    feature.polygon = _polygon(feature, table.shapes[place], table.crs)
    return feature


def _judge_codes(feature: Feature, columns: Mapping[str, Any]) -> None:
    sound = bool(re.fullmatch(r"[0-9]{15}", feature.code)) and not feature.code.endswith("000")
    if "code" in columns and not sound:
        feature.blame(FaultKind.CODE, f"网格编码“{feature.code}”应为15位数字：社区12位加001至999的3位序号")
    if "community" not in columns:
        return
    if not re.fullmatch(r"[0-9]{12}", feature.community):
        feature.blame(FaultKind.COMMUNITY, f"社区编码“{feature.community}”应为12位数字")
    elif sound and feature.code[:COMMUNITY_CODE_LENGTH] != feature.community:
        feature.blame(FaultKind.MISMATCH, f"网格编码与所属社区 {feature.community} 不符")


def _text(value: Any) -> str:
    """Read a text; codes that a file keeps as numbers lose nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _households(feature: Feature, value: Any) -> int:
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > MOST_HOUSEHOLDS:
        feature.blame(FaultKind.HOUSEHOLDS, f"户数“{text}”应为0至{MOST_HOUSEHOLDS}的整数")
        return 0
    return int(text)


def _polygon(feature: Feature, wkb: bytes | None, crs: str) -> Polygon | None:
    if wkb is None:
        feature.blame(FaultKind.EMPTY, "没有图形，或图形无法读取")
        return None
    try:
        geometry: BaseGeometry = shapely.force_2d(shapely.from_wkb(wkb))
    except ShapelyError:
        feature.blame(FaultKind.GEOMETRY, "环无效：没有闭合，或点数不足")
        return None
    if geometry.is_empty:
        feature.blame(FaultKind.EMPTY, "图形是空的")
        return None
    if isinstance(geometry, MultiPolygon) and len(geometry.geoms) == 1:
        geometry = geometry.geoms[0]
    if not isinstance(geometry, Polygon):
        feature.blame(FaultKind.GEOMETRY, f"图形应为单个面，现为 {geometry.geom_type}")
        return None
    return _in_4490(feature, geometry, crs)


def _in_4490(feature: Feature, polygon: Polygon, crs: str) -> Polygon | None:
    if not crs or not _degrees(feature, polygon):
        return None
    stored: Polygon = rounded([shapely.transform(polygon, arrays_of(crs))])[0]
    if not stored.is_valid:
        reason, _, place = shapely.is_valid_reason(stored).partition("[")
        said = _INVALID.get(reason.strip(), reason.strip())
        where = f"，位置 {place.rstrip(']')}" if place else ""
        feature.blame(FaultKind.GEOMETRY, f"环无效：{said}{where}")
        return None
    return stored


def arrays_of(crs: str) -> Any:
    """Give the function that converts an array of coordinates from ``crs`` to EPSG:4490."""
    return lambda xy: np.column_stack(arrays_to_4490(xy[:, 0], xy[:, 1], crs))


def _degrees(feature: Feature, polygon: Polygon) -> bool:
    points = shapely.get_coordinates(polygon)
    if not np.isfinite(points).all():
        feature.blame(FaultKind.GEOMETRY, "环无效：坐标不是有效数字")
        return False
    if (np.abs(points) > (180, 90)).any():
        lon, lat = points[0]
        feature.blame(FaultKind.OUTSIDE, f"坐标 {lon:.3f}, {lat:.3f} 不是经纬度，可能是投影坐标或经纬度颠倒")
        return False
    return True
