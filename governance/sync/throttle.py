"""A generous limit of requests a device (终端限流): a tablet gone wild must not wear the hub out.

Counting each request in the database would cost an idle sync more than the sync. Each process lets a
device make a few uncounted, then takes further ones from the shared, atomic counter by the block: all
processes together let through at most the limit and what each gives away uncounted.
"""

import threading
import time
from uuid import UUID

from django.conf import settings

from governance.access.errors import Throttled
from governance.access.services.throttle import throttle_hit

UNCOUNTED = 100
"""Requests a minute that a process lets a device make without asking the shared counter."""

BLOCK = 100
"""Requests taken from the shared counter at once."""

_SECONDS = 60
_MOST = 50_000


class DeviceThrottle:
    """What this process still has in hand for each device within the present minute."""

    def __init__(self) -> None:
        self._left: dict[UUID, int] = {}
        self._window = 0
        self._lock = threading.Lock()

    def hit(self, device: UUID) -> None:
        """Count one request; call it outside the transaction that may be rolled back.

        Raises
        ------
        Throttled
            Beyond the limit, with the seconds to wait.
        """
        if self._take(device):
            return
        blocks = max(1, settings.DEVICE_PER_MINUTE // BLOCK)
        wait = throttle_hit(key=f"device:{device}", limit=blocks, seconds=_SECONDS)
        if wait:
            raise Throttled("终端请求过于频繁，请稍后再试；数据仍在本机", wait=wait)
        with self._lock:
            self._left[device] = self._left.get(device, 0) + BLOCK - 1

    def forget(self) -> None:
        """Forget what is in hand, as when the database was put back to an earlier state."""
        with self._lock:
            self._left.clear()

    def _take(self, device: UUID) -> bool:
        window = int(time.time()) // _SECONDS
        with self._lock:
            if window != self._window or len(self._left) > _MOST:
                self._window = window
                self._left.clear()
            left = self._left.get(device, UNCOUNTED)
            self._left[device] = max(0, left - 1)
            return left > 0


THROTTLE = DeviceThrottle()
"""Of this process."""
