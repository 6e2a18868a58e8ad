"""Playing many schedules of a kind."""

from collections.abc import Callable
from functools import cache
from itertools import chain

from tests.soak.tally import Tally
from tests.soak.world.kinds import Kind
from tests.soak.world.schedule import played
from tests.soak.world.town import Town, town_make
from tests.soak.world.verdict import Faults
from tests.soak.world.wrong import Mutant

_TOLD_EVERY = 500

_FOUND = {
    "accepted_not_written": 5, "ack_before_commit": 5, "answers_by_position": 7, "come_as_before": 42,
    "contested_not_kept": 9, "cursor_before_page": 5, "cut_goes_on": 151, "epoch_ignored": 20,
    "form_sees_all": 64, "grid_left_not_told": 6, "head_read_last": 6, "late_work_overwrites": 8,
    "moved_not_told": 12, "moved_within_leaves": 10, "not_sent_again": 20, "older_copy_not_minded": 7,
    "page_in_parts": 5, "photos_overwritten": 7, "revoked_wipes_all": 35, "scope_not_left": 6,
    "second_report_mixed": 58, "sending_not_noted": 5, "sent_again_renamed": 6, "snapshot_wipes_edits": 39,
    "strays_stay": 25, "whole_record_replaced": 9, "wiped_before_sent": 35,
}  # fmt: skip
"""Schedules that found mutants out before; tried first, as those before them go well."""


def schedules_play(tried: int, seed: int, kind: Kind, say: Callable[[str], None]) -> Tally:
    """Play schedules of one kind and count what is wrong; one alone tells its steps."""
    tally = Tally()
    for case in range(seed, seed + tried):
        faults = played(town(), case, kind, say if tried == 1 else None)
        tally.tried += 1
        if faults:
            say(f"seed {case}: {faults}")
            _count(tally, faults)
        if tally.tried % _TOLD_EVERY == 0:
            say(f"{tally.tried} played")
    return tally


def tries_until_caught(mutant: Mutant, seed: int, kind: Kind, most: int) -> int | None:
    """Give how many schedules it takes to find a mutant out; None if ``most`` of them go well.

    The town is there before, or its listeners would go with the mutant. What goes wrong without the mutant
    too has not found it out.
    """
    known, here = _FOUND.get(mutant.__name__), town()
    cases = chain([known] if known else [], range(seed, seed + most))
    for tries, case in enumerate(cases, start=1):
        with mutant():
            wrong = played(here, case, kind)
        if wrong:
            return None if played(here, case, kind) else tries
    return None


@cache
def town() -> Town:
    """Give the town that every schedule begins with; made once a process."""
    return town_make()


def _count(tally: Tally, faults: Faults) -> None:
    """Count a case once under each name that fits."""
    for name in ("lost", "doubled", "corrupt", "stuck"):
        setattr(tally, name, getattr(tally, name) + bool(getattr(faults, name)))
