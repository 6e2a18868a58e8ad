"""Write many rows with one statement, from rows in JSON form, on both databases.

PostgreSQL unpacks one JSON parameter (``json_populate_recordset``, or that of ``jsonb``); SQLite takes the
rows through ``executemany``, which costs it no round trip.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection, models

Row = Mapping[str, object]
Part = tuple[str, str]
"""A statement and its one parameter."""

_FEW = 2
_encode = msgspec.json.Encoder().encode
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_waiting: ContextVar[list[Part] | None] = ContextVar("waiting", default=None)


def among(column: str, values: Collection[str], type_: str = "text") -> tuple[str, list[Any]]:
    """Give ``column IN values`` and its one parameter, whatever their number.

    Parameters
    ----------
    column : str
        As SQL.
    values : collection of str
    type_ : str
        Of the column on PostgreSQL.
    """
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::{type_}[])", [listed(values)]
    return f"{column} IN (SELECT value FROM json_each(%s))", [listed(values)]


def listed(values: Collection[str]) -> str:
    """Write texts as the one parameter that PostgreSQL reads as an array, SQLite with ``json_each``."""
    return array(values) if connection.vendor == "postgresql" else _encode(list(values)).decode()


def array(values: Collection[str | None]) -> str:
    """Write texts as PostgreSQL reads an array; the driver, which looks at each type, takes far longer."""
    if values and None not in values:
        text = '","'.join(values)  # type: ignore[arg-type]
        if "\\" not in text and text.count('"') == 2 * (len(values) - 1):
            return '{"' + text + '"}'  # most need no quoting, one by one
    items = ("NULL" if value is None else _quoted(value) for value in values)
    return "{" + ",".join(items) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rows_upsert(
    model: type[models.Model], rows: Sequence[Row], *, conflict: tuple[str, ...], keep: bool = False
) -> None:
    """Insert rows; where ``conflict`` columns meet an existing row, overwrite it.

    Parameters
    ----------
    model : type of Model
        Its concrete columns, except an automatic key, are all written; a missing one is null.
    rows : sequence of mapping
        Column name to value in JSON form (UUID, date and time as text).
    conflict : tuple of str
        Columns of the key; none where no such row can be there: one that is raises ``IntegrityError``.
    keep : bool
        Keep the existing row instead.
    """
    if not rows:
        return
    plan = _plan(model, conflict, keep, connection.vendor)
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.executemany(plan.sql, [plan.bind(row) for row in rows])
        return
    part = (plan.sql, _storable(_encode(rows).decode()))
    waiting = _waiting.get()
    if waiting is None:
        _send([part])
    else:
        waiting.append(part)


def _storable(text: str) -> str:
    """Write U+FFFD for NUL, which no text of PostgreSQL holds; only what was refused may still have it."""
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


@contextmanager
def together() -> Iterator[None]:
    """Let what the block upserts wait and go to PostgreSQL with one statement.

    A round trip costs as much as a dozen rows. Within the block nothing of it can be read yet, and no row
    may be upserted twice. A block within another is part of it.
    """
    if connection.vendor != "postgresql" or _waiting.get() is not None:
        yield
        return
    outside = _waiting.set([])
    try:
        yield
        _send(_taken())
    finally:
        _waiting.reset(outside)


def send_with(parts: str, select: str, parameters: Sequence[Any]) -> None:
    """Send what waits, and with it a SELECT and the parts before it, as they stand in a WITH."""
    waiting = _taken()
    sql = _statement(tuple(sql for sql, _ in waiting), parts, select)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(value for _, value in waiting), *parameters])


def _taken() -> list[Part]:
    waiting = _waiting.get() or []
    taken = list(waiting)
    waiting.clear()
    return taken


def _send(parts: Sequence[Part]) -> None:
    if not parts:
        return
    *others, last = (sql for sql, _ in parts)
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(others), "", last), [value for _, value in parts])


@lru_cache(maxsize=256)
def _statement(parts: tuple[str, ...], further: str, last: str) -> str:
    """Join parts; kept, as the driver knows a text again by reading all of its kilobytes."""
    named = [f"part{place} AS ({sql})" for place, sql in enumerate(parts)]
    named += [further] if further else []
    return f"WITH {', '.join(named)} {last}" if named else last


class _Plan:
    def __init__(self, sql: str, binders: dict[str, Callable[[Any], Any] | None]) -> None:
        self.sql = sql
        self._empty: Row = dict.fromkeys(binders)
        self._converted = [(name, convert) for name, convert in binders.items() if convert is not None]
        self._in_order = itemgetter(*binders)

    def bind(self, row: Row) -> tuple[Any, ...]:
        """Give a row's parameters in column order."""
        whole = {**self._empty, **row}  # as most columns are neither there nor converted, the fastest way
        for name, convert in self._converted:
            value = whole[name]
            if value is not None:
                whole[name] = convert(value)
        values: tuple[Any, ...] = self._in_order(whole)
        return values


@lru_cache(maxsize=256)
def _plan(model: type[models.Model], conflict: tuple[str, ...], keep: bool, vendor: str) -> _Plan:
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    names = [str(f.column) for f in fields]
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    if vendor == "postgresql":
        # What has a column or two of JSON is unpacked faster from text, what is mostly JSON from jsonb.
        form = "jsonb" if sum(isinstance(f, models.JSONField) for f in fields) > _FEW else "json"
        source = f'SELECT {columns} FROM {form}_populate_recordset(NULL::"{table}", %s::{form})'
    else:
        source = f"VALUES ({', '.join(['%s'] * len(names))})"
    sql = f'INSERT INTO "{table}" ({columns}) {source}{_on_conflict(names, conflict, keep)}'
    return _Plan(sql, {str(f.column): _binder(f) for f in fields})


def _on_conflict(names: Sequence[str], conflict: tuple[str, ...], keep: bool) -> str:
    if not conflict:
        return ""
    sets = ", ".join(f'"{n}" = EXCLUDED."{n}"' for n in names if n not in conflict)
    key = ", ".join(f'"{name}"' for name in conflict)
    return f" ON CONFLICT ({key}) DO " + ("NOTHING" if keep else f"UPDATE SET {sets}")


def _binder(field: Any) -> Callable[[Any], Any] | None:
    """How SQLite stores what travels as JSON, in the forms that Django reads back."""
    if isinstance(field, models.ForeignKey):
        return _binder(field.target_field)
    if isinstance(field, models.JSONField):
        return lambda value: _encode(value).decode()
    if isinstance(field, models.DateTimeField):
        return lambda value: str(value).rstrip("Z").replace("T", " ")
    if isinstance(field, models.UUIDField):
        return str
    return None
