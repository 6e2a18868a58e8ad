"""The hub's tables in an empty SQLite database, copied from those that the first process made."""

import os
import sqlite3
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from tests.soak.sources import VAR, digest

_NAME = "tables-{}.sqlite3"


def tables_make() -> None:
    """Do as ``migrate`` does, but its work only once as long as no source file changes."""
    made = VAR / _NAME.format(digest())
    if connection.vendor != "sqlite":
        call_command("migrate", verbosity=0)
    elif made.exists():
        _copy(made)
    else:
        call_command("migrate", verbosity=0)
        _keep(made)


def _copy(made: Path) -> None:
    connection.ensure_connection()
    source = sqlite3.connect(f"file:{made}?mode=ro", uri=True)
    source.backup(connection.connection)
    source.close()
    if connection.settings_dict["NAME"] != ":memory:":
        connection.close()  # what a new connection sets in the file is set before anyone looks


def _keep(made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    for old in made.parent.glob(_NAME.format("*")):
        old.unlink(missing_ok=True)
    part = made.with_suffix(f".{os.getpid()}")
    part.unlink(missing_ok=True)
    target = sqlite3.connect(part)
    connection.connection.backup(target)
    target.execute("PRAGMA journal_mode = DELETE")
    target.close()
    part.replace(made)
