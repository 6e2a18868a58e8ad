"""The gate (门限): how often a line may be opened, counted in this process alone.

A database that is asked for leave would be the first to suffer from whoever asks too often.
"""

import random
import time
from collections import Counter

from governance.access.errors import Throttled
from governance.sync.admission import Busy

WINDOW = 60
PER_DEVICE = 20
WRONG_PER_ADDRESS = 60
WAITING = 4000
"""Openings that may wait for a thread; what comes on top is asked to come back."""


class Gate:
    """Counts openings a minute, of a device and of wrong tokens from an address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = 0
        self._counts: Counter[str] = Counter()

    def room(self, lines: int, waiting: int) -> None:
        """Let another line in. Raises Busy where the process has as many as it will hold."""
        if lines >= self._most or waiting >= WAITING:
            wait = 30 + random.randrange(60)  # noqa: S311 - spreads those who come back
            raise Busy(f"平台连接已满，请{wait}秒后再连；同步不受影响", wait=wait)

    def address(self, address: str) -> None:
        """Let an address try. Raises Throttled after too many wrong tokens from it."""
        self._let(f"address {address}", WRONG_PER_ADDRESS, count=0)

    def wrong(self, address: str) -> None:
        """Count a wrong token."""
        self._counts[f"address {address}"] += 1

    def device(self, device: str) -> None:
        """Count a line of a device. Raises Throttled where it opens one after the other."""
        self._let(f"device {device}", PER_DEVICE, count=1)

    def _let(self, key: str, limit: int, *, count: int) -> None:
        now = int(time.monotonic())
        if now // WINDOW != self._window:
            self._window = now // WINDOW
            self._counts.clear()
        self._counts[key] += count
        if self._counts[key] + (1 - count) > limit:
            raise Throttled("连接过于频繁，请稍后再试", wait=WINDOW - now % WINDOW)
