"""Random schedules from one seed (随机日程): people, tablets and a bad network; at rest all is well."""

from collections.abc import Callable
from functools import cache

from tests.soak.tally import Tally
from tests.soak.world import wrong
from tests.soak.world.schedule import Kind, played
from tests.soak.world.town import Town, town_make
from tests.soak.world.verdict import Faults

FIRST = 5_000
SOAK = 100_000
_TOLD_EVERY = 500
_CONTROL_TRIES = 60


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play schedules from a seed; one alone tells its steps. A control is caught within a few schedules."""
    tally = schedules_play(tried, seed, Kind(), say)
    for control in (wrong.answers_forgotten, wrong.scope_not_left):
        tally.controls += 1
        with control():
            tally.controls_caught += any(played(town(), case, Kind()) for case in range(1, _CONTROL_TRIES))
    return tally


def schedules_play(tried: int, seed: int, kind: Kind, say: Callable[[str], None]) -> Tally:
    """Play schedules of one kind and count what is wrong."""
    tally = Tally()
    for case in range(seed, seed + tried):
        faults = played(town(), case, kind, say if tried == 1 else None)
        tally.tried += 1
        if faults:
            say(f"seed {case}: {faults}")
            count(tally, faults)
        if tally.tried % _TOLD_EVERY == 0:
            say(f"{tally.tried} played")
    return tally


def count(tally: Tally, faults: Faults) -> None:
    """Count a case once under each name that fits."""
    for name in ("lost", "doubled", "corrupt", "stuck"):
        setattr(tally, name, getattr(tally, name) + bool(getattr(faults, name)))


@cache
def town() -> Town:
    """Give the town that every schedule begins with; made once a process."""
    return town_make()
