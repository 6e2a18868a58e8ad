"""Lengths and areas on the CGCS2000 ellipsoid for things of a grid's size, without a projection library."""

from collections.abc import Sequence
from math import cos, radians, sin, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

SEMI_MAJOR = 6378137.0
FLATTENING = 1 / 298.257222101
_E2 = FLATTENING * (2 - FLATTENING)
_E = sqrt(_E2)

Geometries = Sequence[BaseGeometry] | NDArray[np.object_]
"""Geometries as a list or as shapely's array."""

METRES_PER_DEGREE = radians(1) * SEMI_MAJOR
"""Metres in one degree of longitude at the equator; a coarse scale for tolerances."""


def degree_lengths(lat: float) -> tuple[float, float]:
    """Give the metres in one degree of longitude and of latitude at ``lat`` (degrees)."""
    w = 1 - _E2 * sin(radians(lat)) ** 2
    along = radians(1) * cos(radians(lat)) * SEMI_MAJOR / sqrt(w)
    upward = radians(1) * SEMI_MAJOR * (1 - _E2) / w**1.5
    return along, upward


def _equal_area(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project degrees to metres by Lambert's cylindrical equal-area projection of the ellipsoid."""
    sine = np.sin(np.radians(coordinates[:, 1]))
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return np.column_stack((np.radians(coordinates[:, 0]) * SEMI_MAJOR, SEMI_MAJOR * q / 2))


def areas_m2(geometries: Geometries) -> NDArray[np.float64]:
    """Give the areas in square metres of geometries in degrees, EPSG:4490."""
    array = np.asarray(geometries, dtype=object)
    return np.asarray(shapely.area(shapely.transform(array, _equal_area)), dtype=np.float64)


def area_m2(geometry: BaseGeometry) -> float:
    """Give the area in square metres of one geometry in degrees, EPSG:4490."""
    return float(areas_m2([geometry])[0])


def distance_m(geometry: BaseGeometry, lon: float, lat: float) -> float:
    """Give the metres from a point to a geometry (degrees); 0 within it.

    Good to a few parts in a thousand within some tens of kilometres.
    """
    scale = np.array(degree_lengths(lat))
    plane = shapely.transform(geometry, lambda xy: (xy - (lon, lat)) * scale)
    return float(plane.distance(Point(0, 0)))


def label_points(polygons: Sequence[Polygon]) -> NDArray[np.float64]:
    """Give a point inside each polygon where its label stands: the centroid where it lies inside."""
    array = np.asarray(polygons, dtype=object)
    points = shapely.centroid(array)
    outside = ~shapely.contains(array, points)
    points[outside] = shapely.point_on_surface(array[outside])
    return np.round(shapely.get_coordinates(points), 7)
