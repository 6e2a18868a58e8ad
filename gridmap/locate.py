"""Point → grid (落格): each process holds a tree of the current polygons and renews it by the map's stamp."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.drafts import polygon_from_wkb
from gridmap.measure import distance_m
from gridmap.models import Division, Grid, Level

_STAMP = "SELECT token FROM gridmap_mapstamp WHERE id = 1"


class UnknownGridError(LookupError):
    """There is no current grid with this code; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class MapNow:
    """The current polygons in the order of their codes, as of one stamp; it asks the database nothing."""

    token: object
    codes: NDArray[np.str_]
    polygons: NDArray[np.object_]
    tree: shapely.STRtree
    city: BaseGeometry

    def grid_at(self, lon: float, lat: float) -> str | None:
        """Give the code of the current grid at a point in EPSG:4490, or None.

        On a border it is the smallest of the codes that meet there.
        """
        return self.grids_at([(lon, lat)])[0]

    def grids_at(self, points: Sequence[tuple[float, float]]) -> list[str | None]:
        """Do as :meth:`grid_at` for many points at once, in their order."""
        if not len(points) or not len(self.codes):
            return [None] * len(points)
        none = len(self.codes)
        found = np.full(len(points), none)
        places = shapely.points(np.asarray(points, dtype=float))
        which, where = self.tree.query(places, predicate="intersects")
        np.minimum.at(found, which, where)
        return [None if place == none else str(self.codes[place]) for place in found.tolist()]

    def in_city(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies in a current grid or within the city's outline."""
        return bool(shapely.intersects_xy(self.city, lon, lat)) or self.grid_at(lon, lat) is not None

    def distance_to_grid(self, code: str, lon: float, lat: float) -> float:
        """Give the metres from a point in EPSG:4490 to a current grid, 0.0 within it or on its border.

        Raises
        ------
        UnknownGridError
            No current grid has this code.
        """
        place = self._place(code)
        if place is None:
            raise UnknownGridError(f"网格 {code} 不存在或已停用")
        return distance_m(self.polygons[place], lon, lat)

    def grid_exists(self, code: str) -> bool:
        """Tell whether a current grid has this code."""
        return self._place(code) is not None

    def _place(self, code: str) -> int | None:
        place = int(np.searchsorted(self.codes, code))
        return place if place < len(self.codes) and self.codes[place] == code else None


class Locator:
    """Finds grids by position. Safe to share between threads: an index is replaced whole.

    It costs the reading of the map's stamp, one row by primary key, however many points are asked about then.
    """

    def __init__(self) -> None:
        self._held: MapNow | None = None

    def now(self) -> MapNow:
        """Give the map as it stands."""
        token = _token()
        held = self._held
        if held is None or held.token != token:
            held = self._held = _read(token)
        return held


def _token() -> object:
    """Read the stamp's token as the database gives it; the ORM would take ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        row = cursor.fetchone()
    return row and row[0]


def _read(token: object) -> MapNow:
    """Read the map; a change that comes meanwhile moves the stamp and is read at the next call."""
    rows = list(Grid.objects.filter(valid_to=None).order_by("code").values_list("code", "polygon"))
    polygons = np.array([polygon_from_wkb(wkb) for _, wkb in rows], dtype=object)
    outlines = Division.objects.filter(level=Level.CITY, outline__isnull=False).values_list(
        "outline", flat=True
    )
    city = shapely.union_all([polygon_from_wkb(wkb) for wkb in outlines if wkb])
    shapely.prepare(polygons)
    shapely.prepare(city)
    return MapNow(
        token, np.array([code for code, _ in rows], dtype=str), polygons, shapely.STRtree(polygons), city
    )


map_now = Locator().now
"""Give the map as it stands, the same to all of a process."""
