"""Reads of the map: current grids of an area, their polygons for people and tablets, history."""

import json
from typing import Any

import shapely
from django.db import connection
from django.db.models import QuerySet
from shapely.geometry.base import BaseGeometry

from gridmap.drafts import COORDINATE_DIGITS, GRID_CODE_LENGTH, polygon_from_wkb
from gridmap.models import Division, Grid, GridPast, GridSuccession

JsonObject = dict[str, Any]


def code_range(prefix: str) -> tuple[str, str]:
    """Give the first and last grid code with this prefix, for an index to follow on any database."""
    return prefix.ljust(GRID_CODE_LENGTH, "0"), prefix.ljust(GRID_CODE_LENGTH, "9")


def area_prefix(code: str) -> str:
    """Give the prefix of all grid codes in a division: the city's code 420500 begins only as 4205."""
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def grids_in(prefix: str) -> QuerySet[Grid]:
    """Select the current grids whose code begins with ``prefix`` (a division's code, or "" for all)."""
    return Grid.objects.filter(valid_to=None, code__range=code_range(area_prefix(prefix))).order_by("code")


def grid_get(code: str) -> Grid | None:
    """Give the grid with this code, current or closed, or None."""
    return Grid.objects.filter(code=code).first()


def grids_changed(after: int) -> QuerySet[Grid]:
    """Select the grids, closed ones too, that changed since the map had this number, oldest first.

    The number to go on from is the last row's ``stamp``; no change is ever missed by it.
    """
    return Grid.objects.filter(stamp__gt=after).order_by("stamp", "code")


def map_number() -> int:
    """Give the map's number: how often it was changed. Every pull asks, hence plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM gridmap_mapstamp WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def grid_past(code: str) -> QuerySet[GridPast]:
    """Select the former states of a grid that kept its code, oldest first."""
    return GridPast.objects.filter(code=code).order_by("version")


def grid_successors(code: str) -> list[str]:
    """Give the codes of the current grids that took over from this one, over any number of steps.

    A current grid gives itself; a grid that nothing took over from gives nothing.
    """
    found: set[str] = set()
    seen: set[str] = set()
    asked = {code}
    while asked:
        seen |= asked
        current = set(Grid.objects.filter(code__in=asked, valid_to=None).values_list("code", flat=True))
        found |= current
        steps = GridSuccession.objects.filter(predecessor__in=asked - current)
        asked = set(steps.values_list("successor", flat=True)) - seen
    return sorted(found)


def grid_heirs(code: str) -> dict[str, float]:
    """Give the current grids that lie on a closed grid's area, the largest part first, with their shares.

    A grid in force, or one that nothing took over from, gives nothing.
    """
    codes = [heir for heir in grid_successors(code) if heir != code]
    polygons = {
        each: polygon_from_wkb(wkb)
        for each, wkb in Grid.objects.filter(code__in=[code, *codes]).values_list("code", "polygon")
    }
    if code not in polygons or not codes:
        return {}
    whole = polygons[code]
    shares = {heir: float(whole.intersection(polygons[heir]).area / whole.area) for heir in codes}
    return dict(sorted(shares.items(), key=lambda heir: (-heir[1], heir[0])))


def grid_ancestors(code: str) -> list[str]:
    """Give the codes of the closed grids that a grid took over from, over any number of steps."""
    found: set[str] = set()
    asked = {code}
    while asked:
        steps = GridSuccession.objects.filter(successor__in=asked).values_list("predecessor", flat=True)
        asked = set(steps) - found
        found |= asked
    return sorted(found - {code})


def division_names(code: str) -> list[str]:
    """Give the names from county to community of what a grid or division code lies in."""
    codes = [code[:length] for length in (6, 9, 12) if len(code) >= length]
    return list(Division.objects.filter(code__in=codes).order_by("level").values_list("name", flat=True))


def geometry_json(geometry: BaseGeometry) -> JsonObject:
    """Write a geometry as a GeoJSON object with centimetre steps."""
    fine = shapely.transform(geometry, lambda xy: xy.round(COORDINATE_DIGITS))
    loaded: JsonObject = json.loads(shapely.to_geojson(fine))
    return loaded


def grid_polygon(code: str) -> JsonObject | None:
    """Give the polygon of a grid, current or closed, as a GeoJSON geometry in EPSG:4490; None if unknown."""
    wkb = Grid.objects.filter(code=code).values_list("polygon", flat=True).first()
    return None if wkb is None else geometry_json(polygon_from_wkb(wkb))


def grid_record(grid: Grid) -> JsonObject:
    """Write a grid as tablets receive it (kind ``grid`` of the sync protocol)."""
    return {
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "households": grid.households,
        "label": [grid.label_lon, grid.label_lat],
        "polygon": geometry_json(polygon_from_wkb(grid.polygon)),
    }
