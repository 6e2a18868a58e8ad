"""What a tablet says of itself with a request it makes anyway (终端状况): header ``X-Tablet``.

Written ``v=0.1.0;unsent=3;oldest=2026-11-20;files=2;free=11520;used=40;clock=1795305600``. A reader
takes what it knows and can read, and passes over the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice
from uuid import UUID

HEADER = "X-Tablet"
"""Name of the header."""

_MOST_PARTS = 20
_MOST_NUMBER = 2**53
_MOST_PROGRAM = 32


@dataclass(frozen=True, slots=True)
class TabletReport:
    """What a tablet knows of itself; None where it did not say.

    Parameters
    ----------
    program : str
        Edition of the program, as people read it.
    unsent : int or None
        Changes the hub has not answered.
    oldest : date or None
        Day on which the oldest of them was made, by the tablet's clock.
    files : int or None
        Photos and files that still wait.
    free, used : int or None
        MiB free on the device's storage, and used by the program's data.
    clock : int or None
        The device's clock, in seconds since 1970 UTC.
    was : UUID or None
        The device it was when the hub heard its report last: it was enrolled anew, with its unsent work.
    """

    program: str = ""
    unsent: int | None = None
    oldest: date | None = None
    files: int | None = None
    free: int | None = None
    used: int | None = None
    clock: int | None = None
    was: UUID | None = None

    def as_header(self) -> str:
        """Write the header's value."""
        said = {_NAMES.get(item.name, item.name): getattr(self, item.name) for item in fields(self)}
        return ";".join(f"{name}={value}" for name, value in said.items() if value not in ("", None))


_NAMES: Mapping[str, str] = {"program": "v"}


def report_read(text: str) -> TabletReport:
    """Read a header's value; whatever cannot be read is as if it had not been said."""
    parts = (part.strip().partition("=") for part in islice(text.split(";"), _MOST_PARTS))
    said = {name: value for name, _, value in parts}
    program = said.get("v", "")
    return TabletReport(
        program=program[:_MOST_PROGRAM] if program.isascii() and program.isprintable() else "",
        unsent=_number(said.get("unsent")),
        oldest=_day(said.get("oldest")),
        files=_number(said.get("files")),
        free=_number(said.get("free")),
        used=_number(said.get("used")),
        clock=_number(said.get("clock")),
        was=_id(said.get("was")),
    )


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > len(str(_MOST_NUMBER)):
        return None
    return min(int(text), _MOST_NUMBER)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
