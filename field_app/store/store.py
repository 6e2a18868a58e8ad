"""The unlocked store (已解锁的存储): memory for reading, units of work for writing."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager

from field_app.ports.clock import DeviceClock
from field_app.store.clock import HubClock
from field_app.store.database import plain_errors, transaction
from field_app.store.errors import StoreError
from field_app.store.files import Files
from field_app.store.memory import Delta, Memory
from field_app.store.sealing import Sealer
from field_app.store.state import Draft, Entry, Happening, Held, Photo, PhotoState, RecordState
from field_app.store.unit import Unit
from governance.contract import Problem

Watcher = Callable[[Set[str]], None]


class Store:
    """Reading is from ``memory``; writing is ``with store.write() as unit``.

    ``files`` holds photos' bytes, sealed under the same key. ``lock`` is re-entrant: whoever reads
    several things that must agree holds it. ``revision`` grows with every transaction.
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
        self.memory = _load(connection, sealer)
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


def _load(connection: sqlite3.Connection, sealer: Sealer) -> Memory:
    """Decrypt everything into memory."""
    delta = Delta()
    with plain_errors():
        for key, body in connection.execute("SELECT key, body FROM meta"):
            delta.meta[key] = sealer.open("meta", key, body)
        for id, version, seen, body in connection.execute("SELECT id, version, seen, body FROM record"):
            kind, grid, values, leaving = _parts(sealer.open("record", id, body), 4)
            delta.held[id] = Held(id, kind, grid, version, values, seen, leaving)
        rows = connection.execute("SELECT seq, change, state, body, result FROM outbox ORDER BY seq")
        for seq, change, state, body, result in rows:
            delta.entries[change] = _entry(sealer, seq, change, state, body, result)
        for id, body in connection.execute("SELECT id, body FROM draft"):
            saved_at, form = _parts(sealer.open("draft", id, body), 2)
            delta.drafts[id] = Draft(id, saved_at, form)
        for record, body in connection.execute("SELECT record, body FROM trail ORDER BY seq"):
            delta.trails.append((record, _happening(sealer.open("trail", record, body))))
        for id, body in connection.execute("SELECT id, body FROM photo"):
            delta.photos[id] = _photo(sealer.open("photo", id, body))
    memory = Memory()
    memory.apply(delta)
    return memory


def _parts(value: object, count: int) -> list:  # type: ignore[type-arg]
    if not isinstance(value, list) or len(value) != count:
        raise StoreError("本机数据格式不对，不能打开")
    return value


def _happening(value: object) -> Happening:
    if not isinstance(value, dict):
        raise StoreError("本机数据格式不对，不能打开")
    fields, reasons = tuple(value.pop("fields")), tuple(value.pop("reasons"))
    return Happening(fields=fields, reasons=reasons, **value)


def _photo(value: object) -> Photo:
    if not isinstance(value, dict):
        raise StoreError("本机数据格式不对，不能打开")
    return Photo(**value | {"state": PhotoState(value["state"])})


def _entry(sealer: Sealer, seq: int, change: str, state: str, body: bytes, result: bytes | None) -> Entry:
    values = sealer.open("outbox", change, body)
    answer = sealer.open("outbox.result", change, result) if result is not None else {}
    if not isinstance(values, dict) or not isinstance(answer, dict):
        raise StoreError("本机数据格式不对，不能打开")
    errors = tuple(Problem(**problem) for problem in answer.pop("errors", ()))
    return Entry(seq=seq, change=change, state=RecordState(state), errors=errors, **values, **answer)
