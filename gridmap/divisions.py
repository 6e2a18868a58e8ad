"""The city's divisions (行政区划) as files: the list of communities and the counties' outlines.

Read without a database, so that partitioning and loading take the same facts.
"""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape

_COLUMNS = ("district_code", "district", "street_code", "street", "village_code", "village")
_SUFFIX = re.compile(r"(居民委员会|居委会|(?<=村)村民委员会|(?<=村)村委会|(?<=村)委会)$")


class DivisionFileError(ValueError):
    """A division file cannot be used; the message is Chinese and names file and place."""


@dataclass(frozen=True, slots=True)
class Community:
    """One community or village (社区、村) with the names of what it lies in.

    ``code`` is the 12-digit statistical code; town and county are its first 9 and 6 digits.
    """

    code: str
    name: str
    town: str
    county: str


def short_name(name: str) -> str:
    """Drop the committee from a community's name: 樵湖岭社区居民委员会 → 樵湖岭社区."""
    if name.endswith("村民委员会") and not name.endswith("村村民委员会"):
        return name.removesuffix("民委员会")
    return _SUFFIX.sub("", name)


def communities_read(path: Path) -> list[Community]:
    """Read the communities of a CSV file in UTF-8, sorted by code.

    Raises
    ------
    DivisionFileError
        Missing column, code of the wrong form, code given twice, empty name.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DivisionFileError(f"{path.name}：缺少列 {'、'.join(missing)}")
        found: dict[str, Community] = {}
        for line, row in enumerate(reader, start=2):
            community = _community(row, f"{path.name} 第{line}行")
            if community.code in found:
                raise DivisionFileError(f"{path.name} 第{line}行：社区编码 {community.code} 重复")
            found[community.code] = community
    return [found[code] for code in sorted(found)]


def _community(row: dict[str, str], where: str) -> Community:
    code, town, county = row["village_code"], row["street_code"], row["district_code"]
    if not re.fullmatch(r"[0-9]{12}", code or ""):
        raise DivisionFileError(f"{where}：社区编码“{code}”应为12位数字")
    if (code[:9], code[:6]) != (town, county):
        raise DivisionFileError(f"{where}：社区编码 {code} 与所属乡镇 {town}、区县 {county} 不符")
    if not (row["village"] and row["street"] and row["district"]):
        raise DivisionFileError(f"{where}：名称不能为空")
    return Community(code, row["village"], row["street"], row["district"])


def outlines_read(path: Path) -> dict[str, Polygon]:
    """Read the counties' outlines from a GeoJSON file: county code → polygon, degrees.

    Raises
    ------
    DivisionFileError
        Not GeoJSON, a feature without code, or not a polygon.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        features = [(item["properties"]["code"], shape(item["geometry"])) for item in document["features"]]
    except (json.JSONDecodeError, KeyError, TypeError, ShapelyError) as error:
        raise DivisionFileError(f"{path.name}：不是带 code 属性的 GeoJSON 要素集") from error
    found: dict[str, Polygon] = {}
    for number, (code, geometry) in enumerate(features, start=1):
        if not isinstance(geometry, Polygon) or geometry.is_empty:
            raise DivisionFileError(f"{path.name} 第{number}个要素（{code}）：应为单个面")
        if code in found:
            raise DivisionFileError(f"{path.name} 第{number}个要素：编码 {code} 重复")
        found[code] = geometry
    return dict(sorted(found.items()))
