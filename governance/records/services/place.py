"""Which grid a record lies in: its parent's, or the one its own point falls into.

A closed grid that a writer names (a tablet that has not heard yet) stands for the grids that took over from
it: the one at the point, or without a point the one that lies on most of it.
"""

from governance.contract import Kind, Problem
from governance.records.services.state import State
from gridmap.crs import to_4490
from gridmap.locate import MapNow
from gridmap.selectors import grid_heirs

TOLERANCE = 50.0
"""Metres that a fix may lie outside the grid the worker names (a fix between high houses)."""


def point_convert(offered: dict[str, object]) -> None:
    """Turn an offered point into EPSG:4490, in place; ``crs`` keeps saying what was measured in."""
    lon, lat = offered.get("lon"), offered.get("lat")
    if isinstance(lon, float) and isinstance(lat, float) and offered.get("crs"):
        east, north = to_4490(lon, lat, str(offered["crs"]))
        offered["lon"], offered["lat"] = round(east, 7), round(north, 7)


def grid_find(
    state: State, kind: Kind, values: dict[str, object], *, named: str | None, held: str | None
) -> str | Problem:
    """Give the record's grid code, or the problem that keeps it from having one.

    Parameters
    ----------
    state : State
    kind : Kind
    values : dict
        The record as it would be.
    named : str, optional
        Grid that the writer names.
    held : str, optional
        Grid that the record lies in now.
    """
    if kind.anchor is not None:
        return _by_parent(state, kind, values)
    return _by_point(state.map, values, named, held)


def _by_parent(state: State, kind: Kind, values: dict[str, object]) -> str | Problem:
    names = [kind.anchor, *(item.name for item in kind.references if item.name != kind.anchor)]
    for name in names:
        value = values.get(name or "")
        if value is not None:
            parent = state.get(kind.by_name[str(name)].target or "", str(value))
            if parent is not None:
                return parent.grid
    anchor = kind.by_name[kind.anchor or ""]
    return Problem(anchor.name, "required", f"{anchor.label}：必填，否则不知道属于哪个网格")


def _by_point(there: MapNow, values: dict[str, object], named: str | None, held: str | None) -> str | Problem:
    lon, lat = values.get("lon"), values.get("lat")
    if not (isinstance(lon, (int, float)) and isinstance(lat, (int, float))):
        return _named(there, named or held)
    grid = named or held
    if grid is None or (not there.grid_exists(grid) and grid_heirs(grid)):
        return there.grid_at(lon, lat) or Problem("lon", "scope", "坐标不在本市任何网格内")
    if not there.grid_exists(grid):
        return Problem("grid", "reference", f"没有编码为{grid}的网格")
    away = there.distance_to_grid(grid, lon, lat)
    if away <= TOLERANCE:
        return grid
    if named is None:
        return there.grid_at(lon, lat) or Problem("lon", "scope", "坐标不在本市任何网格内")
    return Problem("lon", "scope", f"坐标在网格{named}之外约{away:.0f}米，请重新定位")


def _named(there: MapNow, grid: str | None) -> str | Problem:
    if grid is None:
        return Problem("grid", "required", "没有坐标时须指明所属网格")
    if there.grid_exists(grid):
        return grid
    heirs = grid_heirs(grid)
    return next(iter(heirs)) if heirs else Problem("grid", "reference", f"没有编码为{grid}的网格")
