"""Opens what a power cut left of the hub's file with the hub itself, and holds it to what was answered."""

import hashlib
import marshal
import sqlite3
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from governance.audit.verify import chain_walk, chains
from tests import factories
from tests.soak.power_loss.hub_day import FILE, Day, Push, forget, push
from tests.soak.storage.loss import fingerprint

Fault = str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found after a cut; ``missing`` is the first promise that was not kept."""

    fault: Fault = ""
    missing: float = inf


@dataclass
class Judge:
    """Judges cuts of one day; what it has seen before it does not look at twice."""

    day: Day
    folder: Path
    opened: dict[bytes, bytes] = field(default_factory=dict)
    seen: dict[bytes, Found] = field(default_factory=dict)

    def judge(self, left: dict[str, bytearray], _: int, promised: int) -> Fault:
        """Say what is wrong with the files that a cut left after so many promises, or ""."""
        mark = fingerprint(left)
        if mark not in self.opened:
            self.opened[mark] = self._examined(left)
        digest = self.opened[mark]
        if not digest:
            return "corrupt"
        found = self.seen[digest]
        return found.fault or ("lost" if found.missing <= promised else "")

    def _examined(self, left: dict[str, bytearray]) -> bytes:
        """Open files, and look at what they say where it is new; gives its digest, b"" for damage."""
        for path in self.folder.glob(f"{FILE}*"):
            path.unlink()
        for name, content in left.items():
            (self.folder / name).write_bytes(content)
        try:
            digest = self._opened()
            if digest not in self.seen:
                self.seen[digest] = self._look()
        except (DatabaseError, sqlite3.Error):
            return b""
        finally:
            connection.close()
        return digest

    def _opened(self) -> bytes:
        """Open as the hub does, check the whole file, give a digest of the tables that changed."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            if cursor.fetchall() != [("ok",)]:
                raise sqlite3.DatabaseError("damaged")
            digest = hashlib.sha256()
            for table in _CHANGING:
                rows = connection.connection.execute(f'SELECT * FROM "{table}"').fetchall()
                digest.update(marshal.dumps([[repr(value) for value in row] for row in rows], 2))
        return digest.digest()

    def _look(self) -> Found:
        forget()
        kept = [each for each in self.day.pushes if self._kept(each)]
        torn = [each for each in self.day.pushes if each not in kept and self._kept(each, partly=True)]
        if torn or _loose_ends() or not chains_hold():
            return Found("corrupt")
        missing = [each.promise for each in self.day.pushes if each not in kept and each.promise]
        head = _one("SELECT COALESCE(MAX(seq), 0) FROM feed_head WHERE grid = %s", factories.GRID)
        missing += [promise for promise, seq in self.day.heads if seq > head]
        return Found(self._again(kept), min(missing, default=inf))

    def _kept(self, sent: Push, *, partly: bool = False) -> bool:
        known = _changes()
        there = [change["change"] in known for change in sent.changes]
        return any(there) if partly else all(there)

    def _again(self, kept: list[Push]) -> Fault:
        """Repeat the last push that was kept and the next, as tablets would that had no answer."""
        next_ = self.day.pushes[len(kept) : len(kept) + 1]
        for sent in [*kept[-1:], *next_]:
            results = push(sent.changes)
            if sent.results and [_core(each) for each in results] != [_core(each) for each in sent.results]:
                return "doubled"
        return "corrupt" if _loose_ends() else ""


_CHANGING = (
    "records_person", "records_history", "records_inbox", "feed_entry", "feed_head", "feed_bookmark",
    "audit_auditentry", "audit_audithead", "tasks_task",
)  # fmt: skip
"""Tables that a day writes to; the others stay as they were and are only checked for damage."""


def _core(result: dict[str, Any]) -> tuple[object, ...]:
    return result["change"], result["status"], result["version"]


def _changes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT change FROM records_history UNION ALL SELECT change FROM records_inbox")
        return {str(change) for (change,) in cursor.fetchall()}


def _one(sql: str, *parameters: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])


_LOOSE = (
    # A record whose versions were not all written down, or that its stream does not tell.
    "SELECT COUNT(*) FROM records_person p WHERE version <> (SELECT COUNT(*) FROM records_history h"
    " WHERE h.record = p.id AND h.status IN ('created', 'updated'))",
    "SELECT COUNT(*) FROM records_person p WHERE NOT EXISTS (SELECT 1 FROM feed_entry e"
    " WHERE e.record = p.id AND e.grid = p.grid AND e.version = p.version)",
    # A history without its record; a stream whose head is not its last number.
    "SELECT COUNT(*) FROM records_history h WHERE kind = 'person'"
    " AND NOT EXISTS (SELECT 1 FROM records_person p WHERE p.id = h.record AND p.version >= h.version)",
    "SELECT COUNT(*) FROM feed_head h WHERE seq < (SELECT MAX(seq) FROM feed_entry e WHERE e.grid = h.grid)",
    # Pushes and their traces in the audit.
    "SELECT (SELECT COUNT(*) FROM records_history) + (SELECT COUNT(*) FROM records_inbox)"
    " - (SELECT COALESCE(SUM(count), 0) FROM audit_auditentry WHERE action = 'push')",
)


def _loose_ends() -> bool:
    return any(_one(sql) for sql in _LOOSE)


def chains_hold() -> bool:
    """Whether the audit's chains are unbroken."""
    return not any(chain_walk(chain).broken for chain in chains())
