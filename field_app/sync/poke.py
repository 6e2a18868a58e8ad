"""Listening for the hub's call (唤醒): one open line, in a thread of its own, for as long as it is wanted.

Nothing hangs on it: syncs go on at their intervals whether the line stands or not.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from field_app.errors import TabletError
from field_app.sync.errors import Answered, SyncError, Throttled

_FIRST, _LONGEST = 2.0, 300.0
_LASTED = 30.0
_REPLACED = 120.0
_ASKING = frozenset({"token", "scope", "epoch"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What happened on the line.

    Parameters
    ----------
    event : str
        ``open``, ``poke``, ``end`` (by the hub) or ``off`` (no line).
    streams : mapping
        Stream to number, of a poke.
    spread : float
        Seconds over which those poked together are to spread their syncs.
    code, reason : str
        Why it ended or is off; ``reason`` Chinese.
    wait : float
        Seconds to leave the hub alone.
    """

    event: str
    streams: Mapping[str, int] = field(default_factory=dict)
    spread: float = 0.0
    code: str = ""
    reason: str = ""
    wait: float = 0.0

    @property
    def asks(self) -> bool:
        """Whether a sync is asked for."""
        return self.event == "poke" or (self.event == "end" and self.code in _ASKING)


class Line(Protocol):
    """A line that stands."""

    def __iter__(self) -> Iterator[Heard]:
        """Give what comes until the line ends or is hung up; raises Offline when it breaks."""

    def hang_up(self) -> None:
        """End it, from any thread."""


class Listener:
    """Keeps a line open until stopped; tries again ever more rarely while there is none.

    Parameters
    ----------
    dial : callable
        Opens a line. Raises TabletError.
    heard : callable
        Is told all that happens, from the listener's thread.
    chance : callable, optional
        Gives numbers from 0 to 1 that spread tries and syncs.
    """

    def __init__(
        self,
        dial: Callable[[], Line],
        heard: Callable[[Heard], object],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._dial = dial
        self._heard = heard
        self._chance = chance
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._stopped = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poke", daemon=True)

    def start(self) -> None:
        """Begin, once."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up; from now on nothing is told any more."""
        with self._lock:
            self._stopped = True
            line = self._line
        self._woken.set()
        if line is not None:
            line.hang_up()

    def _run(self) -> None:
        failed = 0
        while not self._stopped:
            begun = time.monotonic()
            try:
                last = self._listen()
            except TabletError as error:
                last = Heard(
                    "off", reason=str(error), wait=error.wait if isinstance(error, SyncError) else 0.0
                )
                if isinstance(error, Answered) and not isinstance(error, Throttled):
                    self._tell(Heard("end", code="token", reason=str(error)))
                    return
            failed = 0 if time.monotonic() - begun >= _LASTED else failed + 1
            self._tell(last)
            if last.code == "token":
                return
            self._pause(last, failed)

    def _listen(self) -> Heard:
        """Listen on one line; give why it is over."""
        line = self._dial()
        try:
            with self._lock:
                self._line = line
            if self._stopped:
                return Heard("off")
            self._tell(Heard("open"))
            for heard in line:
                if heard.event == "end":
                    return heard
                if heard.spread:
                    self._woken.wait(heard.spread * self._chance())
                    self._woken.clear()
                self._tell(heard)
        finally:
            with self._lock:
                self._line = None
            line.hang_up()
        return Heard("off", reason="与平台的连接断了，稍后再连")

    def _tell(self, heard: Heard) -> None:
        if not self._stopped:
            self._heard(heard)

    def _pause(self, last: Heard, failed: int) -> None:
        seconds = min(_LONGEST, _FIRST * 2 ** min(failed, 10)) if last.event == "off" else 0.0
        if last.code == "replaced":
            seconds = _REPLACED
        self._woken.wait(last.wait + seconds * (0.5 + self._chance()) + (0.1 if failed else 0.0))
        if not self._stopped:
            self._woken.clear()
