"""Boundaries for the map page (边界图层): simplified, kept compressed until the map changes."""

import gzip
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from shapely.geometry import shape

from governance.access.scope import Scope
from governance.records.registry.areas import overlaps
from gridmap.divisions import short_name
from gridmap.layers import map_layer
from gridmap.models import MapStamp

TOLERANCES = {"county": 250.0, "town": 100.0, "community": 30.0, "grid": 6.0}
"""Level → metres below which features are smoothed away."""

PREFIXES = {"county": 0, "town": 0, "community": 6, "grid": 9}
"""Level → digits of the prefix that one request asks for."""

_DIGITS = 6


def layer(level: str, prefix: str, scope: Scope) -> tuple[bytes, str]:
    """Give a layer as gzip-compressed GeoJSON, and its ETag.

    Parameters
    ----------
    level : str
        A key of :data:`TOLERANCES`.
    prefix : str
        Digits that all codes begin with, as many as :data:`PREFIXES` says.
    scope : Scope
        Only areas that overlap it are given.
    """
    token = MapStamp.objects.values_list("token", flat=True).filter(pk=1).first()
    whole = scope.covers_prefix(prefix) if prefix else scope.unbounded
    body = _kept(str(token), level, prefix)
    if not whole:
        body = _within(body, scope)
    mark = f"{token}{level}{prefix}" + ("" if whole else repr((sorted(scope.grids), scope.prefixes)))
    return body, f'"{hashlib.sha256(mark.encode()).hexdigest()[:24]}"'


def _within(body: bytes, scope: Scope) -> bytes:
    drawn = json.loads(gzip.decompress(body))
    drawn["features"] = [one for one in drawn["features"] if overlaps(scope, one["properties"]["code"])]
    return _packed(drawn)


def _packed(drawn: dict[str, Any]) -> bytes:
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), 6, mtime=0)


def _kept(token: str, level: str, prefix: str) -> bytes:
    folder = settings.VAR / "map-layers"
    path = folder / f"{token}-{level}-{prefix or 'city'}.json.gz"
    if path.exists():
        return path.read_bytes()
    body = _packed(_drawn(level, prefix))
    folder.mkdir(exist_ok=True)
    _forget(folder, token)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    Path(name).replace(path)
    return body


def _forget(folder: Path, token: str) -> None:
    for old in folder.glob("*.json.gz"):
        if not old.name.startswith(token):
            old.unlink(missing_ok=True)


def _drawn(level: str, prefix: str) -> dict[str, Any]:
    """Draw a layer; every feature learns where its name stands and what box it fills."""
    drawn = map_layer(prefix, TOLERANCES[level], level)
    for feature in drawn["features"]:
        outline = shape(feature["geometry"])
        point = outline.representative_point()
        west, south, east, north = outline.bounds
        feature["properties"] |= {
            "name": short_name(feature["properties"]["name"]),
            "label": [round(point.x, _DIGITS), round(point.y, _DIGITS)],
            "box": [round(value, _DIGITS) for value in (west, south, east, north)],
        }
    return drawn
