"""The SQLite file: connection, tables, transactions, and errors in plain Chinese."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from field_app.store.errors import StoreError

FILE = "tablet.sqlite3"
_STEPS = (
    """
    CREATE TABLE keyring (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        salt BLOB NOT NULL, cost INTEGER NOT NULL, wrapped BLOB NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, tried_at INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE meta (key TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE record (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, seen INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, change TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('here', 'sent', 'hub', 'refused', 'contested')),
        body BLOB NOT NULL, result BLOB
    ) STRICT;
    CREATE INDEX outbox_record ON outbox (record);
    CREATE TABLE draft (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT
    """,
    """
    ALTER TABLE keyring ADD COLUMN store TEXT NOT NULL DEFAULT '';
    ALTER TABLE keyring DROP COLUMN tries;
    ALTER TABLE keyring DROP COLUMN tried_at;
    CREATE TABLE trail (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX trail_record ON trail (record)
    """,
    """
    CREATE TABLE photo (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT
    """,
    """
    ALTER TABLE keyring ADD COLUMN opened INTEGER NOT NULL DEFAULT 0
    """,
)
"""What makes the file, and what each later program added; a new step goes to the end."""

FORMAT = len(_STEPS)


def connect(folder: Path) -> sqlite3.Connection:
    """Open or make the file; the caller holds the folder's lock.

    Raises
    ------
    StoreError
        Not a store, written by a newer program, damaged or not writable.
    """
    with plain_errors():
        connection = sqlite3.connect(
            folder / FILE, isolation_level=None, check_same_thread=False, timeout=5.0
        )
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _text(raw: bytes) -> str:
    """Read what is in the clear; a turned bit in one id does not keep the whole file from being read."""
    return raw.decode(errors="replace")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.text_factory = _text
    # The folder's lock keeps others out, so nothing need be shared: the file that SQLite would make for that,
    # of 32 KiB at each opening, finds no room on a full disk.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise StoreError("本机数据由更新版本的社区e通写成，请先升级程序")
    if version < FORMAT:
        with transaction(connection):
            for step in _STEPS[version:]:
                for statement in step.split(";\n"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any error."""
    with plain_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring the journal's pages into the file and empty it, so that what was written over is gone."""
    with plain_errors():
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_REASONS = {
    sqlite3.SQLITE_FULL: "存储空间已满，这一步没有存下；请先腾出空间，已存的数据不受影响",
    sqlite3.SQLITE_BUSY: "数据文件正被另一程序占用，请稍后再试",
    sqlite3.SQLITE_READONLY: "数据文件不能写，请检查目录权限",
    sqlite3.SQLITE_CANTOPEN: "数据文件打不开，请检查目录权限",
    sqlite3.SQLITE_NOTADB: "数据文件不是社区e通的数据或已损坏",
    sqlite3.SQLITE_CORRUPT: "数据文件已损坏",
    sqlite3.SQLITE_IOERR: "存储读写出错，这一步没有存下；已存的数据不受影响",
}


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn SQLite's errors into :class:`StoreError` with a Chinese sentence."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise StoreError(_REASONS.get(code, f"本机存储出错：{error}")) from error
