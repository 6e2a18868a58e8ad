"""Admission of long snapshots (下载排队): however many ask, pushes and pulls keep threads of their own.

A snapshot has one of the web process's few threads until its last byte is made. Short ones are over
before it matters; long ones take one of the process's seats, or are asked to come back.
"""

import itertools
import threading
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings

from governance.access.errors import Refused

LONG = 10_000
"""Records beyond which a snapshot is long: some ten times an ordinary grid's."""

_WAIT, _SPREAD = 3, 5


class Busy(Refused):
    """The hub has as many long snapshots under way as it will make at once."""

    status = 503
    code = "busy"


class Admission:
    """The seats of one web process; each device takes one at most."""

    def __init__(self, seats: int) -> None:
        self._seats = seats
        self._taken: set[UUID] = set()
        self._lock = threading.Lock()
        self._refused = itertools.count()

    @property
    def taken(self) -> int:
        """Seats in use."""
        return len(self._taken)

    def enter(self, device: UUID) -> None:
        """Take a seat for a device.

        Raises
        ------
        Busy
            All seats are taken, or the device has one; ``wait`` spreads those who come back.
        """
        with self._lock:
            if device not in self._taken and len(self._taken) < self._seats:
                self._taken.add(device)
                return
            again = device in self._taken
        wait = _WAIT + next(self._refused) % _SPREAD
        reason = "本机的上一次下载还没有结束" if again else "平台正忙，下载的终端较多"
        raise Busy(f"{reason}，请{wait}秒后再试；数据仍在本机", wait=wait)

    def leave(self, device: UUID) -> None:
        """Give the device's seat back."""
        with self._lock:
            self._taken.discard(device)


class Seated:
    """A stream that gives its seat back when it ends, is cut, or is never begun."""

    def __init__(self, admission: Admission, device: UUID, lines: Iterator[bytes]) -> None:
        self._admission = admission
        self._device = device
        self._lines = lines
        self._left = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._lines)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the seat back, once."""
        if not self._left:
            self._left = True
            self._admission.leave(self._device)


def seats_of(threads: int) -> int:
    """Give the seats of a process with so many threads: half of them, one at least."""
    return max(1, threads // 2)


ADMISSION = Admission(seats_of(settings.HUB_THREADS))
"""Of this process."""
