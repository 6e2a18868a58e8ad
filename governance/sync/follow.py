"""Before a tablet pulls, the rooms that answer changes with tasks and flags catch up on its grids.

The task worker does the same for the whole city; here it makes sure that what a tablet pushed
at noon has its task on the very next pull.
"""

import logging
from collections.abc import Callable, Collection

from governance.feed.selectors import behind_in
from governance.tasks import services as tasks
from governance.verify import services as verify

FOLLOWERS: dict[str, Callable[[str], int]] = {
    tasks.FOLLOWER: tasks.grid_follow,
    verify.FOLLOWER: verify.grid_follow,
}

logger = logging.getLogger(__name__)


def grids_follow(grids: Collection[str]) -> None:
    """Let every follower catch up; one that stumbles is logged and never keeps a tablet from its data.

    Parameters
    ----------
    grids : collection of str
        The tablet's; with nothing new in them this costs one look-up.
    """
    for follower, grid in behind_in(list(FOLLOWERS), grids):
        try:
            FOLLOWERS[follower](grid)
        except Exception:
            logger.exception("%s could not follow grid %s", follower, grid)
