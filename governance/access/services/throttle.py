"""Counting requests (限流): exact under concurrency, on both databases."""

import time

from django.db import connection

from governance.access.models import Throttle

_OVER = "access_throttle.began < excluded.began OR access_throttle.began > excluded.began + %s"
"""A window is over when a later one begins, or when the clock was set back to before it."""

_HIT = f"""
    INSERT INTO access_throttle (key, began, hits) VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN {_OVER} THEN 1 ELSE access_throttle.hits + 1 END,
        began = CASE WHEN {_OVER} THEN excluded.began ELSE access_throttle.began END
    RETURNING hits, began
"""


def throttle_hit(*, key: str, limit: int, seconds: int) -> int:
    """Count one use of ``key`` and give the seconds to wait, 0 when it is within the limit.

    Of all uses in one window of ``seconds`` exactly ``limit`` are answered 0, however many
    processes count at once. Call it outside the transaction that may be rolled back.

    Parameters
    ----------
    key : str
        What is limited, such as ``enrol:10.0.0.7``.
    limit : int
        Uses allowed within a window.
    seconds : int
        Length of a window; windows begin at multiples of it.
    """
    now = time.time()
    began = int(now) // seconds * seconds
    with connection.cursor() as cursor:
        cursor.execute(_HIT, [key[:200], began, seconds, seconds])
        hits, began = cursor.fetchone()
    return 0 if hits <= limit else max(1, began + seconds - int(now))


def throttle_sweep(*, older_than: int = 86400) -> int:
    """Delete the counters not used for ``older_than`` seconds and give their number."""
    return Throttle.objects.filter(began__lt=int(time.time()) - older_than).delete()[0]
