"""Seeded protocol mutants (已知错误的协议变体): each must be found out, or the schedules prove nothing."""

from collections.abc import Callable
from inspect import getmembers, isfunction
from types import ModuleType

from tests.soak.tally import Tally
from tests.soak.world.kinds import (
    AT_ONCE,
    BELATED,
    CAMERAS,
    CRASHES,
    DESKS,
    REDRAWN,
    REPORTS,
    RESTORES,
    SHIFTS,
    SNAPSHOTS,
    THOROUGH,
    TOGETHER,
    TORN,
    UNANSWERED,
)
from tests.soak.world.plays import tries_until_caught
from tests.soak.world.wrong import Mutant, hub_side, tablet_side

MOST_TRIES = 400
_KINDS = {
    **dict.fromkeys(("accepted_not_written", "late_work_twice", "older_copy_not_minded"), DESKS),
    **dict.fromkeys(("epoch_ignored", "not_sent_again", "sent_again_renamed"), RESTORES),
    **dict.fromkeys(("cursor_before_page", "page_in_parts"), CRASHES),
    "sending_not_noted": UNANSWERED,
    "photos_overwritten": CAMERAS,
    "head_read_last": SNAPSHOTS,
    "noted_late": AT_ONCE,
    "late_work_overwrites": BELATED,
    "moved_within_leaves": SHIFTS,
    "second_report_mixed": REPORTS,
    "strays_stay": REDRAWN,
    "come_as_before": TORN,
    "cut_goes_on": TORN,
    "snapshot_wipes_edits": TOGETHER,
}
"""Schedules in which a mutant's moment comes more often than in ordinary ones."""


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play schedules under each mutant until one goes wrong; one that never does is a failure."""
    tally = Tally()
    for name, mutant in MUTANTS[:tried]:
        tally.tried += 1
        tally.controls += 1
        needed = tries_until_caught(mutant, seed, _KINDS.get(name, THOROUGH), MOST_TRIES)
        tally.controls_caught += needed is not None
        say(f"{name}: {'NOT KILLED' if needed is None else f'killed after {needed}'}")
    return tally


def _of(module: ModuleType) -> list[tuple[str, Mutant]]:
    """List a module's own mutants by name."""
    found = getmembers(module, isfunction)
    return [(name, each) for name, each in found if each.__module__ == module.__name__ and name[0] != "_"]


MUTANTS = [*_of(hub_side), *_of(tablet_side)]
