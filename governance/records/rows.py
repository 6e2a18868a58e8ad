"""Records in JSON form: read as the database builds them, written back in sets.

Between reading and writing a record is a plain dict of the contract's JSON values; the
same SQL that tablets' pages are built with gives them, so there is one form of a record.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from django.db import connection

from governance.contract import KINDS, Field, Kind, Type
from governance.feed.bulk import among, rows_upsert
from governance.records.models import model_of
from governance.records.origins import Origin

_decode = msgspec.json.decode


@dataclass(slots=True)
class Held:
    """A record as it is held while changes are applied to it.

    ``values`` has the fields that are not null; ``was`` is the grid it lay in when read,
    None for a new one; ``dirty`` says that it must be written back.
    """

    kind: Kind
    id: str
    grid: str
    version: int
    values: dict[str, object]
    origins: list[Origin] = field(default_factory=list)
    deleted: bool = False
    created_at: str = ""
    was: str | None = None
    dirty: bool = False

    def record(self) -> dict[str, object]:
        """Give the record as tablets receive it."""
        return dict(self.values)

    @property
    def open(self) -> bool:
        """Whether it is neither withdrawn nor closed."""
        return not self.deleted and self.values.get("closed_on") is None


@cache
def record_sql(kind: str, vendor: str, only: frozenset[str] | None = None) -> str:
    """Give the SQL expression that builds a record's JSON, without nulls, from table alias ``t``.

    The text is put together value by value: building a JSON document only to strip its many
    nulls costs the database more than twice as much.

    Parameters
    ----------
    kind : str
    vendor : str
        Of the database.
    only : frozenset of str, optional
        Fields to keep to; all where it is None.
    """
    fields = KINDS[kind].fields
    kept = [item for item in fields if item.type is not Type.GRID and (only is None or item.name in only)]
    if vendor == "postgresql":
        return f"'{{' || concat_ws(',', {', '.join(map(_postgres, kept))}) || '}}'"
    return f"'{{' || substr({' || '.join(map(_sqlite, kept))}, 2) || '}}'"


_PLAIN = frozenset({Type.CODE, Type.CITIZEN, Type.CREDIT, Type.PHONE, Type.AREA, Type.REF})
"""Types whose checked values never hold a character that JSON escapes; quoting them takes half the time."""


def _postgres(item: Field) -> str:
    """Give a field's name and value, null where it has none."""
    column = f't."{item.name}"'
    if item.type is Type.MOMENT:
        quoted = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    elif item.type in _PLAIN:
        quoted = column
    else:
        return f"""'"{item.name}":' || to_json({column})"""
    return f"""'"{item.name}":"' || {quoted} || '"'"""


def _sqlite(item: Field) -> str:
    """Give a comma, a field's name and value; empty where it has none."""
    column = f't."{item.name}"'
    if item.type is Type.MOMENT:
        value = f"""'"' || replace(substr({column}, 1, 19), ' ', 'T') || 'Z"'"""
    elif item.type is Type.FLAG:
        value = f"CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    elif item.type in (Type.CODES, Type.FILES):
        value = column
    elif item.type in _PLAIN:
        value = f"""'"' || {column} || '"'"""
    else:
        value = f"nullif(json_quote({column}), 'null')"
    return f"""coalesce(',"{item.name}":' || {value}, '')"""


def rows_read(kind: str, ids: Collection[str]) -> dict[str, Held]:
    """Read records by id.

    Parameters
    ----------
    kind : str
    ids : collection of str
        UUIDs with hyphens.

    Returns
    -------
    dict
        Id to record; without those that are not there.
    """
    return {held.id: held for held in rows_of({kind: ids})}


def rows_of(wanted: Mapping[str, Collection[str]]) -> list[Held]:
    """Read records by kind and id, in one statement; without those that are not there."""
    parts, parameters = [], []
    for kind, ids in wanted.items():
        if ids:
            chosen, values = among("t.id", ids, "uuid")
            parts.append(_selection(kind, chosen, connection.vendor))
            parameters += values
    return _select(parts, parameters) if parts else []


def rows_below(kind: str, anchor: str, parents: Collection[str]) -> list[Held]:
    """Read the records of a kind whose ``anchor`` field points to one of the parents."""
    chosen, parameters = among(f't."{anchor}"', parents, "uuid")
    return _select([_selection(kind, f"{chosen} AND NOT t.deleted", connection.vendor)], parameters)


@cache
def _selection(kind: str, where: str, vendor: str) -> str:
    body = record_sql(kind, vendor)
    columns = f"'{kind}', t.id, t.grid, t.version, t.deleted, t.origins, t.created_at, {body}"
    return f'SELECT {columns} FROM "{model_of(kind)._meta.db_table}" t WHERE {where}'


def _select(parts: Sequence[str], parameters: list[Any]) -> list[Held]:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        rows = cursor.fetchall()
    return [
        Held(
            kind=KINDS[kind],
            id=str(id_),
            grid=grid,
            version=version,
            values=_decode(record),
            origins=_decode(origins),
            deleted=bool(deleted),
            created_at=_moment(created),
            was=grid,
        )
        for kind, id_, grid, version, deleted, origins, created, record in rows
    ]


def _moment(value: datetime | str) -> str:
    text = value if isinstance(value, str) else value.isoformat()
    return text.replace(" ", "T").replace("+00:00", "") + ("" if text.endswith("Z") else "Z")


def rows_write(records: Iterable[Held], now: str) -> None:
    """Write records back, parents first, of each kind the new ones and those that were read before.

    A new one whose id someone else has just taken in another grid raises ``IntegrityError``.

    Parameters
    ----------
    records : iterable of Held
    now : str
        UTC time of the change.
    """
    by_kind: dict[tuple[str, bool], list[dict[str, object]]] = {}
    for held in records:
        row: dict[str, object] = {
            **held.values,
            "id": held.id,
            "grid": held.grid,
            "version": held.version,
            "origins": held.origins,
            "deleted": held.deleted,
            "created_at": held.created_at or now,
            "updated_at": now,
        }
        by_kind.setdefault((held.kind.name, held.was is None), []).append(row)
    for name in KINDS:
        for new, conflict in ((True, ()), (False, ("id",))):
            if (name, new) in by_kind:
                rows_upsert(model_of(name), by_kind[name, new], conflict=conflict)


def utc_now() -> str:
    """Give the present time in UTC, to the second, as it travels."""
    return utc_text(datetime.now(UTC), "seconds")


def utc_text(at: datetime, timespec: str) -> str:
    """Give a moment in UTC as text, to the ``timespec`` of ``datetime.isoformat``."""
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
