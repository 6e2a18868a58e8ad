"""Opening a grid file: layer, encoding, coordinate system, columns; no judgement on single features."""

import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.errors
import pyogrio.raw
import pyproj
import pyproj.exceptions

from gridmap.crs import CRS_CODES
from gridmap.exchange.faults import Fault, FaultKind
from gridmap.exchange.form import CRS_MEMBER, EPSG, LAYER, OPTIONAL, REQUIRED, SIDECAR, FileForm, form_of


@dataclass(slots=True)
class Table:
    """A file's features as they are.

    ``columns`` hold one value a feature; ``shapes`` their WKB, None where there is none; ``crs`` is one of
    :data:`gridmap.crs.CRS_CODES`, "" where it cannot be told.
    """

    crs: str = ""
    columns: dict[str, list[Any]] = field(default_factory=dict)
    shapes: list[bytes | None] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def table_read(path: Path, crs: str = "", encoding: str = "") -> Table:
    """Read a file of grids.

    Parameters
    ----------
    path : Path
        ``.gpkg``, ``.shp``, ``.geojson`` or ``.json``.
    crs : str
        What the caller says the coordinates are, one of :data:`gridmap.crs.CRS_CODES`; "" to go by the file.
    encoding : str
        Of a Shapefile's text; "" to go by its ``.cpg`` file, else to try UTF-8 and then GBK.
    """
    table = Table()
    try:
        form = form_of(path)
        layer = _layer(path) if form is FileForm.GEOPACKAGE else None
        meta, shapes, fields = _raw(path, layer, encoding or _encoding(path, form))
    except (ValueError, OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        table.faults.append(Fault(FaultKind.FILE, _unreadable(path, error)))
        return table
    table.shapes = [None if shape is None else bytes(shape) for shape in shapes]
    columns = dict(zip(map(str, meta["fields"]), fields, strict=True))
    table.columns = {name: columns[name].tolist() for name in (*REQUIRED, *OPTIONAL) if name in columns}
    missing = [name for name in REQUIRED if name not in columns]
    if not table.shapes:
        table.faults.append(Fault(FaultKind.FILE, f"文件“{path.name}”里没有要素"))
    elif missing:
        table.faults.append(Fault(FaultKind.COLUMNS, f"缺少列：{'、'.join(missing)}"))
    table.crs = _crs(table, crs, _said(path, form, layer), meta["crs"])
    return table


def _unreadable(path: Path, error: Exception) -> str:
    if not path.exists():
        return f"文件“{path}”不存在"
    if isinstance(error, (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError)):
        return f"文件“{path.name}”读不出来：已损坏，或不是 GeoPackage、Shapefile、GeoJSON"
    return str(error)


def _raw(path: Path, layer: str | None, encoding: str | None) -> tuple[dict[str, Any], Any, list[Any]]:
    with warnings.catch_warnings():
        # Rings that are not closed are reported feature by feature, not as a warning of the library.
        warnings.simplefilter("ignore")
        meta, _, shapes, fields = pyogrio.raw.read(path, layer=layer, encoding=encoding)
    return meta, shapes, fields


def _layer(path: Path) -> str:
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if LAYER in names:
        return LAYER
    if len(names) != 1:
        raise ValueError(f"文件“{path.name}”应有名为 {LAYER} 的图层，现有 {'、'.join(names) or '空'}")
    return names[0]


def _encoding(path: Path, form: FileForm) -> str | None:
    """Tell a Shapefile's encoding; None leaves it to what the file itself says."""
    table = path.with_suffix(".dbf")
    if form is not FileForm.SHAPEFILE or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    content = table.read_bytes()
    records = content[int.from_bytes(content[8:10], "little") :]
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        return "GBK"
    return "UTF-8"


def _said(path: Path, form: FileForm, layer: str | None) -> str:
    """Read the coordinate system that this project's own exports note beside the EPSG number."""
    if form is FileForm.GEOPACKAGE:
        notes = pyogrio.read_info(path, layer=layer)["layer_metadata"] or {}
    else:
        source = path.with_name(path.stem + SIDECAR) if form is FileForm.SHAPEFILE else path
        if not source.exists():
            return ""
        try:
            notes = json.loads(source.read_text(encoding="utf-8-sig"))
        except ValueError:
            return ""
    return str(notes.get(CRS_MEMBER, "")) if isinstance(notes, dict) else ""


def _crs(table: Table, given: str, said: str, own: str | None) -> str:
    """Decide on the coordinate system; a contradiction or an unknown one becomes a fault and ""."""
    number = _epsg(own)
    if own and number not in EPSG.values():
        label = f"EPSG:{number}" if number else "没有 EPSG 编号的坐标系"
        table.faults.append(Fault(FaultKind.CRS, f"文件的坐标系是 {label}，应为 {'、'.join(CRS_CODES)} 之一"))
        return ""
    if given and said and "GCJ02" in {given, said} and given != said:
        table.faults.append(Fault(FaultKind.CRS, f"指定的坐标系 {given} 与文件注明的 {said} 不一致"))
        return ""
    found = given or said or next((code for code, epsg in EPSG.items() if epsg == number), "")
    if found not in CRS_CODES:
        reason = f"文件注明的坐标系“{found}”不认识" if found else "文件没有注明坐标系"
        table.faults.append(Fault(FaultKind.CRS, f"{reason}，请用 --crs 指定 {'、'.join(CRS_CODES)} 之一"))
        return ""
    return found


def _epsg(own: str | None) -> int | None:
    if not own:
        return None
    try:
        return pyproj.CRS.from_user_input(own).to_2d().to_epsg()
    except pyproj.exceptions.CRSError:
        return None
