"""Polygon coverages (无缝无叠的面集): who borders on whom, cleaning, checking, dissolving.

A coverage is *edge-matched*: where two polygons meet, both have the same vertices.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.drafts import COORDINATE_DIGITS

UNIT = 10.0**-COORDINATE_DIGITS
"""Smallest step of a stored coordinate, degrees."""

NARROW = 10 * UNIT
"""An overlap or gap up to this width (degrees, about a decimetre) is an error of drawing, and is repaired."""


def rounded(geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
    """Round every vertex by itself, so that shared vertices stay shared."""
    array = np.asarray(geometries, dtype=object)
    return np.asarray(shapely.transform(array, lambda xy: np.round(xy, COORDINATE_DIGITS)), dtype=object)


def is_coverage(polygons: Sequence[BaseGeometry]) -> bool:
    """Tell whether polygons neither overlap nor leave narrow gaps, and match along their edges."""
    return bool(shapely.coverage_is_valid(np.asarray(polygons, dtype=object), gap_width=NARROW))


def wide(geometries: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
    """Tell which overlaps or gaps are real: somewhere wider than :data:`NARROW`."""
    return ~shapely.is_empty(shapely.buffer(np.asarray(geometries, dtype=object), -NARROW / 2))


def cleaned(polygons: Sequence[BaseGeometry], gap_width: float, reach: float) -> NDArray[np.object_]:
    """Make a coverage of polygons that nearly are one.

    Parameters
    ----------
    polygons : sequence of Polygon
        In degrees.
    gap_width : float
        Enclosed gaps up to this width (degrees) go to a neighbour.
    reach : float
        Vertices up to this distance (degrees) apart become one, which also closes cracks open to the outside.

    Returns
    -------
    ndarray
        One polygon for each given, rounded; unchanged where the input already is a coverage.
    """
    array = np.asarray(polygons, dtype=object)
    if shapely.coverage_is_valid(array, gap_width=gap_width) and not _holes(array):
        return array
    return rounded(list(shapely.coverage_clean(array, gap_width=gap_width, snapping_distance=reach)))


def _holes(polygons: NDArray[np.object_]) -> list[Polygon]:
    whole = shapely.union_all(polygons)
    parts = shapely.get_parts(whole)
    return [Polygon(ring) for part in parts for ring in getattr(part, "interiors", ())]


def dissolved(members: Mapping[str, Iterable[BaseGeometry]]) -> dict[str, BaseGeometry]:
    """Dissolve each group of a coverage's polygons into one geometry."""
    return {key: shapely.coverage_union_all(list(group)).normalize() for key, group in members.items()}


def borders(polygons: Sequence[BaseGeometry]) -> dict[tuple[int, int], float]:
    """Find the neighbours in an edge-matched coverage.

    Returns
    -------
    dict
        ``(i, j)`` with ``i < j`` → length of the common border in the coordinates' unit.
    """
    array = np.asarray(polygons, dtype=object)
    rings, owner = shapely.get_rings(array, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    whole = np.rint(points / UNIT).astype(np.int64)
    inside = ring[:-1] == ring[1:]
    start, end = whole[:-1][inside], whole[1:][inside]
    forward = (start[:, 0] < end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] < end[:, 1]))
    edges = np.where(forward[:, None], np.hstack((start, end)), np.hstack((end, start)))
    holder = owner[ring[:-1][inside]]
    order = np.lexsort(edges.T[::-1])
    edges, holder = edges[order], holder[order]
    twice = np.flatnonzero((edges[:-1] == edges[1:]).all(axis=1))
    lengths = np.hypot(*(edges[twice, :2] - edges[twice, 2:]).T) * UNIT
    found: dict[tuple[int, int], float] = {}
    for left, right, length in zip(holder[twice], holder[twice + 1], lengths, strict=True):
        if left != right:
            pair = (min(int(left), int(right)), max(int(left), int(right)))
            found[pair] = found.get(pair, 0.0) + float(length)
    return found
