"""Choosing an area step by step (区划下钻): county, town, community, grid, within what the actor serves."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance.access.scope import CITY_PREFIX, Scope, division_prefix
from gridmap.divisions import short_name
from gridmap.models import Division, Grid
from gridmap.selectors import code_range

CITY_DIGITS = len(CITY_PREFIX)
LEVELS = {6: "区县", 9: "街道（乡镇）", 12: "社区（村）", 15: "网格"}
"""Digits of a code → what people call areas of that level."""


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the choice: ``options`` are pairs of code and name, ``chosen`` a code or ""."""

    label: str
    options: list[tuple[str, str]]
    chosen: str
    above: str


def overlaps(scope: Scope, code: str) -> bool:
    """Whether something of the area, named by its code, lies in the scope, or the scope in it."""
    if scope.covers_prefix(code) or scope.covers(code):
        return True
    return any(part.startswith(code) for part in (*scope.prefixes, *scope.grids))


def area_clean(text: str, scope: Scope) -> str:
    """Give an area's code as a request names it; "" where it is malformed or out of scope."""
    if not (text.isascii() and text.isdigit() and len(text) in LEVELS):
        return ""
    return text if overlaps(scope, text) else ""


def root_of(scope: Scope) -> str:
    """Give the digits of the smallest division around a scope: at least the city's four."""
    parts = [*scope.prefixes, *scope.grids]
    if not parts or scope.unbounded:
        return CITY_PREFIX
    first, last = min(parts), max(parts)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    fits = [digits for digits in (CITY_DIGITS, *LEVELS) if digits <= same]
    return first[: fits[-1]] if fits else CITY_PREFIX


def looked_at(area: str, scope: Scope) -> str:
    """Give the code of the area looked at: the one chosen, never wider than the scope's root."""
    return max(area, root_of(scope), key=len)


def digits_below(code: str) -> int:
    """Give the digits of the level below an area; a grid's where there is none."""
    return next((size for size in LEVELS if size > len(code)), max(LEVELS))


def steps(scope: Scope, area: str) -> list[Step]:
    """Give the levels to choose from below the scope's root, down to one below ``area``: two queries."""
    root = root_of(scope)
    chain = [root] + [area[:digits] for digits in LEVELS if len(root) < digits <= len(area)]
    parents = [code for code in chain if len(code) < 12]
    below: dict[str, list[tuple[str, str]]] = {code: [] for code in chain}
    for code, name, parent, level in _divisions(parents):
        above = division_prefix(parent, level - 1)
        if above in below and overlaps(scope, code):
            below[above].append((code, short_name(name)))
    community = next((code for code in chain if len(code) == 12), "")
    if community:
        grids = Grid.objects.filter(scope.q("code"), valid_to=None, community=community)
        below[community] = list(grids.order_by("code").values_list("code", "name"))
    found = []
    for above in chain:
        digits = next((size for size in LEVELS if size > len(above)), 0)
        if digits and below[above]:
            chosen = area[:digits] if len(area) >= digits else ""
            found.append(
                Step(LEVELS[digits], below[above], chosen, above if len(above) > CITY_DIGITS else "")
            )
    return found


def _divisions(parents: list[str]) -> "QuerySet[Division, tuple[str, str, str, int]]":
    codes = ["420500" if len(code) == CITY_DIGITS else code for code in parents]
    rows = Division.objects.filter(Q(parent__in=codes)).order_by("code")
    return rows.values_list("code", "name", "parent_id", "level")


def in_area(area: str) -> Q:
    """Give the filter for an area's code; everything for ""."""
    return Q(grid__range=code_range(area)) if area else Q()
