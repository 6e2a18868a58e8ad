"""Kinds of schedules: how often what happens, in what weather."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.soak.world.network import STORMY

WEIGHTS: Mapping[str, float] = {
    "collect": 12, "edit": 16, "sync": 26, "move": 3, "close": 2, "withdraw": 2, "repair": 4, "restart": 3,
    "arrival": 4, "staff_edit": 8, "staff_move": 4, "staff_close": 1, "staff_withdraw": 1, "post": 3,
    "revoke": 1, "hub_restart": 1, "backup": 3, "restore": 1, "relay": 0.5,
    "split": 0.25, "merge": 0.25, "recall": 0.5, "export": 1, "hand_in": 1.5, "take_in": 1.5, "photo": 1,
    "right": 1.5, "torn": 1.5, "draft": 3, "lock": 1, "older": 0.7, "codes": 1, "give": 1, "task": 2,
    "errand": 1, "clash": 1, "late": 1, "difference": 1, "inbox": 1, "daily": 0.5,
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What kind of schedule is played.

    Parameters
    ----------
    weights : mapping
        How often each act comes.
    steps, more : tuple of int
        Fewest and most acts of a short schedule, and of a long one.
    small : int
        In each schedule of so many, pages hold ``page`` changes and pushes two.
    weather : sequence of str
        What befalls requests.
    crashes : float
        Chance that an act's commits are cut.
    meanwhile : float
        Chance that somebody writes between two things that the hub reads for a tablet.
    busy : int
        In each schedule of so many (0: in none) workers work on while their tablets sync, or deal with files.
    at_work : float
        Chance that one then does something, each time that his tablet's store is free.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    steps: tuple[int, int] = (2, 7)
    more: tuple[int, int] = (14, 30)
    small: int = 4
    page: int = 3
    weather: Sequence[str] = STORMY
    crashes: float = 0.06
    meanwhile: float = 0.2
    busy: int = 0
    at_work: float = 0.05


ORDINARY = Kind(busy=3)
"""Schedules as they come."""

SNAPSHOTS = Kind(
    {"sync": 20, "backup": 6, "restore": 8, "edit": 4, "collect": 4}, steps=(10, 20), meanwhile=0.8
)
"""Schedules full of snapshots, during which staff write all the time."""

THOROUGH = Kind(steps=(14, 30))
"""Schedules that are all long."""

RESTORES = Kind({**WEIGHTS, "backup": 8, "restore": 5, "post": 1, "staff_move": 1}, steps=(12, 26), busy=3)
"""Schedules in which the hub is restored again and again."""

AT_ONCE = Kind({"edit": 10, "sync": 20}, steps=(10, 20), busy=1, at_work=0.3, weather=("",))
"""Schedules in which workers save while their tablets sync."""

UNANSWERED = Kind(
    {"edit": 30, "collect": 8, "sync": 26, "restart": 4}, steps=(14, 30), weather=("", "unanswered")
)
"""Schedules in which half the answers are lost and the worker edits on."""

SHIFTS = Kind(
    {"staff_move": 12, "recall": 10, "glance": 12, "sync": 4, "post": 4, "staff_edit": 4},
    steps=(20, 40),
    more=(20, 40),
    small=1,
    page=1,
    weather=("", "lost"),
)
"""Schedules in which households and posts move while pages of one record arrive one by one."""

REDRAWN = Kind(
    {"merge": 8, "split": 8, "edit": 12, "collect": 12, "sync": 20, "post": 12},
    steps=(14, 30),
    weather=("", "lost", "unanswered"),
)
"""Schedules in which grids are split and merged, posts end, and half a sync is often all there is."""

TOGETHER = Kind(
    {"relay": 10, "edit": 4, "sync": 10, "backup": 6, "restore": 8, "restart": 2},
    steps=(8, 16),
    more=(8, 16),
    weather=("",),
)
"""Schedules in which workers edit what others have just registered, and the hub is restored."""

CAMERAS = Kind(
    {"photo": 20, "sync": 14, "edit": 4, "export": 2, "hand_in": 3, "take_in": 3, "restart": 2},
    steps=(14, 30),
)
"""Schedules in which everyone photographs the same things."""

CRASHES = Kind(steps=(14, 30), crashes=0.6)
"""Schedules in which the tablets' programs die all the time."""


TORN = Kind({"torn": 10, "sync": 3, "staff_move": 2, "collect": 2}, steps=(1, 4), more=(5, 9), weather=("",))
"""Schedules in which snapshots are cut and rights change before they go on."""


DESKS = Kind(
    {
        "errand": 6,
        "task": 6,
        "give": 4,
        "daily": 2,
        "clash": 8,
        "difference": 4,
        "late": 8,
        "inbox": 4,
        "codes": 2,
        "older": 2,
        "lock": 2,
        "sync": 12,
        "edit": 8,
        "collect": 6,
        "repair": 3,
        "restart": 1,
        "right": 1,
        "post": 2,
        "staff_move": 2,
        "split": 0.3,
        "merge": 0.3,
        "backup": 1,
        "restore": 1,
    },
    steps=(12, 26),
    busy=3,
)
"""Schedules in which staff give tasks out, contradict workers, and decide what was refused."""

REPORTS = Kind({"give": 3, "task": 20, "sync": 9}, steps=(14, 26), weather=("",))
"""Schedules in which workers report of the same tasks, each without knowing of the other's report."""

BELATED = Kind(
    {"edit": 12, "late": 10, "post": 10, "sync": 12, "inbox": 1}, steps=(20, 40), more=(20, 40), weather=("",)
)
"""Schedules in which posts end and begin again, and workers write on before staff take what was refused."""
