"""Clocks ten years off, jumping back and forth and over leap days, on tablets and hub, while people work.

A case is a day of two workers' tablets at the real hub. Their clocks and the hub's are set at will;
time itself passes evenly. At rest nothing is lost, doubled, divergent or stuck, days follow the
hub, and no setting of a clock shortens the wait after wrong PINs.
"""

import os
from collections.abc import Callable

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.pop("TEST_DATABASE_URL", None)
django.setup()

from tests.soak.clocks.day import day_play  # noqa: E402
from tests.soak.clocks.town import Town  # noqa: E402
from tests.soak.clocks.wrong import CONTROLS  # noqa: E402
from tests.soak.storage.place import scratch  # noqa: E402
from tests.soak.tally import Tally  # noqa: E402

_PATIENCE = 60


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play so many days from a seed, then each known-wrong variant until a day tells it apart."""
    tally = Tally()
    with scratch() as folder:
        town = Town(folder)
        for case in range(tried):
            found = day_play(town, seed + case)
            tally.add(found)
            if found.lost or found.doubled or found.corrupt or found.stuck:
                say(f"seed {seed + case}: {found}")
        for name, spoiled in CONTROLS.items():
            tally.controls += 1
            with spoiled(town):
                caught = any(_faulty(day_play(town, seed + case)) for case in range(_PATIENCE))
            tally.controls_caught += caught
            if not caught:
                say(f"control not caught: {name}")
    return tally


def _faulty(found: Tally) -> bool:
    return bool(found.lost or found.doubled or found.corrupt or found.stuck)
