"""Boundaries for the map page: dissolved to a level and simplified together, so that no gaps open."""

from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from gridmap.coverage import dissolved
from gridmap.drafts import GRID_CODE_LENGTH, polygon_from_wkb
from gridmap.measure import METRES_PER_DEGREE
from gridmap.models import Division, GridKind
from gridmap.selectors import JsonObject, geometry_json, grids_in

LEVEL_LENGTHS = {"county": 6, "town": 9, "community": 12, "grid": GRID_CODE_LENGTH}
"""Levels a layer may show → digits of their codes."""


def map_layer(prefix: str, tolerance: float, level: str = "grid") -> JsonObject:
    """Draw the current grids below ``prefix``, or the divisions that they make up.

    Parameters
    ----------
    prefix : str
        Code of a division or grid, "" for all.
    tolerance : float
        Metres; features of about that size are smoothed away. 0 keeps every vertex.
    level : str
        A key of :data:`LEVEL_LENGTHS`.

    Returns
    -------
    dict
        GeoJSON FeatureCollection in EPSG:4490; properties ``code``, ``name``, ``households``, ``grids`` (how
        many), and ``kind`` for grids.
    """
    rows = list(grids_in(prefix).values_list("code", "name", "kind", "households", "polygon"))
    length = LEVEL_LENGTHS[level]
    shapes: dict[str, list[Polygon]] = defaultdict(list)
    facts: dict[str, dict[str, Any]] = {}
    for code, name, kind, households, wkb in rows:
        key = code[:length]
        shapes[key].append(polygon_from_wkb(wkb))
        fact = facts.setdefault(key, {"code": key, "name": name, "households": 0, "grids": 0})
        fact["households"] += households
        fact["grids"] += 1
        if level == "grid":
            fact |= {"kind": kind, "kind_label": GridKind(kind).label}
    if level != "grid":
        for code, name in Division.objects.filter(code__in=facts).values_list("code", "name"):
            facts[code]["name"] = name
    outlines = _simplified(shapes, tolerance)
    features = [
        {"type": "Feature", "id": key, "properties": facts[key], "geometry": geometry_json(outlines[key])}
        for key in facts
    ]
    return {"type": "FeatureCollection", "features": features}


def _simplified(shapes: dict[str, list[Polygon]], tolerance: float) -> dict[str, Polygon]:
    whole = dissolved(shapes)
    if not whole or tolerance <= 0:
        return whole
    simple = shapely.coverage_simplify(
        np.array(list(whole.values()), dtype=object), tolerance / METRES_PER_DEGREE
    )
    return dict(zip(whole, simple, strict=True))
