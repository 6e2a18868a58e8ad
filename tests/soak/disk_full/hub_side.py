"""A hub with SQLite whose disk runs full while tablets push and pull."""

import gzip
import json
import random
import sqlite3
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.db import connection

from governance.contract import uuid7
from tests.soak.power_loss.hub_day import FILE, TOKEN, at, client, town
from tests.soak.power_loss.hub_rest import chains_hold
from tests.soak.storage.adapter import through
from tests.soak.storage.vfs import shim

_STEP, _STEPS = 4_099, 60
_ACTS = 12
_CHANGES = "SELECT change FROM records_history UNION ALL SELECT change FROM records_inbox"
Change = dict[str, Any]


def fill_up(folder: Path, number: int) -> str:
    """Serve with so little room, then with enough; give the first fault, or ""."""
    content = town().content
    (folder / FILE).write_bytes(content)
    chance = random.Random(number)
    pushes = [_push(chance) for _ in range(_ACTS)]
    with shim() as disk, at(folder), through(disk):
        disk.space.limit = len(content) + (number % _STEPS) * _STEP
        answered = []
        for changes in pushes:
            status, results = _send(changes)
            if status == HTTPStatus.OK:
                answered.append((changes, results))
            elif status != HTTPStatus.INSUFFICIENT_STORAGE:
                return "corrupt"  # told something else than what is the matter
        disk.space.limit = None
        if {change["change"] for changes, _ in answered for change in changes} - set(_changes()):
            return "lost"
        if any(_send(changes)[0] != HTTPStatus.OK for changes in pushes):
            return "stuck"
        if any(_send(changes)[1] != results for changes, results in answered):
            return "doubled"
        connection.close()
    with at(folder):
        return _looked_at(folder, [change["change"] for changes in pushes for change in changes])


def _changes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES)
        return [str(change) for (change,) in cursor.fetchall()]


def _looked_at(folder: Path, expected: list[str]) -> str:
    """Open on the sqlite3 module itself: whole, each change there once, chains unbroken."""
    with closing(sqlite3.connect(folder / FILE)) as plain:
        if plain.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return "corrupt"
        found = [change for (change,) in plain.execute(_CHANGES)]
    if set(expected) - set(found):
        return "lost"
    if len(found) != len(set(found)):
        return "doubled"
    return "" if chains_hold() else "corrupt"


def _push(chance: random.Random) -> list[Change]:
    """Make a push of a few new people, some with long notes."""
    return [
        {
            "change": str(uuid7()),
            "kind": "person",
            "id": str(uuid7()),
            "base": None,
            "set": {
                "household": town().household,
                "name": "王示例",
                "residence_kind": "1",
                "note": "满" * chance.randrange(1, 200),
            },
        }
        for _ in range(chance.randrange(1, 6))
    ]


def _send(changes: list[Change]) -> tuple[int, list[tuple[object, ...]]]:
    """Push; give the status, and change, status and version of each result."""
    body = gzip.compress(json.dumps({"changes": changes}).encode(), 1)
    headers = {"Authorization": f"Token {TOKEN}", "Content-Encoding": "gzip"}
    response = client().post("/api/v1/sync/push", body, content_type="application/json", headers=headers)
    if response.status_code != HTTPStatus.OK:
        assert response.json()["reason"], response.content
        return response.status_code, []
    results = response.json()["results"]
    return response.status_code, [(each["change"], each["status"], each["version"]) for each in results]
