"""Voronoi cells of a county: even, seeded, clipped to its outline and noded with its neighbours'."""

from collections import defaultdict
from collections.abc import Mapping
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import UNIT, borders, dissolved
from gridmap.partition.quota import draw

ROUNDS = 3
"""How often each site moves to the middle of its cell (Lloyd), which evens out the cells."""

_SHRINK = np.array([cos(radians(30.7)), 1.0])
"""A degree of longitude against one of latitude at Yichang, so that cells come out round."""

Points = NDArray[np.float64]


def county_sites(code: str, outline: Polygon, count: int, seed: int) -> Points:
    """Give ``count`` evenly spread points inside the outline, in shrunken degrees.

    They depend on the seed, the county's code, outline and count only.
    """
    plane = shapely.transform(outline, lambda xy: xy * _SHRINK)
    shapely.prepare(plane)
    sites = _random_points(plane, count, code, seed)
    for _ in range(ROUNDS if count > 1 else 0):
        cells = shapely.get_parts(_voronoi(sites, plane, only_edges=False))
        middles = shapely.get_coordinates(shapely.centroid(shapely.intersection(cells, plane)))
        inside = shapely.contains_xy(plane, middles)
        sites = np.where(inside[:, None], middles, sites)
    return sites


def _random_points(plane: Polygon, count: int, code: str, seed: int) -> Points:
    generator = draw(seed, "county", code)
    left, bottom, right, top = plane.bounds
    found: Points = np.empty((0, 2))
    while len(found) < count:
        tried = np.array([(generator.random(), generator.random()) for _ in range(count)])
        tried = (left, bottom) + tried * (right - left, top - bottom)
        found = np.concatenate((found, tried[shapely.contains_xy(plane, tried)]))
    return found[:count]


def _voronoi(sites: Points, plane: Polygon, *, only_edges: bool) -> BaseGeometry:
    return shapely.voronoi_polygons(
        MultiPoint(sites), extend_to=plane, only_edges=only_edges, ordered=not only_edges
    )


def county_cells(outlines: Mapping[str, Polygon], sites: Mapping[str, Points]) -> dict[str, list[Polygon]]:
    """Cut all these counties at once, so that the cells match along the counties' borders too.

    Parameters
    ----------
    outlines : mapping
        County code → polygon; together a coverage.
    sites : mapping
        County code → what :func:`county_sites` gave.

    Returns
    -------
    dict
        County code → one polygon for each site, in the sites' order, rounded to 1e-7 degree.
    """
    codes = sorted(outlines)
    lines = [outlines[code].boundary for code in codes]
    lines += [_inner_edges(outlines[code], sites[code]) for code in codes if len(sites[code]) > 1]
    noded = shapely.union_all(lines, grid_size=UNIT)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    middles = shapely.point_on_surface(faces)
    county = shapely.STRtree([outlines[code] for code in codes]).nearest(middles)
    return {
        code: _one_per_site(faces[county == place], middles[county == place], sites[code])
        for place, code in enumerate(codes)
    }


def _inner_edges(outline: Polygon, sites: Points) -> BaseGeometry:
    plane = shapely.transform(outline, lambda xy: xy * _SHRINK)
    edges = _voronoi(sites, plane, only_edges=True)
    return shapely.intersection(shapely.transform(edges, lambda xy: xy / _SHRINK), outline)


def _one_per_site(faces: NDArray[np.object_], middles: NDArray[np.object_], sites: Points) -> list[Polygon]:
    """Give each site its largest face; what a winding outline cut off goes to a neighbour."""
    shrunken = shapely.points(shapely.get_coordinates(middles) * _SHRINK)
    nearest = shapely.STRtree(shapely.points(sites)).nearest(shrunken)
    area = shapely.area(faces)
    owner = np.full(len(faces), -1)
    order = np.lexsort((-area, nearest))
    first = np.concatenate(([True], nearest[order][1:] != nearest[order][:-1]))
    owner[order[first]] = nearest[order[first]]
    _strays_give(faces, owner)
    members: dict[str, list[Polygon]] = defaultdict(list)
    for face, site in zip(faces, owner, strict=True):
        members[str(site)].append(face)
    whole = dissolved(members)
    return [whole[str(site)] for site in range(len(sites))]


def _strays_give(faces: NDArray[np.object_], owner: NDArray[np.int64]) -> None:
    """Set the owner of each face without one to the neighbour with the longest common border."""
    if (owner >= 0).all():
        return
    sides: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (left, right), length in borders(list(faces)).items():
        sides[left].append((length, right))
        sides[right].append((length, left))
    while (strays := np.flatnonzero(owner < 0)).size:
        for stray in strays:
            known = [(length, other) for length, other in sides[int(stray)] if owner[other] >= 0]
            if known:
                owner[stray] = owner[max(known)[1]]
