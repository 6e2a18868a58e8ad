"""Exporting grids."""

import json
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from shutil import move

import geopandas
import numpy as np
import pyogrio
import shapely

from gridmap.crs import arrays_from_4490
from gridmap.drafts import SYNTHETIC, GridDraft, polygon_from_wkb
from gridmap.exchange.form import CRS_MEMBER, EPSG, LAYER, NOTE_MEMBER, SIDECAR, FileForm
from gridmap.measure import areas_m2
from gridmap.selectors import grids_in

SYNTHETIC_NOTE = "图形为合成数据，仅供测试和演示，不是实测界线。Synthetic polygons, not surveyed boundaries."
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".shp.xml")
"""A Shapefile's files: none of a former export may stay beside a new one."""

CRS_NOTES = {
    "4490": "CGCS2000, EPSG:4490",
    "4326": "WGS-84, EPSG:4326",
    "GCJ02": "GCJ-02, no EPSG number",
}


def drafts_stored(prefix: str) -> list[GridDraft]:
    """Read the current grids below a division as drafts, ready to be written to a file."""
    rows = grids_in(prefix).values_list("code", "name", "kind", "households", "polygon", "source")
    return [
        GridDraft(code, name, kind, households, polygon_from_wkb(wkb), source)
        for code, name, kind, households, wkb, source in rows
    ]


def grids_write(drafts: Sequence[GridDraft], path: Path, form: FileForm, crs: str, encoding: str) -> None:
    """Write grids to a file; an existing one is replaced when the new one is whole.

    Parameters
    ----------
    drafts : sequence of GridDraft
        At least one.
    path : Path
        Where to; a Shapefile's other files are put beside it.
    form : FileForm
        Format.
    crs : str
        One of :data:`gridmap.crs.CRS_CODES`.
    encoding : str
        Of a Shapefile's text, UTF-8 or GBK; the others are always UTF-8.
    """
    frame = _frame(drafts, crs)
    notes = {CRS_MEMBER: crs, NOTE_MEMBER: _note(drafts, crs)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / path.name
        if form is FileForm.GEOJSON:
            _write_geojson(frame, new, notes)
        else:
            _write_ogr(frame, new, form, notes, encoding)
        for suffix in _PARTS if form is FileForm.SHAPEFILE else ():
            path.with_suffix(suffix).unlink(missing_ok=True)
        for part in Path(folder).iterdir():
            move(part, path.parent / part.name)


def _note(drafts: Sequence[GridDraft], crs: str) -> str:
    made_up = any(draft.source.startswith(SYNTHETIC) for draft in drafts)
    return f"{CRS_NOTES[crs]}. {SYNTHETIC_NOTE if made_up else ''}".strip()


def _frame(drafts: Sequence[GridDraft], crs: str) -> geopandas.GeoDataFrame:
    polygons = np.array([draft.polygon for draft in drafts], dtype=object)
    columns = {
        "code": [draft.code for draft in drafts],
        "name": [draft.name for draft in drafts],
        "kind": [draft.kind for draft in drafts],
        "community": [draft.community for draft in drafts],
        "households": [draft.households for draft in drafts],
        "area_m2": areas_m2(polygons).round(1),
        "source": [draft.source for draft in drafts],
    }
    shifted = shapely.transform(
        polygons, lambda xy: np.column_stack(arrays_from_4490(xy[:, 0], xy[:, 1], crs))
    )
    turned = shapely.orient_polygons(shifted)
    return geopandas.GeoDataFrame(columns, geometry=turned, crs=EPSG.get(crs))


def _write_geojson(frame: geopandas.GeoDataFrame, path: Path, notes: dict[str, str]) -> None:
    """Write RFC 7946 GeoJSON; its coordinates count as WGS-84 unless the member ``crs_code`` says GCJ02."""
    document = {"type": "FeatureCollection", "name": LAYER, **notes}
    document["features"] = frame.to_geo_dict(drop_id=True)["features"]
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _write_ogr(
    frame: geopandas.GeoDataFrame, path: Path, form: FileForm, notes: dict[str, str], encoding: str
) -> None:
    packed = form is FileForm.GEOPACKAGE
    with warnings.catch_warnings():
        # GCJ-02 has no EPSG number: that the file goes without one is noted in its metadata.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            frame,
            path,
            driver="GPKG" if packed else "ESRI Shapefile",
            layer=LAYER if packed else None,
            encoding="UTF-8" if packed else encoding,
            layer_metadata=notes if packed else None,
        )
    if not packed:
        sidecar = path.with_name(path.stem + SIDECAR)
        sidecar.write_text(json.dumps(notes, ensure_ascii=False), encoding="utf-8")
