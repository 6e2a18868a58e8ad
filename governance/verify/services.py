"""Settling what is in doubt: duplicates found in the feed, differences decided by people."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.errors import NotPossible
from governance.access.policy import check_can, check_read
from governance.access.scope import Scope
from governance.audit.services import audit_append
from governance.contract import KINDS, Change, Status, uuid7
from governance.feed.services import Told, follower_catch_up
from governance.records.models import Contested
from governance.records.rows import Held, rows_read
from governance.records.services.apply import changes_apply
from governance.verify.duplicates import flags_to_change

FOLLOWER = "verify"


def grid_follow(grid: str) -> int:
    """Bring flags and differences up to what a grid's feed told since the last call; gives the entries read.

    The other record with the same number is flagged, and is not any more when the number was put right;
    differences go along with records that moved. With nothing new this costs one look-up.
    """

    def handle(entries: Sequence[Told]) -> None:
        _differences_follow(grid, [entry.record for entry in entries if not entry.gone])
        _flags_settle(entries)

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def difference_settle(*, actor: Actor, contested: Contested, accept: bool) -> Contested:
    """Decide a difference: take the offered value (采纳) or let the held one stand (维持).

    An accepted value keeps its offering source. Other open differences of the record are looked at again:
    the same offer gets the same answer, and what the record says by now is settled too. A value that was
    written since is not overwritten unseen: the difference says it from now on, and waits.

    Raises
    ------
    Forbidden
        Unless the actor settles differences in the record's grid and may see its kind.
    NotPossible
        In Chinese: settled already, the held value is another by now, or the offered one cannot be taken,
        with the reason.
    """
    check_can(actor, "settle_differences")
    with transaction.atomic():
        # Every open difference of the record is locked, in their order, before the streams' heads.
        rows = Contested.objects.select_for_update().filter(record=contested.record, settled_at=None)
        waiting = {row.pk: row for row in rows.order_by("pk")}
        row = waiting.pop(contested.pk, None)
        if row is None:
            raise NotPossible("这条待核值已经核定")
        held = _held(row)
        check_read(actor, row.kind, held.grid)
        seen = not accept or _value(held, row.field) in (row.held, row.offered)
        if seen:
            _settled(actor, row, waiting, held, accept=accept)
        else:
            _refresh([row, *waiting.values()], held)
    if not seen:
        raise NotPossible("现有值期间有人改过，没有采纳，请按新的现有值再核")
    return row


def _settled(
    actor: Actor, row: Contested, waiting: dict[int, Contested], held: Held, *, accept: bool
) -> None:
    if accept and _value(held, row.field) != row.offered:
        _accept(row, held)
        held = _held(row)
    settled = [row, *_same(row, waiting.values(), held, accept=accept)]
    _store(settled, actor)
    done = {each.pk for each in settled}
    _refresh([other for other in waiting.values() if other.pk not in done], held)
    audit_append(
        actor=actor,
        action="verify.settle",
        kind=row.kind,
        subject=row.record,
        scope=held.grid,
        chain=held.grid,
        detail={"field": row.field, "accepted": accept, "differences": [each.pk for each in settled]},
    )


def _held(row: Contested) -> Held:
    held = rows_read(row.kind, [str(row.record)]).get(str(row.record))
    if held is None:
        raise NotPossible("这条记录已不在平台上")
    return held


def _value(held: Held, field: str) -> object:
    """Give what a record says; its grid is no value of it."""
    return held.grid if field == "grid" else held.values.get(field)


def _accept(row: Contested, held: Held) -> None:
    """Write the offered value as the hub, in the name of who offered it."""
    source = replace(HUB, source=row.source, user_id=row.user, purpose="采纳待核值")
    change = Change(uuid7(), row.kind, row.record, held.version, {row.field: row.offered})
    (result,) = changes_apply(actor=source, changes=[change], action="verify.accept")
    if result.status is Status.REJECTED:
        raise NotPossible("；".join(problem.reason for problem in result.errors))
    if result.status is Status.MERGED:
        raise NotPossible("刚刚有人改过这条记录，请再核一次")


def _same(row: Contested, others: Iterable[Contested], held: Held, *, accept: bool) -> list[Contested]:
    """Give the other differences that are thereby settled, each with its answer."""
    row.accepted = accept
    settled = []
    for other in others:
        if other.field == row.field and other.offered == row.offered:
            other.accepted = accept
        elif other.offered == _value(held, other.field):
            other.accepted = True
        else:
            continue
        settled.append(other)
    return settled


def _store(settled: Sequence[Contested], actor: Actor) -> None:
    now = timezone.now()
    for each in settled:
        each.settled_at, each.settled_by_id = now, actor.user_id
    Contested.objects.bulk_update(settled, ["settled_at", "settled_by", "accepted"])


def _refresh(waiting: Sequence[Contested], held: Held) -> None:
    """Let the differences that still wait say what the record holds now."""
    for row in waiting:
        row.held = _value(held, row.field)
    Contested.objects.bulk_update(waiting, ["held"])


def _differences_follow(grid: str, records: Sequence[str]) -> None:
    """Send open differences along with records that lie in this grid now."""
    moved = Contested.objects.filter(record__in=records, settled_at=None).exclude(grid=grid)
    ids = list(moved.values_list("pk", flat=True))
    if ids:
        rows = Contested.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        Contested.objects.filter(pk__in=[row.pk for row in rows]).update(grid=grid)


def _flags_settle(entries: Sequence[Told]) -> None:
    changes: list[Change] = []
    grids: set[str] = set()
    for kind in KINDS:
        records = [entry.record for entry in entries if entry.kind == kind]
        if records:
            more, touched = flags_to_change(kind, records)
            changes += more
            grids |= touched
    if changes:
        actor = replace(HUB, scope=Scope(frozenset(grids)), purpose="重复登记核对")
        changes_apply(actor=actor, changes=changes, action="verify.duplicates")
