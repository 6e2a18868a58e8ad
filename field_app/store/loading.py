"""Opening everything held into memory (读入): what cannot be read keeps nothing else back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from field_app.store.database import plain_errors
from field_app.store.errors import StoreError
from field_app.store.memory import Delta, Memory
from field_app.store.sealing import Sealer
from field_app.store.state import Draft, Entry, Happening, Held, Photo, PhotoState, RecordState
from governance.contract import Problem

_ANSWERED = (RecordState.HUB, RecordState.CONTESTED)
_ODD = "本机数据格式不对，不能打开"


@dataclass(frozen=True, slots=True)
class Damage:
    """Ids of what could not be read, as after a fault of the tablet's memory.

    ``records`` are as the hub told them; it tells them anew. Of ``changes`` it has not answered, and of
    ``drafts`` and ``photos``, the hub may know nothing; their rows stay as they are.
    """

    records: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)

    @property
    def lost(self) -> dict[str, int]:
        """How many of each the hub may not have, without those of which there is none."""
        found = {"changes": self.changes, "drafts": self.drafts, "photos": self.photos}
        return {name: len(ids) for name, ids in found.items() if ids}


def memory_load(connection: sqlite3.Connection, sealer: Sealer) -> tuple[Memory, Damage]:
    """Decrypt everything; rows that do not open are left out and named.

    Raises
    ------
    StoreError
        The file cannot be read, or what stands for the tablet itself: its token, its place in the feed.
    """
    delta, damage = Delta(), Damage()
    with plain_errors():
        for key, body in connection.execute("SELECT key, body FROM meta"):
            delta.meta[key] = sealer.open("meta", key, body)
        for id, version, seen, body in connection.execute("SELECT id, version, seen, body FROM record"):
            with _left_out(damage.records, id):
                kind, grid, values, leaving = _parts(sealer.open("record", id, body), 4)
                delta.held[id] = Held(id, kind, grid, version, values, seen, leaving)
        rows = connection.execute("SELECT seq, change, state, body, result FROM outbox ORDER BY seq")
        for seq, change, state, body, result in rows:
            with _left_out([] if state in _ANSWERED else damage.changes, change):
                delta.entries[change] = _entry(sealer, seq, change, state, body, result)
        for id, body in connection.execute("SELECT id, body FROM draft"):
            with _left_out(damage.drafts, id):
                saved_at, form = _parts(sealer.open("draft", id, body), 2)
                delta.drafts[id] = Draft(id, saved_at, form)
        for record, body in connection.execute("SELECT record, body FROM trail ORDER BY seq"):
            with _left_out([], record):
                delta.trails.append((record, _happening(sealer.open("trail", record, body))))
        for id, body in connection.execute("SELECT id, body FROM photo"):
            with _left_out(damage.photos, id):
                delta.photos[id] = _photo(sealer.open("photo", id, body))
    memory = Memory()
    memory.apply(delta)
    return memory, damage


@contextmanager
def _left_out(unread: list[str], id: str) -> Iterator[None]:
    try:
        yield
    except (StoreError, ValueError):  # sealed or, as ids and states are, in the clear
        unread.append(id)


def _parts(value: object, count: int) -> list:  # type: ignore[type-arg]
    if not isinstance(value, list) or len(value) != count:
        raise StoreError(_ODD)
    return value


def _happening(value: object) -> Happening:
    if not isinstance(value, dict):
        raise StoreError(_ODD)
    fields, reasons = tuple(value.pop("fields")), tuple(value.pop("reasons"))
    return Happening(fields=fields, reasons=reasons, **value)


def _photo(value: object) -> Photo:
    if not isinstance(value, dict):
        raise StoreError(_ODD)
    return Photo(**value | {"state": PhotoState(value["state"])})


def _entry(sealer: Sealer, seq: int, change: str, state: str, body: bytes, result: bytes | None) -> Entry:
    values = sealer.open("outbox", change, body)
    if not isinstance(values, dict):
        raise StoreError(_ODD)
    try:
        answer = sealer.open("outbox.result", change, result) if result is not None else {}
    except StoreError:
        # The hub gives the same answer to the same change; one that is done with is not asked about again,
        # or its values would lie over newer ones until then.
        done = state == RecordState.HUB and not values["delete"]
        asked = RecordState.HUB if done else RecordState.SENT
        return Entry(seq=seq, change=change, state=asked, **values)
    if not isinstance(answer, dict):
        raise StoreError(_ODD)
    errors = tuple(Problem(**problem) for problem in answer.pop("errors", ()))
    return Entry(seq=seq, change=change, state=RecordState(state), errors=errors, **values, **answer)
