"""Before a tablet pulls, the rooms that answer changes with tasks and flags catch up on its grids.

The task worker does the same for the whole city; here it makes sure that what a tablet pushed
at noon has its task on the very next pull.
"""

import logging
from collections.abc import Callable, Sequence

from governance.access.actor import Actor
from governance.access.selectors import actor_renewed
from governance.records.services.follow_map import grids_follow_map
from governance.tasks.followers import FOLLOWERS as TASKS
from governance.verify import services as verify

FOLLOWERS: dict[str, Callable[[str], int]] = {
    **TASKS,
    verify.FOLLOWER: verify.grid_follow,
}

logger = logging.getLogger(__name__)


def map_follow(actor: Actor, *, moved: bool) -> Actor:
    """Let the records of the tablet's closed and redrawn grids follow the map, and its worker with them.

    A stumble is logged and never keeps a tablet from its data: the posts at the closed grids still hold.

    Parameters
    ----------
    actor : Actor
        A device's.
    moved : bool
        Whether the map has changed since the tablet last heard; where it has not, and no post is at a closed
        grid, this costs nothing.

    Returns
    -------
    Actor
        With the posts as they are now.
    """
    closed = actor.closed & actor.scope.grids  # an actor that was given no grids gets none back here
    if not moved and not closed:
        return actor
    try:
        grids_follow_map(actor.scope.grids)
    except Exception:
        logger.exception("the records of %s could not follow the map", sorted(actor.scope.grids))
    return actor_renewed(actor) if closed else actor


def grids_follow(behind: Sequence[tuple[str, str]]) -> None:
    """Let followers catch up; one that stumbles is logged and never keeps a tablet from its data.

    Parameters
    ----------
    behind : sequence of (str, str)
        Follower and grid, of the tablet's.
    """
    for follower, grid in behind:
        try:
            FOLLOWERS[follower](grid)
        except Exception:
            logger.exception("%s could not follow grid %s", follower, grid)
