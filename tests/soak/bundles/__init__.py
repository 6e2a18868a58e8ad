"""Bundles (数据包) cut, bit-flipped, replayed, forged, someone else's, lost, late, out of order: no harm."""

from collections.abc import Callable
from functools import cache
from itertools import count

from django.conf import settings

import tests.soak.world  # noqa: F401 - sets Django up before anything below needs it
from tests.soak.bundles import wrong
from tests.soak.bundles.errand import Errand, Faults, bad_worker
from tests.soak.bundles.thief import BadWorker
from tests.soak.tally import Tally
from tests.soak.world.town import Town, town_make

_TOLD_EVERY = 100
_CONTROL_TRIES = 200


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play errands from a seed until so many files were tried; each wrong variant is caught within a few."""
    tally = Tally()
    for case in count(seed):
        if tally.tried >= tried:
            break
        errand = Errand(*scene(), case, say if tried == 1 else None)
        faults = errand.played()
        tally.tried += errand.tried
        for name in ("lost", "doubled", "corrupt", "stuck"):
            setattr(tally, name, getattr(tally, name) + (name in faults))
        for name, what in faults.items():
            say(f"seed {case}: {name}: {what}")
        if case % _TOLD_EVERY == 0:
            say(f"{tally.tried} tried")
    for control in wrong.CONTROLS:
        tally.controls += 1
        if caught(control):
            tally.controls_caught += 1
        else:
            say(f"not caught: {control.__name__}")
    return tally


def caught(control: wrong.Control) -> Faults:
    """Give the faults of the first errand that tells a wrong variant from the right one."""
    with control():
        for case in range(1, _CONTROL_TRIES):
            faults = Errand(*scene(), case).played()
            if faults:
                return faults
    return {}


@cache
def scene() -> tuple[Town, BadWorker]:
    """Give the town that every errand begins with, and who carries in it; made once a process."""
    settings.BUNDLES_PER_MINUTE = 10**9
    town = town_make()
    town.hub.following = False
    return town, bad_worker(town)
