"""The disk is full at any moment, under a tablet and under a hub with SQLite.

Each case gives the files so many bytes of room and no more. Whoever writes must be told in plain words;
what was promised before stands; and after space was made the work goes on where it stopped.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from tests.soak.disk_full import hub_side, tablet_side
from tests.soak.storage import adapter
from tests.soak.storage.pins import quick_pins
from tests.soak.storage.place import scratch
from tests.soak.tally import Tally

Say = Callable[[str], None]
Side = Callable[..., str]

_SIDES: dict[str, Side] = {"tablet": tablet_side.fill_up, "hub": hub_side.fill_up}
_ENOUGH = 40


def prove(tried: int, seed: int, say: Say) -> Tally:
    """Let the disk run full so many times, on either side by turns, at the next step of its filling."""
    tally = Tally()
    with quick_pins(), _quiet():
        for number in range(seed, seed + tried):
            side = "hub" if number % 2 == 0 else "tablet"
            fault = _case(side, number)
            tally.tried += 1
            if fault:
                setattr(tally, fault, getattr(tally, fault) + 1)
                say(f"seed {number}, {side}: {fault}")
        for control in CONTROLS:
            tally.controls += 1
            with control.spoil():
                caught = any(_case(control.side, number) for number in range(seed, seed + _ENOUGH))
            tally.controls_caught += caught
            say(f"{control.side}, {control.title}: {'caught' if caught else 'NOT CAUGHT'}")
    return tally


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the hub not tell its log of each full disk."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _case(side: str, number: int) -> str:
    with scratch() as folder:
        return _SIDES[side](folder, number)


@dataclass(frozen=True)
class Control:
    """A known-wrong variant of one side."""

    side: str
    title: str
    spoil: Callable[[], AbstractContextManager[object]]


@contextmanager
def _swallowed() -> Iterator[None]:
    """A full disk is taken for a success."""
    run = adapter.Cursor._run

    def hopeful(cursor: adapter.Cursor, sql: str, parameters: adapter.Parameters) -> object:
        try:
            return run(cursor, sql, parameters)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL:
                raise
            if cursor.connection.raw.in_transaction:
                cursor.connection.raw.execute("ROLLBACK")
            return iter(()), 1

    with patch.object(adapter.Cursor, "_run", hopeful):
        yield


CONTROLS = (
    Control("tablet", "an error is swallowed", _swallowed),
    Control("hub", "an error is swallowed", _swallowed),
)
