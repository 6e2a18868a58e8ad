"""Points and polygons without a library: ring test, GeoJSON rings, local metres."""

import math
from collections.abc import Iterator

Point = tuple[float, float]
Ring = tuple[Point, ...]
Part = tuple[Ring, ...]

_METRES = 111_319.49079327358
"""Metres of one degree on the equator (EPSG:4490 ellipsoid)."""


class Local:
    """Turns degrees into metres around an origin and back; good to centimetres within a town."""

    def __init__(self, lon: float, lat: float) -> None:
        self.origin = (lon, lat)
        self._east = _METRES * math.cos(math.radians(lat))

    def metres(self, lon: float, lat: float) -> Point:
        """Give metres east and north of the origin."""
        return (lon - self.origin[0]) * self._east, (lat - self.origin[1]) * _METRES

    def degrees(self, east: float, north: float) -> Point:
        """Give lon and lat, rounded to 7 decimals (1 cm)."""
        return round(self.origin[0] + east / self._east, 7), round(self.origin[1] + north / _METRES, 7)


def parts_of(geometry: object) -> tuple[Part, ...]:
    """Read a GeoJSON Polygon or MultiPolygon; anything else has no parts."""
    if not isinstance(geometry, dict):
        return ()
    coordinates = geometry.get("coordinates")
    try:
        if geometry.get("type") == "Polygon":
            return (_part(coordinates),)
        if geometry.get("type") == "MultiPolygon" and isinstance(coordinates, list):
            return tuple(_part(part) for part in coordinates)
    except (TypeError, ValueError, IndexError):
        return ()
    return ()


def box_of(parts: tuple[Part, ...]) -> tuple[float, float, float, float]:
    """Give west, south, east, north of the outer rings; raises ValueError when there is none."""
    points = [point for part in parts for point in part[0]]
    wests, souths = [point[0] for point in points], [point[1] for point in points]
    return min(wests), min(souths), max(wests), max(souths)


def contains(parts: tuple[Part, ...], point: Point) -> bool:
    """Whether a point lies in one of the polygons, holes left out; borders may fall to either side."""
    return any(
        _in_ring(part[0], point) and not any(_in_ring(hole, point) for hole in part[1:]) for part in parts
    )


def _in_ring(ring: Ring, point: Point) -> bool:
    inside = False
    for one, other in _edges(ring):
        if (one[1] > point[1]) != (other[1] > point[1]):
            crossing = one[0] + (point[1] - one[1]) / (other[1] - one[1]) * (other[0] - one[0])
            inside ^= point[0] < crossing
    return inside


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def _part(rings: object) -> Part:
    if not isinstance(rings, list):
        raise TypeError
    return tuple(tuple((float(point[0]), float(point[1])) for point in ring) for ring in rings)
