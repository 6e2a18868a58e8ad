"""What is kept of every change: history, inbox, values under review; and answers to repeats."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.policy import may_read
from governance.contract import Change, Problem, Result, Status
from governance.feed.bulk import among, rows_upsert
from governance.records.models import Contested, History, Inbox
from governance.records.rows import Held, rows_of, utc_text
from governance.records.services.decide import Outcome
from governance.records.veil import veiled


def answers(actor: Actor, changes: Sequence[Change]) -> dict[str, Result]:
    """Give the stored results of the changes that were seen before, by change id, as the actor may know them.

    Call it with the streams' heads locked, and the device's own name: then a twin request has either
    committed or not begun.
    """
    chosen, parameters = among("change", [change.key for change in changes], "uuid")
    select = "SELECT change, status, version, errors, whole, kind, record"
    sql = f"""
        {select}, grid FROM records_history WHERE {chosen}
        UNION ALL {select}, grid FROM records_inbox WHERE {chosen}
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters * 2)
        rows = [_Answered(*row) for row in cursor.fetchall()]
    held = _held_of(rows)
    return {str(row.change): _answer(actor, row, held.get(str(row.record))) for row in rows}


class _Answered(NamedTuple):
    change: UUID | str
    status: str
    version: int | None
    errors: str
    whole: bool
    kind: str
    record: UUID | str
    grid: str


def _held_of(rows: Sequence[_Answered]) -> dict[str, Held]:
    """Give the records that were answered for: one statement, none where nothing was seen before."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        if row.status != Status.REJECTED:
            ids.setdefault(row.kind, set()).add(str(row.record))
    return {held.id: held for held in rows_of(ids)}


def _answer(actor: Actor, row: _Answered, held: Held | None) -> Result:
    """Give the stored answer; a record that came with it comes again as it stands now.

    The grid is the one of that time: where the record has moved on since, the next pull says so by it.
    Nor does the record come again to whose post or right has ended since.
    """
    problems = [Problem(**problem) for problem in json.loads(row.errors)]
    result = Result(UUID(str(row.change)), Status(row.status), row.version, problems)
    if result.status is not Status.REJECTED:
        result.grid = row.grid or None
    if held is not None and row.whole and held.grid == row.grid and _may_hear(actor, held):
        result.record = held.record()
    return result


def _may_hear(actor: Actor, held: Held) -> bool:
    kind = held.kind
    return may_read(actor, kind.name, held.grid) and not veiled(actor, kind, held.values)


def trail_write(actor: Actor, decided: Sequence[tuple[Change, Outcome]]) -> None:
    """Store each new change where it belongs, with a time of its own; the change id is the key.

    What came later has the later time, also within a batch: nothing else says so for good, as an id's time is
    the tablet's.

    Parameters
    ----------
    actor : Actor
    decided : sequence of (Change, Outcome)
    """
    history, inbox, contested = [], [], []
    device, came = actor.device_key, timezone.now()
    seen: set[str] = set()
    for place, (change, outcome) in enumerate(decided):
        if change.key in seen:
            continue
        seen.add(change.key)
        at = utc_text(came + timedelta(microseconds=place), "microseconds")
        row = _row(actor, device, change, outcome, at)
        if _nothing_applied(outcome):
            inbox.append({**row, "offered": change.set, "delete": change.delete, "grid": outcome.grid})
        else:
            history.append({**row, "grid": outcome.grid, "set": outcome.applied, "before": outcome.before})
        if outcome.contests:
            contested += _contested(actor, change, outcome, at)
    # A twin in another grid's batch that has just come first raises: then this one is answered like it.
    rows_upsert(History, history, conflict=())
    rows_upsert(Inbox, inbox, conflict=("change",), keep=True)
    rows_upsert(Contested, contested, conflict=("change", "field"), keep=True)


def _nothing_applied(outcome: Outcome) -> bool:
    if outcome.status is Status.CONTESTED:
        return not outcome.applied and outcome.moved_from is None
    return outcome.status in (Status.REJECTED, Status.IDENTICAL)


def _row(actor: Actor, device: str | None, change: Change, outcome: Outcome, at: str) -> dict[str, object]:
    return {
        "change": change.key,
        "kind": change.kind[:32],
        "record": change.record,
        "status": outcome.status.value,
        "version": outcome.version,
        "base": change.base,
        "errors": [problem.as_json() for problem in outcome.errors],
        "whole": outcome.whole,
        "source": actor.source,
        "user": actor.user_id,
        "device": device,
        "captured_at": change.captured_at,
        "position": change.position,
        "at": at,
    }


def _contested(actor: Actor, change: Change, outcome: Outcome, at: str) -> list[dict[str, object]]:
    held = outcome.held
    if held is None:
        return []
    return [
        {
            "change": change.key,
            "kind": change.kind,
            "record": change.record,
            "grid": outcome.grid,
            "field": contest.field,
            "offered": contest.offered,
            "held": contest.held,
            "reason": contest.reason,
            "source": actor.source,
            "user": actor.user_id,
            "at": at,
        }
        for contest in outcome.contests
    ]


def malformed_keep(actor: Actor, result: Result, text: str) -> Result:
    """Keep a change in the inbox that had not the protocol's form, as the text it came as.

    Gives the stored result where another content came under its id before.
    """
    change = Change(result.change, "", result.change, set={"text": text})
    with transaction.atomic():
        known = answers(actor, [change]).get(change.key)
        if known is None:
            trail_write(actor, [(change, Outcome(result.status, result.errors))])
    return known or result
