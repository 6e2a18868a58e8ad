"""Records follow the map (记录随网格): a follower with a bookmark of its own, told by nobody.

The bookmark of a grid (follower ``map``) is the map's stamp up to which its records lie where they belong.
A run that was cut goes on where it stopped, as what has moved has left the grid; two runs at once wait for
each other at the stream's head and find nothing left to do.
"""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import transaction

from governance.access.services.handover import posts_close, posts_follow
from governance.contract import CITY
from governance.feed.bulk import rows_upsert
from governance.feed.models import Bookmark
from governance.records.models import Inbox, kept_kinds, model_of
from governance.records.services.relocate import Moving, inbox_move, moving_lock, relocate, with_below
from governance.records.succession import (
    FOLLOWER,
    Change,
    change_of,
    grids_unfollowed,
    leaving,
    map_followed,
    roots,
)
from gridmap.locate import map_now
from gridmap.selectors import grid_ancestors, map_number

AT_ONCE = 20
"""Records with all below them in one transaction: a building is some hundreds of records."""

LOOKED_AT = 500
"""Records of a redrawn grid that are looked at together; few of them have to move."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction: ``moved`` records left ``grid``; a grid's last step says whether it is ``done``."""

    grid: str
    moved: int
    done: bool | None = None


def grids_follow_map(grids: Collection[str] | None = None) -> int:
    """Let the records of closed and redrawn grids follow to where they belong; gives how many moved."""
    return sum(step.moved for step in map_steps(grids))


def map_steps(grids: Collection[str] | None = None) -> Iterator[Step]:
    """Do as :func:`grids_follow_map`, step by step; may be left at any step and taken up again.

    Parameters
    ----------
    grids : collection of str, optional
        Only these; all of the city where it is left out.
    """
    if grids is None and map_followed():
        return
    number = map_number()
    changes = _changes(grids)
    closed = [change.grid for change in changes if change.closed]
    if closed:
        posts_follow(grids=closed)
    whole = True
    for change in changes:
        for step in _grid_steps(change):
            whole = whole and step.done is not False
            yield step
    if grids is None and whole:
        _mark(CITY, number)


def _changes(grids: Collection[str] | None) -> list[Change]:
    """Give what is to be followed; with a closed grid also those that come together with it."""
    changes = {grid: change_of(grid, stamp) for grid, stamp in grids_unfollowed(grids)}
    heirs = {heir for change in changes.values() for heir in change.heirs}
    met = {code for heir in heirs for code in grid_ancestors(heir)} - changes.keys()
    changes |= {grid: change_of(grid, stamp) for grid, stamp in grids_unfollowed(met)}
    return list(changes.values())


def _grid_steps(change: Change) -> Iterator[Step]:
    for kind in roots(change):
        after: str | None = None
        while True:
            moved, after = _batch(change, kind, after)
            if moved:
                yield Step(change.grid, moved)
            if after is None:
                break
    yield Step(change.grid, 0, done=_finish(change))


@transaction.atomic
def _batch(change: Change, kind: str, after: str | None) -> tuple[int, str | None]:
    """Move some records of a kind with all below them; gives how many, and where to go on."""
    limit = AT_ONCE if change.closed else LOOKED_AT
    peeked, last = leaving(change, kind, after, limit)
    if not peeked:
        return 0, last
    targets = {moving.to for moving in peeked}
    heads = moving_lock(change.grid, targets)
    # What was seen before the lock may have changed meanwhile: it is looked at again under it.
    moving = [each for each in leaving(change, kind, after, limit)[0] if each.to in targets]
    whole: list[Moving] = with_below(change.grid, moving)
    relocate(grid=change.grid, movings=whole, heads=heads)
    return len(whole), last


@transaction.atomic
def _finish(change: Change) -> bool:
    """Settle what else hangs on a closed grid and set the bookmark, unless something is left there."""
    if change.closed and change.heirs:
        moving_lock(change.grid, change.heirs[:1])
        if not map_now().grid_exists(change.heirs[0]):  # closed in turn, and perhaps followed already
            return False
        if any(model_of(kind)._default_manager.filter(grid=change.grid).exists() for kind in kept_kinds()):
            return False
        inbox_move(Inbox.objects.filter(grid=change.grid), change.heirs[0])
        if Inbox.objects.filter(grid=change.grid, settled_at=None).exists():
            return False
        posts_close(grid=change.grid)
    elif change.closed:
        logger.warning("grid %s was closed and nothing took over from it", change.grid)
    _mark(change.grid, change.stamp)
    return True


def _mark(grid: str, seq: int) -> None:
    row = {"follower": FOLLOWER, "grid": grid, "seq": seq}
    rows_upsert(Bookmark, [row], conflict=("follower", "grid"))
