"""Where a grid's records belong after the map was changed (网格更替): reads only."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import connection

from governance.contract import CITY, KINDS
from governance.feed.bulk import among
from governance.feed.selectors import bookmark
from governance.records.models import kept_kinds, model_of
from governance.records.services.place import TOLERANCE
from governance.records.services.relocate import Moving
from governance.records.services.state import carrier
from gridmap.drafts import polygon_from_wkb
from gridmap.locate import MapNow, map_now
from gridmap.models import Grid, GridPast
from gridmap.selectors import grid_heirs, map_number

FOLLOWER = "map"
_COUNTED_AT_ONCE = 2000

_UNFOLLOWED = """
    SELECT g.code, g.stamp FROM gridmap_grid g
    LEFT JOIN feed_bookmark b ON b.follower = %s AND b.grid = g.code
    WHERE (g.valid_to IS NOT NULL OR g.version > 1) AND g.stamp > COALESCE(b.seq, 0) AND {only}
    ORDER BY g.stamp, g.code
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A grid that the map closed or redrew: its ``stamp`` says up to which edition it is followed.

    ``heirs`` are the grids on a closed grid's area, the largest part first; empty for one that is redrawn.
    """

    grid: str
    stamp: int
    closed: bool
    heirs: tuple[str, ...]


def grids_unfollowed(grids: Collection[str] | None = None) -> list[tuple[str, int]]:
    """Give code and stamp of the closed or redrawn grids whose records have not followed yet, in order.

    Parameters
    ----------
    grids : collection of str, optional
        Only these; all of the city where it is left out.
    """
    if grids is not None and not grids:
        return []
    only, parameters = among("g.code", sorted(grids)) if grids is not None else ("TRUE", [])
    with connection.cursor() as cursor:
        cursor.execute(_UNFOLLOWED.format(only=only), [FOLLOWER, *parameters])
        return [(code, stamp) for code, stamp in cursor.fetchall()]


def map_followed() -> bool:
    """Whether all records have followed the map as it stands: two look-ups."""
    return bookmark(FOLLOWER, CITY) >= map_number()


def change_of(grid: str, stamp: int) -> Change:
    """Give what the map did to a grid."""
    closed = Grid.objects.filter(code=grid, valid_to__isnull=False).exists()
    return Change(grid, stamp, closed, tuple(grid_heirs(grid)) if closed else ())


def leaving(change: Change, kind: str, after: str | None, limit: int) -> tuple[list[Moving], str | None]:
    """Give the records of a kind that belong elsewhere now, some at a time.

    Parameters
    ----------
    change : Change
    kind : str
    after : str or None
        Where the last call stopped.
    limit : int
        Records looked at.

    Returns
    -------
    list of Moving
        Those that have to move.
    str or None
        Where to go on; None at the end.
    """
    rows = _rows(kind, change.grid, after, limit)
    last = str(rows[-1]["id"]) if len(rows) == limit else None
    found = _targets(change, kind, rows)
    return [
        Moving(kind, str(row["id"]), row["version"], bool(row["deleted"]), to, doubt)
        for row, (to, doubt) in zip(rows, found, strict=True)
        if to and to != change.grid
    ], last


def moves_counted(change: Change) -> Counter[tuple[str, str]]:
    """Count by kind and grid what has to move by itself; what lies with it comes along and is not counted."""
    counted: Counter[tuple[str, str]] = Counter()
    for kind in roots(change):
        if change.closed and carrier(KINDS[kind]) is not None:
            continue
        after: str | None = ""
        while after is not None:
            found, after = leaving(change, kind, after or None, _COUNTED_AT_ONCE)
            counted.update((kind, moving.to) for moving in found)
    return counted


def roots(change: Change) -> Iterator[str]:
    """Give the kinds in the order in which they move: places first, tasks (which follow households) last.

    Of a grid that is only redrawn those with a point of their own: the others lie where these lie.
    """
    kinds = [name for name in kept_kinds() if change.closed or KINDS[name].located]
    yield from (name for name in kinds if carrier(KINDS[name]) is None)
    yield from (name for name in kinds if carrier(KINDS[name]) is not None)


def _rows(kind: str, grid: str, after: str | None, limit: int) -> list[dict[str, Any]]:
    located = ["lon", "lat"] if KINDS[kind].located else []
    parent = carrier(KINDS[kind])
    columns = ["id", "version", "deleted", *located, *([f"{parent}__grid"] if parent else [])]
    rows: Any = model_of(kind)._default_manager.filter(grid=grid)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk").values(*columns)[:limit])


def _targets(change: Change, kind: str, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Give for each row where it belongs, empty where it stays, and another grid where that is in doubt.

    What lies with another record goes where that lies; else the point decides; else the largest successor.
    """
    parent = carrier(KINDS[kind])
    there = map_now()
    heirs = _heirs_in_force(there, change)
    placed = _by_point(there, change, heirs, rows) if KINDS[kind].located else [""] * len(rows)
    found = []
    for row, by_point in zip(rows, placed, strict=True):
        lies = str(row.get(f"{parent}__grid") or "") if parent else ""
        to = lies if lies and lies != change.grid else "" if lies and not change.closed else by_point
        doubt = ""
        if not to and heirs:
            to = heirs[0]
            doubt = heirs[1] if len(heirs) > 1 and KINDS[kind].located else ""
        found.append((to, doubt))
    return found


def _heirs_in_force(there: MapNow, change: Change) -> list[str]:
    """Give a closed grid's heirs, but for those that the map has closed in turn since they were looked up.

    Their own records may have followed already: what went there now would stay behind. The next run knows
    the heirs of these.
    """
    return [heir for heir in change.heirs if there.grid_exists(heir)]


def _by_point(
    there: MapNow, change: Change, heirs: Sequence[str], rows: Sequence[dict[str, Any]]
) -> list[str]:
    """Give the grid that each row's point says, empty where it says none or the row stays."""
    points = [(row["lon"], row["lat"]) for row in rows if row["lon"] is not None]
    at = iter(there.grids_at(points))
    found = [next(at) or "" if row["lon"] is not None else "" for row in rows]
    if change.closed:
        return [_heir_near(there, heirs, to, row) for to, row in zip(found, rows, strict=True)]
    if not there.grid_exists(change.grid):  # closed since: all of it goes with that
        return [""] * len(rows)
    former = GridPast.objects.filter(code=change.grid).order_by("-version").values_list("polygon", flat=True)
    before = polygon_from_wkb(bytes(former[0])) if former.exists() else None
    return [
        to if to and to != change.grid and _crossed(there, change.grid, before, row) else ""
        for to, row in zip(found, rows, strict=True)
    ]


def _heir_near(there: MapNow, heirs: Sequence[str], to: str, row: dict[str, Any]) -> str:
    """Give the successor that a fix beside the grid belongs to; else the grid at the point."""
    if row["lon"] is None or to in heirs or not heirs:
        return to
    away, heir = min((there.distance_to_grid(heir, row["lon"], row["lat"]), heir) for heir in heirs)
    return heir if away <= TOLERANCE else to


def _crossed(there: MapNow, grid: str, before: Any, row: dict[str, Any]) -> bool:
    """Whether the border moved over a point, and not only the fix lay beside the grid all along."""
    was_inside = before is not None and bool(shapely.intersects_xy(before, row["lon"], row["lat"]))
    return was_inside or there.distance_to_grid(grid, row["lon"], row["lat"]) > TOLERANCE
