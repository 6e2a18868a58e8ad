"""Deciding what was not taken (收件箱处理): applied as its worker's own work, or put aside.

A worker whose post has ended, or whose tablet was replaced, still sends what he collected; the hub keeps it
under his name. Whoever looks after the grid now takes it with one click: it is applied as that worker's
change, with his source, device, time and place, by the usual rules, and under the right of whoever takes it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, Change, Result, Status
from governance.records.models import History, Inbox
from governance.records.selectors import inbox_seen
from governance.records.services.apply import changes_apply

_ORDER = {name: place for place, name in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that still cannot be taken, and why (Chinese)."""

    change: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """How many kept changes were applied, and those that cannot be."""

    count: int
    refused: list[Refusal]


class _RefusedError(Exception):
    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


def inbox_take(*, actor: Actor, changes: Collection[UUID]) -> Taken:
    """Apply kept changes as their workers' own work.

    What is settled already, or may not be seen by the actor, is passed over. Taken twice, a change is applied
    once: what it is applied under follows from its own id.

    Parameters
    ----------
    actor : Actor
        Who decides; his area and rights bound what is applied.
    changes : collection of UUID
        Ids of the kept changes.

    Raises
    ------
    Forbidden
        Unless the actor settles differences.
    """
    check_can(actor, "settle_differences")
    waiting = inbox_seen(actor).filter(pk__in=changes, status=Status.REJECTED.value, settled_at=None)
    count, refused = 0, list[Refusal]()
    for sender, rows in groupby(sorted(waiting, key=_place), key=_sender):
        taken = _take_from(actor, sender, list(rows))
        count += taken.count
        refused += taken.refused
    return Taken(count, refused)


def inbox_decline(*, actor: Actor, changes: Collection[UUID]) -> int:
    """Put kept changes aside (不予采纳); they stay readable. Gives how many there were.

    Raises
    ------
    Forbidden
        Unless the actor settles differences.
    """
    check_can(actor, "settle_differences")
    with transaction.atomic():
        seen = inbox_seen(actor).filter(pk__in=changes, status=Status.REJECTED.value, settled_at=None)
        rows = Inbox.objects.select_for_update().filter(pk__in=seen.values("pk")).order_by("pk")
        waiting = [row for row in rows if row.settled_at is None]
        _settle(actor, [(row, row.grid or CITY) for row in waiting], taken=False)
    return len(waiting)


def _sender(row: Inbox) -> tuple[str, int, str]:
    return row.source, row.user or 0, str(row.device or "")


def _place(row: Inbox) -> tuple[object, ...]:
    """Sort by sender; then parents before what refers to them, and earlier before later."""
    return *_sender(row), _ORDER.get(row.kind, len(_ORDER)), row.at, str(row.change)


def _take_from(actor: Actor, sender: tuple[str, int, str], rows: list[Inbox]) -> Taken:
    """Apply one sender's changes together; those that are refused are left out and the rest tried again."""
    refused = [Refusal(row.change, "内容无法识别，不能采纳") for row in rows if row.kind not in KINDS]
    left = [row for row in rows if row.kind in KINDS]
    while left:
        try:
            with transaction.atomic():
                return Taken(_apply(actor, sender, left), refused)
        except _RefusedError as error:
            refused += error.refusals
            out = {each.change for each in error.refusals}
            left = [row for row in left if row.change not in out]
    return Taken(0, refused)


def _apply(actor: Actor, sender: tuple[str, int, str], rows: Sequence[Inbox]) -> int:
    """Apply what of the rows is still undecided, all or none; gives how many."""
    ids = [row.pk for row in rows]
    open_ = set(
        Inbox.objects.select_for_update()
        .filter(pk__in=ids, settled_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows = [row for row in rows if row.pk in open_]
    if not rows:  # somebody else decided them a moment ago
        return 0
    source, user, device = sender
    worker = replace(
        actor, source=source, user_id=user or None, device_id=UUID(device) if device else None, by_hub=False
    )
    results = _offered(worker, rows)
    refusals = [
        Refusal(row.change, "；".join(problem.reason for problem in result.errors))
        for row, result in zip(rows, results, strict=True)
        if result.status is Status.REJECTED
    ]
    if refusals:
        raise _RefusedError(refusals)
    lying = [result.grid or CITY for result in results]
    _settle(actor, zip(rows, lying, strict=True), taken=True)
    return len(rows)


def _offered(worker: Actor, rows: Sequence[Inbox]) -> list[Result]:
    """Apply the rows; again where their sender wrote more before the streams were locked."""
    since = _written_since(rows)
    while True:
        with transaction.atomic():
            changes = [_change(row, since[row.pk]) for row in rows]
            results = changes_apply(actor=worker, changes=changes, action="inbox.apply")
            before, since = since, _written_since(rows)
            if since == before:
                return results
            transaction.set_rollback(True)


def _written_since(rows: Sequence[Inbox]) -> dict[UUID, frozenset[str]]:
    """Give for each of one sender's changes the fields that he wrote, on the same tablet, after it had come.

    What he wrote is the newer word, though it was taken first. Of late work that was taken before, what
    came earlier is the older word.
    """
    sent = {"user": rows[0].user, "device": rows[0].device, "record__in": {row.record for row in rows}}
    late = {_taken_as(row): _came(row) for row in Inbox.objects.filter(taken=True, **sent)}
    mine = [_taken_as(row) for row in rows]
    others = History.objects.filter(**sent).exclude(change__in=mine)
    written = list(others.values_list("record", "change", "at", "set"))
    return {
        row.pk: frozenset(
            name
            for record, change, at, values in written
            if record == row.record and late.get(change, (at, "~")) > _came(row)
            for name in values
        )
        for row in rows
    }


def _came(row: Inbox) -> tuple[datetime, str]:
    return row.at, str(row.change)


def _taken_as(row: Inbox) -> UUID:
    return uuid5(row.change, "inbox")


def _change(row: Inbox, overtaken: frozenset[str]) -> Change:
    """Give the kept change under an id that follows from its own."""
    return Change(
        change=_taken_as(row),
        kind=row.kind,
        id=row.record,
        base=row.base,
        set=dict(row.offered),
        delete=row.delete,
        captured_at=row.captured_at,
        position=row.position,
        overtaken=overtaken,
    )


def _settle(actor: Actor, decided: Iterable[tuple[Inbox, str]], *, taken: bool) -> None:
    """Note what was decided of rows, in the chain of the grid named with each.

    Of what was taken that is where its record lies, whose stream is locked: chains are taken behind streams.
    """
    now = timezone.now()
    by_grid: dict[str, list[Inbox]] = {}
    for row, grid in decided:
        row.settled_at, row.settled_by_id, row.taken = now, actor.user_id, taken
        by_grid.setdefault(grid, []).append(row)
    for grid, settled in sorted(by_grid.items()):
        Inbox.objects.bulk_update(settled, ["settled_at", "settled_by", "taken"])
        audit_append(
            actor=actor,
            action="inbox.take" if taken else "inbox.decline",
            subjects=[row.record for row in settled],
            scope=grid,
            chain=grid,
            detail={"changes": [str(row.change) for row in settled]},
        )
