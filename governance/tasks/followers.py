"""All that read the feed in this room (跟随者), by name: the task worker and every pull let them catch up."""

from collections.abc import Callable

from governance.tasks import services
from governance.tasks.cases import follow as cases
from governance.tasks.plans import services as plans

FOLLOWERS: dict[str, Callable[[str], int]] = {
    services.FOLLOWER: services.grid_follow,
    cases.FOLLOWER: cases.grid_follow,
    plans.FOLLOWER: plans.grid_follow,
}
"""Follower's name → what takes it on in one grid."""
