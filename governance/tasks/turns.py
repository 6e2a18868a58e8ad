"""Between two writes of a long run, those who wait are let in (让出写锁).

On SQLite writers do not queue: they look every tenth of a second whether they may, and one that begins
its next transaction at once would keep a tablet's push or a department's pull waiting for as long as it runs.
"""

import threading
import time

from django.db import connection

TURN, PAUSE = 1.0, 0.15
"""Seconds of work after which waiting writers are let in, and for how long."""

_last = threading.local()


def others_let_in() -> None:
    """Pause for waiting writers where it is time; never inside a transaction."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    if time.monotonic() - getattr(_last, "at", 0.0) > TURN:
        time.sleep(PAUSE)
        _last.at = time.monotonic()
