"""The unlocked store (已解锁的存储): memory for reading, units of work for writing."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager

from field_app.ports.clock import DeviceClock
from field_app.store.clock import HubClock
from field_app.store.database import transaction
from field_app.store.errors import StoreError
from field_app.store.files import Files
from field_app.store.loading import memory_load
from field_app.store.sealing import Sealer
from field_app.store.unit import Unit

Watcher = Callable[[Set[str]], None]


class Store:
    """Reading is from ``memory``; writing is ``with store.write() as unit``.

    ``files`` holds photos' bytes, sealed under the same key. ``lock`` is re-entrant: whoever reads
    several things that must agree holds it. ``revision`` grows with every transaction.
    ``damage`` is what could not be read.
    """

    def __init__(
        self, connection: sqlite3.Connection, sealer: Sealer, device: DeviceClock, files: Files
    ) -> None:
        self._connection = connection
        self._sealer = sealer
        self._watchers: list[Watcher] = []
        self.files = files
        self.lock = threading.RLock()
        self.revision = 0
        self._ended = False
        self.memory, self.damage = memory_load(connection, sealer)
        self.clock = HubClock(device, self.memory.meta)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Write in one transaction; memory follows only after the commit.

        Raises
        ------
        StoreError
            Nothing was stored (disk full, wiped ...); memory is as before.
        """
        with self.lock:
            if self._ended:
                raise StoreError("本机资料已清除，没有保存")
            unit = Unit(self._connection, self._sealer, self.memory, self.clock)
            with transaction(self._connection):
                yield unit
            touched = self.memory.apply(unit.delta)
            self.revision += 1
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher(touched)

    def end(self) -> None:
        """Store nothing any more: the key goes, and what was written would be lost without a word."""
        with self.lock:
            self._ended = True

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Have ``watcher(ids)`` called after each commit, in the thread that wrote; gives the way to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def unwatch(self) -> None:
        """Call nobody any more, as when the tablet is locked while a sync still writes."""
        self._watchers.clear()
