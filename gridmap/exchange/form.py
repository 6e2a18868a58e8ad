"""What a grid file looks like: formats, columns, coordinate systems."""

from enum import StrEnum
from pathlib import Path

from gridmap.models import GridKind

LAYER = "grids"
"""Layer that grids have in a GeoPackage."""

REQUIRED = ("code", "name", "kind", "community", "households")
"""Columns that an import needs; all names are short enough for a Shapefile (10 bytes)."""

OPTIONAL = ("source",)

CRS_MEMBER = "crs_code"
NOTE_MEMBER = "note"
SIDECAR = ".note.json"
"""A Shapefile's ``<stem>.note.json`` holds what GeoJSON members and GeoPackage metadata hold."""

EPSG = {"4490": 4490, "4326": 4326}
"""GCJ-02 has no EPSG number; a file says it by :data:`CRS_MEMBER`."""

KIND_WORDS = {kind.value: kind.value for kind in GridKind} | {kind.label: kind.value for kind in GridKind}
"""How a file may write a grid's kind → kind."""


class FileForm(StrEnum):
    """Formats by their names for people."""

    GEOPACKAGE = "gpkg"
    SHAPEFILE = "shp"
    GEOJSON = "geojson"


SUFFIXES = {
    ".gpkg": FileForm.GEOPACKAGE,
    ".shp": FileForm.SHAPEFILE,
    ".geojson": FileForm.GEOJSON,
    ".json": FileForm.GEOJSON,
}


def form_of(path: Path) -> FileForm:
    """Tell a file's format by its suffix.

    Raises
    ------
    ValueError
        In Chinese: another suffix.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise ValueError(f"文件“{path.name}”的格式不认识，应为 {'、'.join(SUFFIXES)} 之一")
    return form
