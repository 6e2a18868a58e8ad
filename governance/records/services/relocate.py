"""Sending records to another grid in sets (整批迁移): told to both streams, kept in history and audit.

Whoever moves has decided where to. Each call is one transaction that holds the heads of the streams it
touches, so that a tablet that follows both sees a record in one of them at every moment.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from governance.access.actor import HUB
from governance.audit.services import audit_append
from governance.contract import KINDS, Status, uuid7
from governance.feed.bulk import among, rows_upsert
from governance.feed.services import Item, feed_append, heads_lock
from governance.records.models import Contested, History, Inbox, kept_kinds, model_of
from governance.records.rows import utc_now
from governance.records.services.state import carrier

PURPOSE = "网格调整"
PLACED = "placed"
"""Reason of a difference: a record without a point was sent to the largest successor, someone should look."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A record on its way: ``version`` and ``deleted`` as held, ``doubt`` another grid it may belong to."""

    kind: str
    id: str
    version: int
    deleted: bool
    to: str
    doubt: str = ""


def moving_lock(grid: str, targets: Collection[str]) -> dict[str, int]:
    """Lock the stream that records leave and those they may enter; gives what :func:`relocate` needs."""
    return heads_lock({grid, *targets})


def with_below(grid: str, roots: Sequence[Moving]) -> list[Moving]:
    """Give records with all that lie where they lie, parents first; only what still lies in ``grid``."""
    found: dict[str, dict[str, Moving]] = defaultdict(dict)
    for root in roots:
        found[root.kind][root.id] = root
    for name in kept_kinds():
        field = carrier(KINDS[name])
        above = found.get(KINDS[name].by_name[field].target or "", {}) if field else {}
        if above and field:
            for row in _below(name, field, grid, above):
                found[name].setdefault(row.id, row)
    return [moving for name in kept_kinds() for moving in found.get(name, {}).values()]


def _below(kind: str, field: str, grid: str, above: Mapping[str, Moving]) -> Iterable[Moving]:
    chosen, parameters = among(f't."{field}"', list(above), "uuid")
    table = model_of(kind)._meta.db_table
    sql = f'SELECT t.id, t.version, t.deleted, t."{field}" FROM "{table}" t WHERE t.grid = %s AND {chosen}'
    with connection.cursor() as cursor:
        cursor.execute(sql, [grid, *parameters])
        for id_, version, deleted, parent in cursor.fetchall():
            yield Moving(kind, str(id_), version, bool(deleted), above[str(parent)].to)


def relocate(*, grid: str, movings: Sequence[Moving], heads: dict[str, int]) -> None:
    """Move records out of ``grid``; the caller's transaction holds the heads of all streams concerned.

    Parameters
    ----------
    grid : str
        Where they lie.
    movings : sequence of Moving
        As :func:`with_below` gave them under the lock.
    heads : dict
        What :func:`moving_lock` gave.
    """
    if not movings:
        return
    now = utc_now()
    by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
    for moving in movings:
        by_place[moving.kind, moving.to].append(moving.id)
    for (kind, to), ids in by_place.items():
        _rows_move(model_of(kind)._meta.db_table, to, ids)
    told = [moving for moving in movings if not moving.deleted]
    items = [Item(grid, each.kind, each.id, each.version + 1, "moved") for each in told]
    items += [Item(each.to, each.kind, each.id, each.version + 1) for each in told]
    feed_append(heads, items)
    history = [_history(grid, each, now) for each in movings]
    rows_upsert(History, history, conflict=("change",), keep=True)
    _doubts_keep(movings, history, now)
    _inbox_move(grid, by_place)
    audit_append(
        actor=HUB.for_purpose(PURPOSE),
        action="records.follow",
        scope=grid,
        count=len(movings),
        detail={"to": dict(Counter(moving.to for moving in movings))},
        chain=grid,
    )


def _rows_move(table: str, to: str, ids: Sequence[str]) -> None:
    chosen, parameters = among("id", ids, "uuid")
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET grid = %s, version = version + 1, updated_at = %s WHERE {chosen}',
            [to, at, *parameters],
        )


def _history(grid: str, moving: Moving, now: str) -> dict[str, Any]:
    return {
        "change": str(uuid7()),
        "kind": moving.kind,
        "record": moving.id,
        "status": Status.UPDATED.value,
        "version": moving.version + 1,
        "base": moving.version,
        "errors": [],
        "source": HUB.source,
        "user": None,
        "device": None,
        "captured_at": None,
        "position": None,
        "at": now,
        "grid": moving.to,
        "set": {"grid": moving.to},
        "before": {"grid": grid},
        "whole": False,
    }


def _doubts_keep(movings: Sequence[Moving], history: Sequence[Mapping[str, Any]], now: str) -> None:
    """Put records that were placed without knowing better among the differences, for someone to look."""
    rows: list[dict[str, object]] = [
        {
            "change": line["change"],
            "kind": moving.kind,
            "record": moving.id,
            "grid": moving.to,
            "field": "grid",
            "offered": moving.doubt,
            "held": moving.to,
            "reason": PLACED,
            "source": HUB.source,
            "user": None,
            "at": now,
        }
        for moving, line in zip(movings, history, strict=True)
        if moving.doubt and not moving.deleted
    ]
    rows_upsert(Contested, rows, conflict=("change", "field"), keep=True)


def _inbox_move(grid: str, by_place: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """Let what waits in the inbox about these records wait where they lie now."""
    waiting = set(
        Inbox.objects.filter(grid=grid, settled_at=None, base__isnull=False).values_list("record", flat=True)
    )
    if not waiting:
        return
    for (_, to), ids in by_place.items():
        mine = [id_ for id_ in ids if id_ in {str(record) for record in waiting}]
        inbox_move(Inbox.objects.filter(grid=grid, record__in=mine), to)


def inbox_move(rows: QuerySet[Inbox], to: str) -> None:
    """Let what of the rows is undecided wait in another grid, but for what someone decides just now.

    He holds the row and waits for the head that is held here: to wait for him would close a circle.
    """
    free = rows.filter(settled_at=None).select_for_update(skip_locked=True)
    Inbox.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(grid=to)
