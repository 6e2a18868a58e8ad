"""A hub's database that is put back beneath its open connection, thousands of times.

It is a file in memory. SQLite's own backup would make the connection read the schema and compile every
statement anew, which costs more than most of what is played in between; a file that another writer seems
to have changed costs it only its pages.
"""

import atexit
import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

from django.db import connection, connections

from tests.soak.storage.place import SHARED_MEMORY

Copy = bytes
"""A whole database."""

_INIT = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
_COUNTER, _COUNTER_SIZE = 24, 4
"""Where a database file counts its changes; another number there makes a connection forget its pages."""

_APART = 1 << 16
"""More transactions than lie between two copies."""


class Beneath:
    """Puts the file in Django's database's place; nothing else may have it open."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="hub-soak-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self._path = Path(folder) / "hub.sqlite3"
        self._path.touch()
        self._file = os.open(self._path, os.O_RDWR)
        self._puts = count(1)
        options = connections.databases["default"]["OPTIONS"]
        options |= {"cached_statements": 1_000, "init_command": _INIT}
        connections.databases["default"]["NAME"] = f"file:{self._path}?vfs=unix-none"

    def copy(self) -> Copy:
        """Copy the whole database; no transaction is open."""
        assert not connection.in_atomic_block
        return self._path.read_bytes()

    def put_back(self, copy: Copy) -> None:
        """Put a copy in the place of the database."""
        number = next(self._puts) * _APART % (1 << 8 * _COUNTER_SIZE)
        counter = number.to_bytes(_COUNTER_SIZE, "big")
        os.pwrite(self._file, copy, 0)
        os.pwrite(self._file, counter, _COUNTER)
        os.ftruncate(self._file, len(copy))
