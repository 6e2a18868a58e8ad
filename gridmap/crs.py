"""Coordinate systems at the edge: EPSG:4490 is stored, EPSG:4326 and GCJ-02 are converted.

EPSG:4490 (CGCS2000) and EPSG:4326 (WGS-84) differ by centimetres and are taken as equal. GCJ-02 is the
shifted system of Chinese consumer maps; its published formula works on the ellipsoid of Krassowsky (1940).
"""

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64] | np.float64
"""One or many coordinates in degrees."""

CRS_CODES = ("4490", "4326", "GCJ02")

_A = 6378245.0
_EE = 0.00669342162296594323
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_TURNS = 8
"""Fixed-point steps of the inverse; each makes the error some thousand times smaller."""


class UnknownCrsError(ValueError):
    """The coordinate system is none of :data:`CRS_CODES`; the message is Chinese."""


def _known(crs: str) -> str:
    if crs not in CRS_CODES:
        raise UnknownCrsError(f"坐标系“{crs}”不认识，应为 {'、'.join(CRS_CODES)} 之一")
    return crs


def _wave(value: Degrees, per: float) -> Degrees:
    return np.sin(value * np.pi / per)


def _shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Give GCJ-02 minus WGS-84 in degrees; nothing outside the formula's box around China."""
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * _wave(x, 1 / 6) + 20 * _wave(x, 1 / 2)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + ripple
    east = east + (20 * _wave(x, 1) + 40 * _wave(x, 3) + 150 * _wave(x, 12) + 300 * _wave(x, 30)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + ripple
    north = north + (20 * _wave(y, 1) + 40 * _wave(y, 3) + 160 * _wave(y, 12) + 320 * _wave(y, 30)) * 2 / 3
    w = 1 - _EE * np.sin(np.radians(lat)) ** 2
    by_lon = np.degrees(east * np.sqrt(w) / (_A * np.cos(np.radians(lat))))
    by_lat = np.degrees(north * w * np.sqrt(w) / (_A * (1 - _EE)))
    west, south, right, top = _CHINA
    inside = (lon >= west) & (lon <= right) & (lat >= south) & (lat <= top)
    return np.where(inside, by_lon, 0.0), np.where(inside, by_lat, 0.0)


def arrays_from_4490(lon: Degrees, lat: Degrees, crs: str) -> tuple[Degrees, Degrees]:
    """Convert arrays of degrees from EPSG:4490 to ``crs``."""
    if _known(crs) != "GCJ02":
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def arrays_to_4490(lon: Degrees, lat: Degrees, crs: str) -> tuple[Degrees, Degrees]:
    """Convert arrays of degrees from ``crs`` to EPSG:4490, GCJ-02 by iteration to far below 0.1 m."""
    if _known(crs) != "GCJ02":
        return lon, lat
    x, y = lon, lat
    for _ in range(_TURNS):
        east, north = _shift(x, y)
        x, y = lon - east, lat - north
    return x, y


def from_4490(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Convert one point in degrees from EPSG:4490 to ``crs``.

    Raises
    ------
    UnknownCrsError
        ``crs`` is none of :data:`CRS_CODES`.
    """
    x, y = arrays_from_4490(np.float64(lon), np.float64(lat), crs)
    return float(x), float(y)


def to_4490(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Convert one point in degrees from ``crs`` to EPSG:4490.

    Raises
    ------
    UnknownCrsError
        ``crs`` is none of :data:`CRS_CODES`.
    """
    x, y = arrays_to_4490(np.float64(lon), np.float64(lat), crs)
    return float(x), float(y)
