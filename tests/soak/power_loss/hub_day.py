"""The SQLite hub's working day on the shim: pushes and pulls through its views, and what they answered."""

import gzip
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402

from governance.contract import uuid7  # noqa: E402
from governance.feed.selectors import epoch  # noqa: E402
from governance.records.codes import lists_forget  # noqa: E402
from governance.sync.monitor import MONITOR  # noqa: E402
from governance.sync.throttle import THROTTLE  # noqa: E402
from tests import factories  # noqa: E402
from tests.soak.storage.adapter import Rewrite, as_it_is, through  # noqa: E402
from tests.soak.storage.place import scratch  # noqa: E402
from tests.soak.storage.tables import tables_make  # noqa: E402
from tests.soak.storage.trace import Event  # noqa: E402
from tests.soak.storage.vfs import Shim, shim  # noqa: E402

FILE = "hub.sqlite3"
TOKEN = "token"
Change = dict[str, Any]


@dataclass
class Push:
    """A push: what was sent, what was answered, and the promise with which it was."""

    changes: list[Change]
    results: list[dict[str, Any]] = field(default_factory=list)
    promise: int = 0


@dataclass
class Day:
    """What was recorded; ``heads`` are a pull's promise and how far its cursor read the grid."""

    events: list[Event]
    before: bytes
    pushes: list[Push] = field(default_factory=list)
    heads: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Town:
    """A hub's file with a grid, a worker's tablet and a home, and the home's household."""

    content: bytes
    household: str


@cache
def town() -> Town:
    """Make the standing data, once a process."""
    with scratch() as folder, at(folder):
        tables_make()
        factories.codes()
        factories.grid()
        actor = factories.tablet(factories.worker(), TOKEN)
        household = factories.home(actor)["household"]
        epoch()
        connection.close()
        return Town((folder / FILE).read_bytes(), household)


@contextmanager
def at(folder: Path) -> Iterator[None]:
    """Have the hub's database in a folder while the block runs."""
    before = connections.databases["default"]["NAME"]
    connection.close()
    connections.databases["default"]["NAME"] = connection.settings_dict["NAME"] = str(folder / FILE)
    forget()
    try:
        yield
    finally:
        connection.close()
        connections.databases["default"]["NAME"] = connection.settings_dict["NAME"] = before
        forget()


def forget() -> None:
    """Forget what only the process knew, as a new one would."""
    lists_forget()
    MONITOR.forget()
    THROTTLE.forget()


def record(folder: Path, seed: int, steps: int, rewrite: Rewrite = as_it_is, *, late: bool = False) -> Day:
    """Live through a day; ``rewrite`` and ``late`` make known-wrong ones of it (see `through`)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(town().content)
    with shim() as disk, at(folder), through(disk, rewrite, late=late):
        day = Day(disk.trace.events, town().content)
        _Tablets(random.Random(seed), disk, day).work(steps)
        connection.close()
    shutil.rmtree(folder)
    return day


@cache
def client() -> Client:
    """Give the one client: each makes all middleware anew."""
    return Client()


def push(changes: list[Change]) -> list[dict[str, Any]]:
    """Push as a tablet does; gives the results."""
    body = gzip.compress(json.dumps({"changes": changes}).encode(), 1)
    headers = {"Authorization": f"Token {TOKEN}", "Content-Encoding": "gzip"}
    response = client().post("/api/v1/sync/push", body, content_type="application/json", headers=headers)
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


class _Tablets:
    """Tablets' requests, by chance."""

    def __init__(self, chance: random.Random, disk: Shim, day: Day) -> None:
        self._chance, self._disk, self._day = chance, disk, day
        self._people: dict[str, int] = {}
        self._cursor = ""

    def work(self, steps: int) -> None:
        """Do so many things."""
        acts: list[Callable[[], None]] = [self._push, self._push, self._pull, self._rest]
        for _ in range(steps):
            self._chance.choice(acts)()

    def _push(self) -> None:
        made = [self._new() for _ in range(self._chance.randrange(1, 6))]
        known = self._chance.sample(sorted(self._people), min(2, len(self._people)))
        sent = Push([*made, *(self._edit(id_) for id_ in known)])
        self._day.pushes.append(sent)
        sent.results = push(sent.changes)
        sent.promise = self._disk.trace.promise()
        for change, result in zip(sent.changes, sent.results, strict=True):
            assert result["version"], result
            self._people[change["id"]] = result["version"]

    def _new(self) -> Change:
        values = {"household": town().household, "name": "王示例", "residence_kind": "1"}
        return {"change": str(uuid7()), "kind": "person", "id": str(uuid7()), "base": None, "set": values}

    def _edit(self, id_: str) -> Change:
        values = {"note": str(self._chance.randrange(10**6))}
        return {
            "change": str(uuid7()),
            "kind": "person",
            "id": id_,
            "base": self._people[id_],
            "set": values,
        }

    def _pull(self) -> None:
        headers = {"Authorization": f"Token {TOKEN}"}
        page = client().get("/api/v1/sync/pull", {"cursor": self._cursor}, headers=headers).json()
        self._cursor = page["cursor"]
        self._day.heads.append((self._disk.trace.promise(), _read_to(self._cursor)))

    def _rest(self) -> None:
        """The last connection closes: the log is copied and its file removed."""
        connection.close()


def _read_to(cursor: str) -> int:
    """Read off a cursor how far the grid's stream was told."""
    told = [int(part.split("-")[1]) for part in cursor.split("~") if part.startswith(f"{factories.GRID}-")]
    return max(told, default=0)
