"""Splitting and merging grids with all that lies in them (网格调整): looked at first, then done.

The map is changed here and audited; records and posts follow by themselves
(:mod:`governance.records.services.follow_map`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import shapely
from django.db import transaction
from django.db.models import F
from shapely import Polygon

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.access.services.handover import Passing, posts_planned
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.records.models import Household
from governance.records.succession import change_of, moves_counted
from gridmap.cutting import parts_cut
from gridmap.locate import map_now
from gridmap.models import Grid
from gridmap.services import Part, grid_merge, grid_split

Line = Sequence[tuple[float, float]]


@dataclass(slots=True)
class Preview:
    """What a change of the map would bring: the new grids, records by kind and grid, posts passed on."""

    grids: list[Grid] = field(default_factory=list)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    households: Counter[str] = field(default_factory=Counter)
    posts: list[Passing] = field(default_factory=list)


def split_preview(*, actor: Actor, code: str, line: Line) -> Preview:
    """Say what :func:`split_do` would bring; nothing stays of it. Raises as that does."""
    return _previewed([code], lambda: split_do(actor=actor, code=code, line=line))


def merge_preview(*, actor: Actor, codes: Sequence[str], name: str = "") -> Preview:
    """Say what :func:`merge_do` would bring; nothing stays of it. Raises as that does."""
    return _previewed(codes, lambda: [merge_do(actor=actor, codes=codes, name=name)])


@transaction.atomic
def split_do(*, actor: Actor, code: str, line: Line) -> list[Grid]:
    """Split a grid along a line; each part has the households that stand on it.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    MapError
        The line does not cut the grid.
    """
    check_can(actor, "manage_system")
    parts = parts_cut(code, line)
    where = [_side(parts, point) for point in _homes(code)]
    counted = Counter(place for place in where if place is not None)
    grids = grid_split(
        code=code, parts=[Part(part, counted.get(place, 0)) for place, part in enumerate(parts)]
    )
    _audit(actor, "grid.split", [code], grids)
    return grids


@transaction.atomic
def merge_do(*, actor: Actor, codes: Sequence[str], name: str = "") -> Grid:
    """Merge grids of one community that hang together.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    MapError
        They cannot be merged.
    """
    check_can(actor, "manage_system")
    grid = grid_merge(codes=codes, name=name)
    _audit(actor, "grid.merge", codes, [grid])
    return grid


def _previewed(codes: Sequence[str], act: Callable[[], list[Grid]]) -> Preview:
    preview = Preview()
    with transaction.atomic():
        preview.grids = act()
        for code in codes:
            change = change_of(code, 0)
            preview.moves += moves_counted(change)
            preview.households.update(grid or change.heirs[0] for grid in map_now().grids_at(_homes(code)))
        preview.posts = posts_planned(codes)
        transaction.set_rollback(True)
    return preview


def _homes(code: str) -> list[tuple[float, float]]:
    """Give where the open households of a grid stand."""
    rows = Household.objects.filter(grid=code, closed_on=None, deleted=False)
    points = rows.annotate(lon=F("room__building__lon"), lat=F("room__building__lat"))
    return [(lon, lat) for lon, lat in points.values_list("lon", "lat") if lon is not None]


def _side(parts: Sequence[Polygon], point: tuple[float, float]) -> int | None:
    return next((n for n, part in enumerate(parts) if shapely.intersects_xy(part, *point)), None)


def _audit(actor: Actor, action: str, before: Sequence[str], after: Sequence[Grid]) -> None:
    detail = {"before": list(before), "after": [grid.code for grid in after]}
    audit_append(actor=actor, action=action, scope=before[0][:12], detail=detail, chain=CITY)
