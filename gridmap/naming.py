"""What people call grids and other areas that are told by code (区划名称)."""

from gridmap.divisions import short_name
from gridmap.models import Division, Grid

_SHORTEST = 6
"""Digits of the shortest division code; a shorter prefix is filled up with zeros."""

_COUNTY = 3


def grid_names(codes: set[str]) -> dict[str, str]:
    """Give community and grid name by grid code, in one query."""
    rows = Grid.objects.filter(code__in=codes).values_list("code", "name", "community__name")
    return {code: _grid_name(name, short_name(community)) for code, name, community in rows}


def area_names(prefixes: set[str]) -> dict[str, str]:
    """Give the names of divisions and grids by the digits their codes begin with: two queries at most."""
    if not prefixes:
        return {}
    codes = {prefix.ljust(_SHORTEST, "0"): prefix for prefix in prefixes}
    rows = Division.objects.filter(code__in=codes).values_list("code", "name", "parent__name", "level")
    found = {
        codes[code]: name if level <= _COUNTY or not above else f"{above}{name}"
        for code, name, above, level in rows
    }
    return found | grid_names(prefixes - found.keys())


def _grid_name(name: str, community: str) -> str:
    return name if name.startswith(community) else f"{community}{name}"
