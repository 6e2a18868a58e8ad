"""One transaction on the store: what it writes reaches the memory only once it is committed."""

import sqlite3
from dataclasses import asdict, replace

from field_app.store.clock import HubClock, text_of
from field_app.store.memory import Delta, Memory
from field_app.store.sealing import Sealer
from field_app.store.state import UNANSWERED, Draft, Entry, Happening, Held, Photo

TRAIL = 10_000
"""Lines kept of what became of changes."""


class Unit:
    """Writes of one transaction, and reading with them laid over; got from ``Store.write``."""

    def __init__(
        self, connection: sqlite3.Connection, sealer: Sealer, memory: Memory, clock: HubClock
    ) -> None:
        self._connection = connection
        self._sealer = sealer
        self._memory = memory
        self._clock = clock
        self.delta = Delta()

    def held(self, id: str) -> Held | None:
        """Give a record as it stands within this transaction."""
        return self.delta.held[id] if id in self.delta.held else self._memory.held.get(id)

    def entries_of(self, id: str) -> list[Entry]:
        """Give the changes of a record as they stand within this transaction, oldest first."""
        entries = {entry.change: entry for entry in self._memory.entries_of(id)}
        for change, entry in self.delta.entries.items():
            if entry is None:
                entries.pop(change, None)
            elif entry.id == id:
                entries[change] = entry
        return sorted(entries.values(), key=lambda entry: entry.seq)

    def unanswered(self, id: str) -> bool:
        """Whether a change of this record waits for the hub's answer."""
        return any(entry.state in UNANSWERED for entry in self.entries_of(id))

    def meta(self, key: str) -> object:
        """Give a kept value as it stands within this transaction."""
        return self.delta.meta[key] if key in self.delta.meta else self._memory.meta.get(key)

    def put_held(self, held: Held) -> None:
        """Store a record as the hub told it."""
        body = self._sealer.seal("record", held.id, [held.kind, held.grid, held.values, held.leaving])
        self._connection.execute(
            "INSERT OR REPLACE INTO record (id, version, seen, body) VALUES (?, ?, ?, ?)",
            (held.id, held.version, held.seen, body),
        )
        self.delta.held[held.id] = held

    def drop_held(self, id: str) -> None:
        """Wipe a record, and what is told of its changes."""
        self._connection.execute("DELETE FROM record WHERE id = ?", (id,))
        self._connection.execute("DELETE FROM trail WHERE record = ?", (id,))
        self.delta.held[id] = None
        self.delta.trails = [line for line in self.delta.trails if line[0] != id]
        self.delta.untold.add(id)

    def put_entry(self, entry: Entry) -> Entry:
        """Store a change; a new one (seq 0) goes to the end. Gives it with its seq."""
        known = self.delta.entries.get(entry.change) or self._memory.entries.get(entry.change)
        if known is None:
            self.put_trail(entry, "made", fields=tuple(entry.set))
        if entry.status and (known is None or known.status != entry.status):
            self._put_answer(entry)
        body = asdict(entry)
        for column in ("seq", "change", "state", "status", "version", "errors"):
            del body[column]
        result = None
        if entry.status:
            errors = [problem.as_json() for problem in entry.errors]
            answer = {"status": entry.status, "version": entry.version, "errors": errors}
            result = self._sealer.seal("outbox.result", entry.change, answer)
        cursor = self._connection.execute(
            "INSERT INTO outbox (seq, change, record, state, body, result) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (change) DO UPDATE SET state = excluded.state, body = excluded.body,"
            " result = excluded.result",
            (
                entry.seq or None,
                entry.change,
                entry.id,
                entry.state.value,
                self._sealer.seal("outbox", entry.change, body),
                result,
            ),
        )
        stored = entry if entry.seq else replace(entry, seq=int(cursor.lastrowid or 0))
        self.delta.entries[entry.change] = stored
        return stored

    def drop_entry(self, change: str) -> None:
        """Remove a change that the hub has answered, or that another one replaces."""
        self._connection.execute("DELETE FROM outbox WHERE change = ?", (change,))
        self.delta.entries[change] = None

    def put_trail(
        self, entry: Entry, what: str, *, fields: tuple[str, ...] = (), reasons: tuple[str, ...] = ()
    ) -> None:
        """Tell what became of a change; the oldest lines of all go when there are too many."""
        happening = Happening(text_of(self._clock.now()), entry.change, what, fields, reasons)
        body = self._sealer.seal("trail", entry.id, asdict(happening))
        cursor = self._connection.execute("INSERT INTO trail (record, body) VALUES (?, ?)", (entry.id, body))
        self._connection.execute("DELETE FROM trail WHERE seq <= ?", (int(cursor.lastrowid or 0) - TRAIL,))
        self.delta.trails.append((entry.id, happening))

    def drop_trails(self) -> None:
        """Wipe what is told of all changes."""
        self._connection.execute("DELETE FROM trail")
        self.delta.untold.update(self._memory.trails)
        self.delta.trails.clear()

    def _put_answer(self, entry: Entry) -> None:
        named = tuple(dict.fromkeys(problem.field for problem in entry.errors if problem.field))
        reasons = tuple(problem.reason for problem in entry.errors)
        self.put_trail(entry, entry.status, fields=named, reasons=reasons)

    def put_draft(self, draft: Draft) -> None:
        """Keep an unfinished form."""
        body = self._sealer.seal("draft", draft.id, [draft.saved_at, draft.body])
        self._connection.execute("INSERT OR REPLACE INTO draft (id, body) VALUES (?, ?)", (draft.id, body))
        self.delta.drafts[draft.id] = draft

    def drop_draft(self, id: str) -> None:
        """Throw a draft away."""
        self._connection.execute("DELETE FROM draft WHERE id = ?", (id,))
        self.delta.drafts[id] = None

    def put_photo(self, photo: Photo) -> None:
        """Store what is known of a photo; its bytes lie in ``Store.files``."""
        body = self._sealer.seal("photo", photo.id, asdict(photo))
        self._connection.execute("INSERT OR REPLACE INTO photo (id, body) VALUES (?, ?)", (photo.id, body))
        self.delta.photos[photo.id] = photo

    def drop_photo(self, id: str) -> None:
        """Forget a photo."""
        self._connection.execute("DELETE FROM photo WHERE id = ?", (id,))
        self.delta.photos[id] = None

    def put_meta(self, key: str, value: object) -> None:
        """Keep a JSON value under a name; None is a value like any other."""
        body = self._sealer.seal("meta", key, value)
        self._connection.execute("INSERT OR REPLACE INTO meta (key, body) VALUES (?, ?)", (key, body))
        self.delta.meta[key] = value

    def ask_anew(self) -> None:
        """Forget how far the hub was heard: the next sync takes a snapshot, from its beginning."""
        self.put_meta("cursor", None)
        self.put_meta("snapshot", None)
