"""Power cuts at any moment, on a tablet and on a hub with SQLite: nothing damaged, no promise broken.

The product's own code writes through a shim; what a cut leaves is opened by the product on the
sqlite3 module it runs with, checked whole, and held to what had been promised until the cut.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from unittest.mock import patch

from field_app.store.keyring import Keyring
from field_app.store.store import Store
from field_app.sync import engine
from field_app.sync.client import Page
from field_app.sync.pages import page_store
from tests.soak.power_loss import hub_day, hub_rest, tablet_day, tablet_rest
from tests.soak.storage.adapter import Rewrite, as_it_is
from tests.soak.storage.loss import Disk
from tests.soak.storage.pins import quick_pins
from tests.soak.storage.place import scratch
from tests.soak.storage.trace import Event
from tests.soak.tally import Tally

HUB_EVERY = 20
"""One cut in so many befalls the hub, whose file takes longer to check."""

A_DAY = 10_000
"""Cuts tried on one recorded day."""

_STEPS = {"tablet": 60, "hub": 40}
_STEPS_OF_CONTROL = {"tablet": 20, "hub": 12}
_AT_ONCE = 40
_ENOUGH = 600
_DAYS = 5

Say = Callable[[str], None]


class Judge(Protocol):
    """Opens what a cut left, and says what is wrong."""

    def judge(self, left: dict[str, bytearray], at: int, promised: int) -> str:
        """Give `lost`, `doubled`, `corrupt` or `stuck`, or nothing."""


@dataclass(frozen=True)
class Scene:
    """A recorded day: its events, what lay there before, and who judges."""

    events: list[Event]
    before: Mapping[str, bytes]
    judge: Judge


def prove(tried: int, seed: int, say: Say) -> Tally:
    """Cut the power so many times, each at a moment and with a fate of its own."""
    tally = Tally()
    numbers = range(seed, seed + tried)
    for day in sorted({(number - 1) // A_DAY for number in numbers}):
        todays = [number for number in numbers if (number - 1) // A_DAY == day]
        for side in ("tablet", "hub"):
            mine = [number for number in todays if (number % HUB_EVERY == 0) == (side == "hub")]
            if mine:
                with _scene(side, day, _STEPS[side]) as scene:
                    for number, fault in _faults(scene, mine):
                        _count(tally, fault)
                        if fault:
                            say(f"seed {number}: {fault}")
        say(f"{tally.tried} cuts")
    for control in CONTROLS:
        tally.controls += 1
        caught = control.caught(seed)
        tally.controls_caught += caught
        say(f"{control.side}, {control.title}: {'caught' if caught else 'NOT CAUGHT'}")
    return tally


def _count(tally: Tally, fault: str) -> None:
    tally.tried += 1
    if fault:
        setattr(tally, fault, getattr(tally, fault) + 1)


def _faults(scene: Scene, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Cut once for each number, in the order of the day."""
    places = sorted((random.Random(number).randrange(len(scene.events) + 1), number) for number in numbers)
    disk = Disk(scene.events, scene.before)
    for at, number in places:
        disk.advance(at)
        yield number, scene.judge.judge(disk.cut(random.Random(number)), at, disk.promised)


@contextmanager
def _scene(
    side: str, seed: int, steps: int, rewrite: Rewrite = as_it_is, *, late: bool = False
) -> Iterator[Scene]:
    with scratch() as folder:
        if side == "tablet":
            lived = tablet_day.record(folder / "day", seed, steps, rewrite, late=late)
            with quick_pins():
                yield Scene(lived.events, {}, tablet_rest.Judge(lived, folder / "rest"))
        else:
            day = hub_day.record(folder / "day", seed, steps, rewrite, late=late)
            with hub_day.at(folder):
                yield Scene(day.events, {hub_day.FILE: day.before}, hub_rest.Judge(day, folder))


@dataclass(frozen=True)
class Control:
    """A known-wrong variant of one side.

    Parameters
    ----------
    side, title : str
    rewrite : callable
        What it does to statements.
    late : bool
        Commits are said to be done before they are.
    spoil : callable
        Changes the product's code while a day is recorded.
    """

    side: str
    title: str
    rewrite: Rewrite = as_it_is
    late: bool = False
    spoil: Callable[[], AbstractContextManager[object]] | None = None

    def caught(self, seed: int) -> bool:
        """Whether cuts bring it to light; now and then a day gives it no occasion, so there are some."""
        return any(self._caught_on(day) for day in range(seed, seed + _DAYS))

    def _caught_on(self, day: int) -> bool:
        with self._recorded(day) as scene:
            numbers = range(day, day + _ENOUGH, _AT_ONCE)
            return any(
                fault for start in numbers for _, fault in _faults(scene, range(start, start + _AT_ONCE))
            )

    @contextmanager
    def _recorded(self, seed: int) -> Iterator[Scene]:
        steps = _STEPS_OF_CONTROL[self.side]
        if self.spoil is None:
            with _scene(self.side, seed, steps, self.rewrite, late=self.late) as scene:
                yield scene
            return
        with self.spoil(), _scene(self.side, seed, steps) as scene:
            yield scene


def _without(wanted: str, given: str) -> Rewrite:
    return lambda sql: sql.replace(wanted, given)


def _cursor_first(*, store: Store, page: Page) -> None:
    """Known wrong: the cursor is stored before its page."""
    with store.write() as unit:
        unit.put_meta("cursor", page.cursor)
    page_store(store=store, page=page)


def _outside_alone(keyring: Keyring) -> None:
    """Known wrong: an opening is counted beside the secret, and the folder does not hear of it."""
    store = keyring._row()[3]
    tries = keyring._tries(store)
    keyring._secret.count(store, replace(tries, opened=tries.opened + 1))


CONTROLS = (
    Control("tablet", "synchronous=NORMAL", _without("synchronous = FULL", "synchronous = NORMAL")),
    Control("tablet", "journal_mode=MEMORY", _without("journal_mode = WAL", "journal_mode = MEMORY")),
    Control("tablet", "journal_mode=OFF", _without("journal_mode = WAL", "journal_mode = OFF")),
    Control("tablet", "told before it is committed", late=True),
    Control(
        "tablet",
        "the cursor stored apart from its page",
        spoil=lambda: patch.object(engine, "page_store", _cursor_first),
    ),
    Control(
        "tablet",
        "openings counted outside of the folder alone",
        spoil=lambda: patch.object(Keyring, "opening_count", _outside_alone),
    ),
    Control("hub", "synchronous=NORMAL", _without("synchronous=FULL", "synchronous=NORMAL")),
    Control("hub", "journal_mode=MEMORY", _without("journal_mode=WAL", "journal_mode=MEMORY")),
    Control("hub", "answered before it is committed", late=True),
)
