"""Changes as JSON text, built by the database as far as it can."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from governance.contract import CITY, KINDS
from governance.feed.models import Entry
from governance.records.codes import codelist_records, switch_records
from governance.records.models import kept_kinds, model_of
from governance.records.rows import id_filter, record_sql
from gridmap.selectors import grid_get, grid_record

CITY_KINDS = ("codelist", "switch")
_AT_ONCE = 1000


def change_line(kind: str, id_: UUID | str, version: int, grid: str, record: object) -> str:
    """Give one change whose record is at hand."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return f'{{"kind":"{kind}","id":"{id_}","version":{version},"grid":"{grid}","record":{body}}}'


def gone_line(kind: str, id_: UUID | str, version: int, grid: str, gone: str) -> str:
    """Give one change that takes a record away."""
    return f'{{"kind":"{kind}","id":"{id_}","version":{version},"grid":"{grid}","gone":"{gone}"}}'


def grid_line(code: str) -> str | None:
    """Give a grid with its polygon; None where no such grid is in force."""
    grid = grid_get(code)
    if grid is None or grid.valid_to is not None:
        return None
    return change_line("grid", grid.uid, grid.version, code, grid_record(grid))


def city_lines(ids: Collection[UUID] | None = None) -> list[str]:
    """Give the code lists and switches, all or those with the ids."""
    return [
        change_line(kind, row.uid, row.version, CITY, row.record)
        for kind, rows in (("codelist", codelist_records(ids)), ("switch", switch_records(ids)))
        for row in rows
    ]


def entry_lines(grid: str, entries: Sequence[Entry]) -> list[str]:
    """Give the changes that a stream's entries stand for.

    A record that has left the grid since is left out: the entry that says so comes later.
    """
    if grid == CITY:
        return city_lines([entry.record for entry in entries])
    lines = [
        gone_line(entry.kind, entry.record, entry.version, grid, entry.gone)
        for entry in entries
        if entry.gone
    ]
    by_kind: dict[str, list[str]] = {}
    for entry in entries:
        if not entry.gone:
            by_kind.setdefault(entry.kind, []).append(str(entry.record))
    for kind in KINDS:
        if kind in by_kind:
            where, parameters = id_filter("t.id", by_kind[kind])
            for chunk in _lines(kind, f"t.grid = %s AND NOT t.deleted AND {where}", [grid, *parameters]):
                lines += chunk
    return lines


def grid_lines(grid: str, kinds: Collection[str]) -> Iterator[list[str]]:
    """Give all open records of a grid, in chunks, parents before what is anchored to them."""
    for kind in kept_kinds():
        if kind in kinds:
            yield from _lines(kind, "t.grid = %s AND NOT t.deleted AND t.closed_on IS NULL", [grid])


def _lines(kind: str, where: str, parameters: list[Any]) -> Iterator[list[str]]:
    model = model_of(kind)
    body = record_sql(kind, connection.vendor)
    head = f"""'{{"kind":"{kind}","id":"' || t.id || '","version":' || t.version || ',"grid":"' || t.grid"""
    sql = (
        f"""SELECT {head} || '","record":' || {body} || '}}' FROM "{model._meta.db_table}" t WHERE {where}"""
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield [line for (line,) in rows]
