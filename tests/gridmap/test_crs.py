"""Conversion between EPSG:4490, EPSG:4326 and GCJ-02."""

import math

import numpy as np
import pytest

from gridmap.crs import UnknownCrsError, arrays_from_4490, arrays_to_4490, from_4490, to_4490
from gridmap.measure import degree_lengths

CENTRE = (111.29, 30.70)
PLACES = [(111.0, 31.0), (111.1, 30.8), (111.2, 30.7), CENTRE, (111.4, 30.6), (111.5, 30.5), (111.8, 30.8)]


@pytest.mark.parametrize("point", PLACES)
def test_the_shift_at_yichang(point: tuple[float, float]) -> None:
    lon, lat = from_4490(*point, "GCJ02")
    assert 0.0052 <= round(lon - point[0], 4) <= 0.0059
    assert -0.0026 <= round(lat - point[1], 4) <= -0.0022


def test_a_known_point() -> None:
    """The published formula, written out term by term without numpy, gives this."""
    assert from_4490(*CENTRE, "GCJ02") == pytest.approx((111.29566810931, 30.69756951979), abs=1e-10)


@pytest.mark.parametrize("point", [*PLACES, (105.0, 35.0), (116.4, 39.9), (87.6, 43.8)])
def test_there_and_back_is_far_below_a_tenth_of_a_metre(point: tuple[float, float]) -> None:
    back = to_4490(*from_4490(*point, "GCJ02"), "GCJ02")
    along, upward = degree_lengths(point[1])
    assert math.hypot((back[0] - point[0]) * along, (back[1] - point[1]) * upward) < 0.001


@pytest.mark.parametrize("crs", ["4490", "4326"])
def test_4490_and_4326_are_taken_as_equal(crs: str) -> None:
    assert to_4490(*CENTRE, crs) == CENTRE
    assert from_4490(*CENTRE, crs) == CENTRE


def test_outside_china_nothing_is_shifted() -> None:
    assert from_4490(2.35, 48.86, "GCJ02") == (2.35, 48.86)


def test_arrays_give_the_same_as_points() -> None:
    lon, lat = np.array(PLACES).T
    assert list(zip(*arrays_from_4490(lon, lat, "GCJ02"), strict=True)) == [
        from_4490(*point, "GCJ02") for point in PLACES
    ]
    assert list(zip(*arrays_to_4490(lon, lat, "GCJ02"), strict=True)) == [
        to_4490(*point, "GCJ02") for point in PLACES
    ]


@pytest.mark.parametrize("crs", ["", "BD09", "gcj02", "EPSG:4490"])
def test_an_unknown_system_is_refused_in_chinese(crs: str) -> None:
    with pytest.raises(UnknownCrsError, match=f"坐标系“{crs}”不认识，应为 4490、4326、GCJ02 之一"):
        to_4490(*CENTRE, crs)
