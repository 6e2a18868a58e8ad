"""What a department gets of its items (进度与结果): counts, and of answered rows the agreed values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.tasks.items.grants import Grant
from governance.tasks.items.held import fields_asked, values_of
from governance.tasks.items.selectors import community_names, progress
from governance.tasks.items.targets import REASONS
from governance.tasks.items.traces import trace
from governance.tasks.models import ANSWERED, Target, TargetState, WorkItem


@dataclass(frozen=True, slots=True)
class Results:
    """A page of rows, and the row to go on after; None behind the last."""

    rows: list[dict[str, Any]]
    after: int | None


def results_read(
    *, actor: Actor, item: WorkItem, grant: Grant, after: int, limit: int, state: str = ""
) -> Results:
    """Give the next rows of an item, and enter in the audit whose values they held.

    Values are those held when the page is read, of the asked fields that are still agreed on.

    Parameters
    ----------
    actor : Actor
        The department's, with its purpose.
    item : WorkItem
    grant : Grant
        As it is today.
    after : int
        Row behind which to begin; 0 for the first.
    limit : int
    state : str
        Only rows of this state; empty for all.

    Raises
    ------
    Forbidden
        Without the ability ``pull_published``.
    """
    check_can(actor, "pull_published")
    rows = Target.objects.filter(item=item, row__gt=after).order_by("row")
    if state:
        rows = rows.filter(state=state)
    page = list(rows[: limit + 1])
    more, page = len(page) > limit, page[:limit]
    told = [target for target in page if target.state in ANSWERED and _within(item, grant, target)]
    asked = [ask for ask in fields_asked(item.asks) if str(ask) in grant.fields]
    values = values_of(asked, item.subject_kind, told) if asked else {}
    subjects = [UUID(target.subject) for target in told] if asked else []
    if subjects:
        with transaction.atomic():
            trace(actor, "items.results", item, subjects, fields=[str(ask) for ask in asked])
    found = [row_shown(target) | {"values": values.get(target.pk, {})} for target in page]
    return Results(found, page[-1].row if more else None)


def row_shown(target: Target) -> dict[str, Any]:
    """Give a row without values."""
    return {
        "row": target.row,
        "key": target.key,
        "id": target.subject or None,
        "state": target.state,
        "reason": REASONS.get(target.state, ""),
        "outcome": target.outcome or None,
        "answered_at": target.answered_at,
    }


def item_shown(item: WorkItem) -> dict[str, Any]:
    """Give an item as its department wrote it down, and how it stands."""
    names = (
        "ref", "title", "text", "purpose", "legal_basis", "subject_kind", "area", "chosen", "condition",
        "asks", "opens_on", "due_on", "expires_on", "priority", "state", "submitted_at", "ended_at",
        "ended_reason",
    )  # fmt: skip
    return {"id": str(item.pk)} | {name: getattr(item, name) for name in names}


def progress_shown(item: WorkItem, day: date) -> dict[str, Any]:
    """Give an item with its counts and what each community said."""
    found = progress(item, day)
    names = community_names([row.community for row in found.admissions])
    communities = [
        {
            "code": row.community,
            "name": names.get(row.community, row.community),
            "state": row.state,
            "reason": row.reason,
            "decided_at": row.decided_at,
        }
        for row in found.admissions
    ]
    counts = {state: found.rows.get(state, 0) for state in TargetState.values}
    return item_shown(item) | {"rows": counts, "overdue": found.overdue, "communities": communities}


def rows_answered(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Say of each row that was handed in what it means."""
    return [
        {"key": each.key, "row": each.row, "state": each.state, "reason": REASONS.get(each.state, "")}
        for each in targets
    ]


def _within(item: WorkItem, grant: Grant, target: Target) -> bool:
    area = grant.areas.get(item.subject_kind)
    return area is not None and target.grid.startswith(area)
