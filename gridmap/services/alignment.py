"""Fitting new polygons and the stored ones beside them together, vertex by vertex."""

from collections.abc import Collection, Mapping

import numpy as np
import shapely
from django.db.models import Q
from shapely import Polygon

from gridmap.coverage import NARROW, cleaned, is_coverage
from gridmap.drafts import polygon_from_wkb
from gridmap.models import Grid


class MapError(ValueError):
    """The map cannot be changed so; the message is Chinese and names the grids."""


def aligned(
    new: Mapping[str, Polygon], leaving: Collection[str]
) -> tuple[dict[str, Polygon], dict[str, Polygon]]:
    """Fit new polygons to each other and to the current grids around them.

    Parameters
    ----------
    new : mapping
        Grid code → polygon.
    leaving : collection of str
        Codes of current grids that the new ones replace.

    Returns
    -------
    tuple
        The new polygons, and the polygons around that got vertices of the new ones; both by code.

    Raises
    ------
    MapError
        Polygons overlap.
    """
    around = _around(new, leaving)
    codes = [*new, *around]
    before = [*new.values(), *around.values()]
    if is_coverage(before):
        return dict(new), {}
    after = cleaned(before, NARROW, NARROW)
    moved = shapely.hausdorff_distance(np.asarray(before, dtype=object), after)
    bad = [code for code, distance in zip(codes, moved, strict=True) if not distance <= 2 * NARROW]
    if bad or not is_coverage(list(after)):
        raise MapError(f"网格范围重叠或对不齐：{'、'.join(bad[:5] or codes[:5])}")
    fitted = dict(zip(codes, after, strict=True))
    touched = {
        code: fitted[code] for code, polygon in around.items() if not _same_vertices(polygon, fitted[code])
    }
    return {code: fitted[code] for code in new}, touched


def _same_vertices(left: Polygon, right: Polygon) -> bool:
    return bool(shapely.equals_identical(left.normalize(), right.normalize()))


def _around(new: Mapping[str, Polygon], leaving: Collection[str]) -> dict[str, Polygon]:
    """Read the current grids, other than those leaving, that touch one of the new polygons."""
    if not new:
        return {}
    polygons = np.asarray(list(new.values()), dtype=object)
    west, south, east, north = shapely.total_bounds(polygons)
    rows = (
        Grid.objects.filter(valid_to=None)
        .filter(Q(min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south))
        .values_list("code", "polygon")
    )
    gone = {*new, *leaving}
    stored = {code: polygon_from_wkb(wkb) for code, wkb in rows if code not in gone}
    codes = list(stored)
    beside = np.asarray([stored[code] for code in codes], dtype=object)
    near = shapely.STRtree(polygons).query(beside, predicate="dwithin", distance=NARROW)[0]
    return {codes[place]: stored[codes[place]] for place in sorted(set(near.tolist()))}
