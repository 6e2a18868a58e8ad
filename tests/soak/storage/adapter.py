"""Connections of apsw in the clothes of the sqlite3 module: the product's own code runs over the shim.

While `through` is in force, ``sqlite3.connect`` opens the product's files on apsw's SQLite library and
the shim's VFS. Statements, parameters, adapters, converters and error classes are sqlite3's.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from tests.soak.storage.vfs import Shim

CHECKPOINT_PAGES = 60
"""Pages after which the log is copied into the database: often, so that cuts fall into it."""

_INTEGRITY = {apsw.SQLITE_CONSTRAINT, apsw.SQLITE_MISMATCH}
_DATABASE = {apsw.SQLITE_CORRUPT, apsw.SQLITE_NOTADB}
_WRITING = {"INSERT", "UPDATE", "DELETE", "REPLAC"}
_CLOSED = "Cannot operate on a closed database."

_converted_query: Callable[..., str] = SQLiteCursorWrapper.convert_query
Rewrite = Callable[[str], str]
Parameters = Sequence[Any] | Mapping[str, Any]


@contextmanager
def _errors() -> Iterator[None]:
    """Raise what sqlite3 would have raised."""
    try:
        yield
    except apsw.ConnectionClosedError as error:
        raise sqlite3.ProgrammingError(_CLOSED) from error
    except apsw.Error as error:
        code = getattr(error, "extendedresult", None) or _code(error)
        raised = _class(code & 0xFF)(str(error))
        raised.sqlite_errorcode = code
        raise raised from error


def _code(error: apsw.Error) -> int:
    name = type(error).__name__.removesuffix("Error").upper()
    return int(getattr(apsw, f"SQLITE_{name}", apsw.SQLITE_ERROR))


def _class(code: int) -> type[sqlite3.Error]:
    if code in _INTEGRITY:
        return sqlite3.IntegrityError
    return sqlite3.DatabaseError if code in _DATABASE else sqlite3.OperationalError


def _bound(parameters: Parameters) -> Parameters:
    """Adapt values as sqlite3 does before it binds them."""
    if isinstance(parameters, Mapping):
        return {name: _adapted(value) for name, value in parameters.items()}
    return tuple(_adapted(value) for value in parameters)


def _adapted(value: Any) -> Any:
    return sqlite3.adapt(value, sqlite3.PrepareProtocol, value)


class Cursor:
    """One statement's rows, read at once."""

    arraysize = 1

    def __init__(self, connection: "Connection", formatted: bool = False) -> None:
        self.connection = connection
        self._formatted = formatted
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, sql: str, parameters: Parameters | None = ()) -> "Cursor":
        """Run one statement."""
        if self._formatted and parameters is not None:
            names = list(parameters) if isinstance(parameters, Mapping) else None
            sql = _converted_query(self, sql, param_names=names)
        self._rows, self.rowcount = self._run(sql, parameters or ())
        return self

    def executemany(self, sql: str, many: Iterable[Parameters]) -> "Cursor":
        """Run one statement for each row of parameters."""
        if self._formatted:
            sql = _converted_query(self, sql)
        self.rowcount = sum(self._run(sql, parameters)[1] for parameters in many)
        return self

    def _run(self, sql: str, parameters: Parameters) -> tuple[Iterator[tuple[Any, ...]], int]:
        if self.connection.pay(sql):
            return iter(()), -1
        raw = self.connection.raw
        bound = _bound(parameters)
        described: list[tuple[tuple[str, str], ...]] = []
        with _errors():
            cursor = raw.cursor()

            def note(running: apsw.Cursor, _: str, __: object) -> bool:
                described.append(running.get_description())
                return True

            cursor.exec_trace = note
            before = raw.total_changes()
            rows = list(cursor.execute(self.connection.rewrite(sql), bound))
            changed = raw.changes() if raw.total_changes() != before else 0
        columns = described[-1] if described else ()
        self.description = tuple((name, *[None] * 6) for name, _ in columns) or None
        self.lastrowid = raw.last_insert_rowid()
        return iter(self.connection.convert(columns, rows)), changed if sql.lstrip()[
            :6
        ].upper() in _WRITING else -1

    def fetchone(self) -> tuple[Any, ...] | None:
        """Give the next row."""
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Give the next rows."""
        return list(islice(self._rows, size or self.arraysize))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Give the remaining rows."""
        return list(self._rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        """Forget the rows."""
        self._rows = iter(())


class Connection:
    """A connection without transactions of its own, as both tablet and hub open theirs."""

    def __init__(self, raw: apsw.Connection, converting: bool, rewrite: Rewrite) -> None:
        self.raw = raw
        self.rewrite = rewrite
        self.isolation_level: str | None = None
        self._converting = converting

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        return self.raw.in_transaction

    def cursor(self, factory: object = None) -> Cursor:
        """Give a cursor; Django's takes ``%s`` for parameters."""
        return Cursor(self, formatted=factory is SQLiteCursorWrapper)

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run one statement on a cursor of its own."""
        return self.cursor().execute(sql, parameters)

    def pay(self, sql: str) -> bool:
        """Say whether a statement is to be put off; here none is."""
        return False

    def executemany(self, sql: str, many: Iterable[Parameters]) -> Cursor:
        """Run one statement for each row of parameters."""
        return self.cursor().executemany(sql, many)

    def commit(self) -> None:
        """End the transaction, if one is open."""
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if one is open."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Close the files."""
        with _errors():
            self.raw.close()

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        """Add an SQL function."""
        self.raw.create_scalar_function(name, func, narg, deterministic=deterministic)

    def create_aggregate(self, name: str, narg: int, factory: Any) -> None:
        """Add an SQL aggregate."""
        self.raw.create_aggregate_function(name, lambda: (factory(), factory.step, factory.finalize), narg)

    def convert(
        self, columns: Sequence[tuple[str, str]], rows: list[tuple[Any, ...]]
    ) -> list[tuple[Any, ...]]:
        """Turn values of declared types into what was registered for them."""
        if not self._converting:
            return rows
        types = [re.split(r"[ (]", declared or "")[0].upper() for _, declared in columns]
        known = {
            place: sqlite3.converters[name] for place, name in enumerate(types) if name in sqlite3.converters
        }
        if not known:
            return rows
        return [tuple(_converted(known.get(place), value) for place, value in enumerate(row)) for row in rows]


class LateConnection(Connection):
    """Known wrong: says that a commit is done before it is."""

    _owed = False

    @property
    def in_transaction(self) -> bool:
        """Whether one is open, or so it says."""
        return self.raw.in_transaction and not self._owed

    def pay(self, sql: str) -> bool:
        """Do the commit owed before another statement; says whether ``sql`` is to be put off."""
        if self._owed:
            self._owed = False
            self.raw.execute("COMMIT")
        self._owed = sql == "COMMIT"
        return self._owed

    def close(self) -> None:
        """Do the commit owed, and close."""
        self.pay("")
        super().close()


def _converted(convert: Callable[[bytes], Any] | None, value: Any) -> Any:
    if convert is None or value is None:
        return value
    return convert(value if isinstance(value, bytes) else str(value).encode())


def as_it_is(sql: str) -> str:
    """Change nothing."""
    return sql


@contextmanager
def through(shim: Shim, rewrite: Rewrite = as_it_is, *, late: bool = False) -> Iterator[None]:
    """Open every sqlite3 connection on the shim while the block runs.

    Parameters
    ----------
    shim : Shim
    rewrite : callable, optional
        Changes a statement before it runs: how known-wrong variants are made.
    late : bool
        Another known-wrong variant: a commit says that it is done and waits for the next statement.
    """

    def connect(database: str | Path, *, timeout: float = 5.0, detect_types: int = 0, **_: Any) -> Connection:
        with _errors():
            raw = apsw.Connection(str(database).removeprefix("file:"), vfs=shim.name)
            raw.set_busy_timeout(int(timeout * 1000))
            raw.wal_autocheckpoint(CHECKPOINT_PAGES)
        return (LateConnection if late else Connection)(raw, bool(detect_types), rewrite)

    with patch.object(sqlite3, "connect", connect), patch.object(sqlite3.dbapi2, "connect", connect):
        yield
