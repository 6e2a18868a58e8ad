"""Numbering of grids inside a community: west to east, north to south, as one reads a page."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from shapely import Polygon

from gridmap.measure import degree_lengths, label_points


def reading_order(polygons: Sequence[Polygon]) -> list[int]:
    """Order polygons by rows from north to south, and in each row from west to east.

    The rows are equally high bands of the label points; there are as many as make a row about
    as long as a column for the area's shape.

    Returns
    -------
    list of int
        Places in ``polygons``, in the order of numbering.
    """
    points = label_points(polygons)
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    along, upward = degree_lengths(float(south + north) / 2)
    width, height = max((east - west) * along, 1.0), max((north - south) * upward, 1.0)
    rows = min(max(1, round(sqrt(len(points) * height / width))), len(points))
    band = np.minimum(((north - points[:, 1]) / max(north - south, 1e-7) * rows).astype(int), rows - 1)
    return [int(place) for place in np.lexsort((points[:, 1], points[:, 0], band))]
