"""Playing many schedules of a kind."""

from collections.abc import Callable
from functools import cache

from tests.soak.tally import Tally
from tests.soak.world.schedule import Kind, played
from tests.soak.world.town import Town, town_make
from tests.soak.world.verdict import Faults
from tests.soak.world.wrong import Mutant

_TOLD_EVERY = 500


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
    """Give how many schedules it takes to find a mutant out; None if ``most`` of them go well."""
    with mutant():
        for tries in range(most):
            if played(town(), seed + tries, kind):
                return tries + 1
    return None


@cache
def town() -> Town:
    """Give the town that every schedule begins with; made once a process."""
    return town_make()


def _count(tally: Tally, faults: Faults) -> None:
    """Count a case once under each name that fits."""
    for name in ("lost", "doubled", "corrupt", "stuck"):
        setattr(tally, name, getattr(tally, name) + bool(getattr(faults, name)))
