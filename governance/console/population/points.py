"""Where things stand: points inside a grid's polygon, spread as houses are."""

from math import ceil, cos, radians, sqrt
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry

_DEGREE = 111_320.0
_MARGIN = 5.0
"""Metres kept from the border, so that no reading of the point falls into a neighbouring grid."""

Point = tuple[float, float]


def points_inside(random: Random, polygon: BaseGeometry, count: int) -> list[Point]:
    """Draw ``count`` different points (lon, lat; degrees, 7 decimals) strictly inside a polygon.

    They come from a shaken lattice, therefore they keep apart from each other. In a polygon
    too narrow for the margin the margin shrinks.

    Raises
    ------
    ValueError
        In Chinese: the polygon is empty or too small for so many points.
    """
    if polygon.is_empty or polygon.area == 0:
        raise ValueError("网格范围为空")
    margin = _MARGIN
    cells = 2.0 * count
    for _ in range(12):
        found = _lattice(random, polygon, cells, margin)
        if len(found) >= count:
            return random.sample(found, count)
        cells, margin = cells * 2, margin / 2
    raise ValueError(f"网格范围过小，放不下{count}个点")


def _lattice(random: Random, polygon: BaseGeometry, cells: float, margin: float) -> list[Point]:
    """Give the shaken lattice points inside, about ``cells`` of them."""
    west, south, east, north = polygon.bounds
    narrow = cos(radians((south + north) / 2))
    pitch = sqrt(polygon.area * narrow / cells)
    wide, high = pitch / narrow, pitch
    lons, lats = [], []
    for row in range(ceil((north - south) / high)):
        for column in range(ceil((east - west) / wide)):
            lons.append(round(west + (column + 0.1 + 0.8 * random.random()) * wide, 7))
            lats.append(round(south + (row + 0.1 + 0.8 * random.random()) * high, 7))
    points = shapely.points(lons, lats)
    inside = shapely.contains_xy(polygon, lons, lats)
    inside &= shapely.distance(polygon.boundary, points) > margin / _DEGREE
    return [(lon, lat) for lon, lat, keep in zip(lons, lats, inside.tolist(), strict=True) if keep]
