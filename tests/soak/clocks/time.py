"""Whose clock is looked at: the true time passes by itself, each device's clock shows what it was set to."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from field_app.ports.clock import DeviceClock

START = datetime(2026, 11, 22, 4, tzinfo=UTC).timestamp()
DAY = 86_400.0
YEAR = 365.25 * DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACES = (
    datetime(2028, 2, 28, 15, 59, 30, tzinfo=UTC),  # half a minute before a leap day begins in Shanghai
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(2032, 2, 29, 16, 0, 30, tzinfo=UTC),
    datetime(2027, 12, 31, 15, 59, 59, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
)
_STEPS = (-10 * YEAR, -YEAR, -31 * DAY, -DAY, -3_600.0, -90.0, 90.0, 3_600.0, DAY, 31 * DAY, YEAR, 10 * YEAR)


class World:
    """The true time, in seconds since 1970."""

    def __init__(self) -> None:
        self.truth = START


@dataclass
class Dial:
    """A clock that can be set, and the start of what it sits in.

    ``heard`` is how far off the hub's clock was when a reply came last, None when that is worth nothing.
    """

    world: World
    off: float = 0.0
    started: float = START - 1_000
    run: int = 0
    heard: float | None = None
    heard_in: int = 0
    moved: bool = False

    def wall(self) -> float:
        """Give what the clock shows."""
        return self.world.truth + self.off

    def uptime(self) -> float:
        """Give the seconds since the device was started."""
        return self.world.truth - self.started

    def device(self) -> DeviceClock:
        """Give it as the tablet's program gets it."""
        return DeviceClock(wall=self.wall, uptime=self.uptime, boot=lambda: f"run {self.run}")

    def hear(self, off: float) -> None:
        """Note how far off the hub's clock was when its reply came: what the tablet can know from then on."""
        self.heard, self.heard_in, self.moved = off, self.run, False

    def set(self, chance: random.Random) -> None:
        """Set it to another time: some steps away from what it shows, or a day that is special."""
        special = [place.timestamp() - self.wall() for place in _PLACES]
        self.off = min(max(self.off + chance.choice([*_STEPS, *special]), -10 * YEAR), 10 * YEAR)
        self.moved = True
        self._doubt()

    def start_anew(self) -> None:
        """Start the device anew; its clock goes on."""
        self.started, self.run = self.world.truth - 5, self.run + 1
        self._doubt()

    def _doubt(self) -> None:
        """A clock that was set, in a device that was started anew, tells the hub's time no more."""
        if self.moved and self.run != self.heard_in:
            self.heard = None


@contextmanager
def by(dial: Dial) -> Iterator[None]:
    """Let everything in this process read this clock."""

    def now() -> datetime:
        return _EPOCH + timedelta(seconds=dial.wall())

    fakes: Any = {"time": dial.wall, "time_ns": lambda: int(dial.wall() * 1e9)}
    with patch.multiple(time, **fakes), patch.object(timezone, "now", now):
        yield
