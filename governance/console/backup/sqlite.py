"""Backup and restore on SQLite: its own online backup, page by page, in one transaction.

A backup is a database file like the hub's own. Restoring copies it over the live file through
SQLite, as one committed transaction: whoever has the file open sees either all of the old or all of
the new.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from governance.console.backup.errors import BackupError

_PATIENCE = 60.0
_BESIDE = ("", "-wal", "-shm")


def live() -> Path:
    """Give the hub's database file."""
    return Path(str(connection.settings_dict["NAME"]))


def database_write(file: Path) -> None:
    """Write a consistent copy of the live database to a new file, while the hub runs.

    Raises
    ------
    BackupError
        The live database cannot be read.
    """
    try:
        with closing(sqlite3.connect(live(), timeout=_PATIENCE)) as source:
            _copy(source, file)
        with closing(sqlite3.connect(file)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")  # so that it opens from a read-only stick
    except sqlite3.Error as error:
        raise BackupError(f"读不出数据库 {live()}：{error}") from error


def database_check(file: Path) -> None:
    """Make sure that a file is a whole database of a hub.

    Raises
    ------
    BackupError
    """
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source:
            (found,) = source.execute("PRAGMA quick_check(1)").fetchone()
            names = {name for (name,) in source.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise BackupError(f"{file} 不是完好的备份：{error}") from error
    if found != "ok":
        raise BackupError(f"{file} 已损坏：{found}")
    if not {"django_migrations", "feed_epoch"} <= names:
        raise BackupError(f"{file} 不是社区e通平台的备份")


def rows_kept(file: Path, table: str, columns: Sequence[str], missing: str = "") -> list[tuple[object, ...]]:
    """Give a table's rows of a backup; where ``missing`` names its key, those that the live database has not.

    Raises
    ------
    BackupError
        One of the two cannot be read.
    """
    listed = ", ".join(f'old."{column}"' for column in columns)
    there = f"SELECT 1 FROM main.{table} new WHERE new.{missing} = old.{missing}" if missing else ""
    where = f"WHERE NOT EXISTS ({there})" if missing else ""
    try:
        with closing(sqlite3.connect(live().resolve().as_uri(), uri=True, timeout=_PATIENCE)) as source:
            source.execute("ATTACH DATABASE ? AS kept", [f"{file.resolve().as_uri()}?mode=ro"])
            return source.execute(f"SELECT {listed} FROM kept.{table} old {where}").fetchall()
    except sqlite3.Error as error:
        raise BackupError(f"读不出 {file}：{error}") from error


@contextmanager
def working_copy(file: Path, folder: Path) -> Iterator[Path]:
    """Have the process work on a copy of a backup instead of the live database; removed at the end."""
    copy, before = folder / "restoring.sqlite3", connection.settings_dict["NAME"]
    _remove(copy)
    with closing(sqlite3.connect(file)) as source:
        _copy(source, copy)
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    try:
        yield copy
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        _remove(copy)


def database_replace(target: Path, file: Path) -> None:
    """Put a database in the place of the live one; a live file that is none any more is moved aside.

    Raises
    ------
    BackupError
        Another process keeps it locked.
    """
    if target.exists() and not _readable(target):
        for end in _BESIDE:
            path = Path(f"{target}{end}")
            if path.exists():
                path.rename(f"{target}.damaged{end}")
    try:
        with closing(sqlite3.connect(file)) as source:
            _copy(source, target)
    except sqlite3.Error as error:
        raise BackupError(f"数据库 {target} 正被占用，没有恢复：{error}") from error


def _readable(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file, timeout=_PATIENCE)) as source:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        return False
    return True


def _copy(source: sqlite3.Connection, file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=_PATIENCE)) as target:
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA busy_timeout = 60000")
        source.backup(target)


def _remove(file: Path) -> None:
    for end in _BESIDE:
        Path(f"{file}{end}").unlink(missing_ok=True)
