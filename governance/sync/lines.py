"""Changes as JSON text, built by the database as far as it can."""

import json
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.pq import Format
from psycopg.types.string import ByteaBinaryLoader

from governance.contract import CITY, KINDS, Gone
from governance.feed.bulk import among
from governance.feed.models import Entry
from governance.records.codes import Lists, codelist_records, lists, switch_records
from governance.records.models import kept_kinds, model_of
from governance.records.rows import record_sql
from governance.tasks.cases.catalogue import service_records
from gridmap.selectors import grid_get, grid_record

CITY_KINDS = ("codelist", "switch", "service")


def change_line(kind: str, id_: UUID | str, version: int, grid: str, record: object) -> bytes:
    """Give one change whose record is at hand."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return f'{{"kind":"{kind}","id":"{id_}","version":{version},"grid":"{grid}","record":{body}}}'.encode()


def gone_line(kind: str, id_: UUID | str, version: int, grid: str, gone: str) -> bytes:
    """Give one change that takes a record away."""
    return f'{{"kind":"{kind}","id":"{id_}","version":{version},"grid":"{grid}","gone":"{gone}"}}'.encode()


def grid_line(code: str) -> bytes | None:
    """Give a grid with its polygon, a closed one too while a post is left there; None where there is none."""
    grid = grid_get(code)
    if grid is None:
        return None
    return change_line("grid", grid.uid, grid.version, code, grid_record(grid))


def city_lines(ids: Collection[UUID] | None = None) -> dict[str, bytes]:
    """Give the code lists, switches and proxy services by id, all or those named."""
    return {
        str(row.uid): change_line(kind, row.uid, row.version, CITY, row.record)
        for kind, rows in (
            ("codelist", codelist_records(ids)),
            ("switch", switch_records(ids)),
            ("service", service_records(ids)),
        )
        for row in rows
    }


class _CityChunk:
    """All code lists, switches and services as one piece of a snapshot, made anew when one changed."""

    def __init__(self) -> None:
        self._held: tuple[Lists, bytes] | None = None

    def get(self) -> bytes:
        current, held = lists(), self._held
        if held is None or held[0] is not current:
            held = self._held = (current, chunk(city_lines().values()))
        return held[1]


city_chunk = _CityChunk().get


def chunk(lines: Iterable[bytes]) -> bytes:
    """Put lines together as they travel in a snapshot."""
    text = b"\n".join(lines)
    return text + b"\n" if text else b""


def entry_lines(
    grid: str,
    entries: Sequence[Entry],
    scope: Collection[str],
    known: Container[UUID] = (),
    barred: Collection[str] = (),
    joined: int = 0,
) -> list[bytes]:
    """Give the changes that a stream's entries stand for, one an entry.

    Empty lines stand for the records known already, and for one that has left the grid since: the entry
    that says so comes later. One that
    moved to another grid of the tablet's scope is told as it stands there, so that it is never missed.
    One that came to name a barred kind since it was made is told as gone, as the tablet may hold it.

    Parameters
    ----------
    grid : str
    entries : sequence of Entry
        Of the grid's stream.
    scope : collection of str
        The tablet's grids.
    known : container of UUID
        Records that the tablet need not be told of.
    barred : collection of str
        Kinds whose right the tablet's worker lacks: records that name them are not told of.
    joined : int
        Number up to which the tablet reads the stream for the first time, and so holds nothing of it.
    """
    if grid == CITY:
        told = city_lines([entry.record for entry in entries])
    else:
        new = [entry for entry in entries if entry.record not in known]
        told = _present([grid], [entry for entry in new if not entry.gone], barred)
        moved = [entry for entry in new if entry.gone == Gone.MOVED.value]
        if moved:
            told |= _present([code for code in scope if code != grid], moved, barred)
        left = [each for each in new if str(each.record) not in told and each.seq > joined]
        told |= _veiled_since(grid, left, barred)
    return [
        b"" if entry.record in known else told.get(str(entry.record)) or _absent(grid, entry)
        for entry in entries
    ]


def _absent(grid: str, entry: Entry) -> bytes:
    return gone_line(entry.kind, entry.record, entry.version, grid, entry.gone) if entry.gone else b""


def _present(grids: Collection[str], entries: Iterable[Entry], barred: Collection[str]) -> dict[str, bytes]:
    by_kind: dict[str, list[str]] = {}
    here, codes = among("t.grid", sorted(grids))
    for entry in entries if grids else ():
        by_kind.setdefault(entry.kind, []).append(str(entry.record))
    told: dict[str, bytes] = {}
    for kind, ids in by_kind.items():
        where, parameters = among("t.id", ids, "uuid")
        there, hidden = _unveiled(kind, barred)
        chosen = f"{here} AND NOT t.deleted AND {where}{there}"
        sql = f"SELECT t.id, {_bytes(_line(kind))} {_from(kind)} {chosen}"
        rows = _rows(sql, [*codes, *parameters, *hidden])
        told.update((str(id_), line) for id_, line in rows)
    return told


def _veiled_since(grid: str, entries: Iterable[Entry], barred: Collection[str]) -> dict[str, bytes]:
    """Take away the records that name a barred kind, but did not when they were made."""
    told: dict[str, bytes] = {}
    here = [entry for entry in entries if not entry.gone and KINDS[entry.kind].veil] if barred else []
    for kind in sorted({entry.kind for entry in here}):
        mine = {str(entry.record): entry for entry in here if entry.kind == kind}
        veil = KINDS[kind].veil
        named, hidden = among(f"t.{veil}", sorted(barred))
        chosen, ids = among("t.id", list(mine), "uuid")
        # The first group of a record's sources names no fields; a later one those that were set since.
        where = f"t.grid = %s AND NOT t.deleted AND {chosen} AND {named} AND CAST(t.origins AS text) LIKE %s"
        rows = _rows(f"SELECT t.id, t.version {_from(kind)} {where}", [grid, *ids, *hidden, f'%"{veil}"%'])
        for id_, version in rows:
            told[str(id_)] = gone_line(kind, id_, version, grid, Gone.REVOKED.value)
    return told


def grid_chunks(grid: str, kinds: Collection[str], barred: Collection[str] = ()) -> Iterator[bytes]:
    """Give all open records of a grid, a kind at a time, parents before what is anchored to them.

    Those that name a kind among ``barred`` are left out. One statement reads them all: most grids hold
    few of the kinds, and asking for each costs a tablet's first load more than reading what is there.
    """
    parts, parameters = [], []
    for place, kind in enumerate(kept_kinds()):
        if kind in kinds:
            there, hidden = _unveiled(kind, barred)
            chosen = f"t.grid = %s AND NOT t.deleted AND t.closed_on IS NULL{there}"
            parts.append(f"SELECT {place}, {_bytes(_joined(_line(kind)))} {_from(kind)} {chosen}")
            parameters += [grid, *hidden]
    rows = _rows(" UNION ALL ".join(parts), parameters) if parts else []
    for _, lines in sorted(row for row in rows if row[1] is not None):
        yield lines
        yield b"\n"


def _unveiled(kind: str, barred: Collection[str]) -> tuple[str, list[Any]]:
    """Give what leaves out the records of a kind that name a barred one, and its parameters."""
    veil = KINDS[kind].veil
    if veil is None or not barred:
        return "", []
    named, parameters = among(f"t.{veil}", sorted(barred))
    return f" AND (t.{veil} IS NULL OR NOT {named})", parameters


def _line(kind: str) -> str:
    """Give the SQL expression of a record's change line."""
    head = f"""'{{"kind":"{kind}","id":"' || t.id || '","version":' || t.version || ',"grid":"' || t.grid"""
    return f"""{head} || '","record":' || {record_sql(kind, connection.vendor)} || '}}'"""


def _joined(line: str) -> str:
    return f"string_agg({line}, E'\\n')" if _postgres() else f"group_concat({line}, char(10))"


def _bytes(text: str) -> str:
    """Let SQLite's text leave as the bytes that travel; PostgreSQL's does by how it is read."""
    return text if _postgres() else f"CAST({text} AS BLOB)"


def _from(kind: str) -> str:
    return f'FROM "{model_of(kind)._meta.db_table}" t WHERE'


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Give a query's rows, PostgreSQL's text as the bytes that travel: its UTF-8 as it came."""
    with connection.cursor() as cursor:
        if _postgres():
            cursor.cursor.format = Format.BINARY
            cursor.cursor.adapters.register_loader("text", ByteaBinaryLoader)
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _postgres() -> bool:
    return connection.vendor == "postgresql"
