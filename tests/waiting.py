"""People who meet at a lock of PostgreSQL: each goes on only when the one before him waits."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from governance.feed.services import heads_lock
from tests.factories import GRID

PATIENCE = 20.0
_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND pg_stat_activity.datname = current_database()
"""  # the server serves other tests too


def waiting() -> int:
    """Count who waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])


def waits(number: int) -> None:
    """Wait until so many wait for a lock."""
    until = time.monotonic() + PATIENCE
    while waiting() < number and time.monotonic() < until:
        time.sleep(0.02)


def closing(job: Callable[[], object]) -> object:
    """Do a job in a thread of its own; gives what came of it."""
    try:
        return job()
    finally:
        connection.close()


def meanwhile(act: Callable[[], object], *, late: Callable[[], object]) -> object:
    """Act in a transaction that holds the stream, while somebody who came later waits; give what he got."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            heads_lock([GRID])
            held_up = pool.submit(closing, late)
            waits(1)
            act()
        return held_up.result()
