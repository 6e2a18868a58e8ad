"""Record and change ids: UUID version 7 (RFC 9562), made where the record is made.

The time part only keeps indexes compact; nobody may read a time out of it.
"""

import os
import threading
import time
import uuid


class _Clock:
    """Milliseconds and a 12-bit counter, strictly rising within the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def tick(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, (time.time_ns() // 1_000_000) << 12)
            return self._last


_clock = _Clock()


def uuid7() -> uuid.UUID:
    """Give a new UUIDv7, strictly increasing within this process.

    The clock may jump back; the 60 bits of milliseconds and counter never do.
    """
    stamp = _clock.tick()
    milliseconds, counter = stamp >> 12, stamp & 0xFFF
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | counter << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)
