"""Lengths and areas against PROJ's geodesics."""

import pyproj
import pytest
import shapely

from gridmap.measure import area_m2, degree_lengths, distance_m, label_points
from tests.gridmap.conftest import square

GEOD = pyproj.Geod("+a=6378137 +rf=298.257222101")


@pytest.mark.parametrize("polygon", [square(0, 0), square(-80, -50, 150, 120), square(3, 2).buffer(0.003)])
def test_area(polygon: shapely.Polygon) -> None:
    assert area_m2(polygon) == pytest.approx(abs(GEOD.geometry_area_perimeter(polygon)[0]), rel=1e-3)


def test_length_of_a_degree() -> None:
    along, upward = degree_lengths(30.7)
    assert along * 0.01 == pytest.approx(GEOD.inv(111.0, 30.7, 111.01, 30.7)[2], rel=1e-6)
    assert upward * 0.01 == pytest.approx(GEOD.inv(111.0, 30.695, 111.0, 30.705)[2], rel=1e-6)


def test_distance_from_outside_is_that_to_the_nearest_edge() -> None:
    polygon = square(0, 0)
    assert distance_m(polygon, 111.3, 30.705) == pytest.approx(
        GEOD.inv(111.3, 30.705, 111.29, 30.705)[2], rel=1e-3
    )


def test_distance_within_and_on_the_border_is_nothing() -> None:
    polygon = square(0, 0)
    assert distance_m(polygon, 111.285, 30.705) == 0
    assert distance_m(polygon, 111.29, 30.705) == 0


def test_labels_stand_inside() -> None:
    horseshoe = shapely.Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])
    box = shapely.box(10, 10, 12, 12)
    labels = label_points([horseshoe, box])
    assert horseshoe.contains(shapely.Point(labels[0]))
    assert labels[1].tolist() == [11, 11]
