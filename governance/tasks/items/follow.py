"""An item's targets follow what became of their tasks and records, read from the feed (事项跟进)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from governance.contract.kinds.task_states import DONE, EXPIRED, OPEN_STATES, RETURNED, WITHDRAWN
from governance.feed.selectors import grids_behind
from governance.feed.services import Told, follower_catch_up
from governance.tasks.items.held import answered
from governance.tasks.items.standing import items_finish, occasion_of
from governance.tasks.models import Target, TargetState, Task, WorkItem
from governance.tasks.offers import tasks_withdraw

FOLLOWER = "items"
_KINDS = ("person", "household")
_FOLLOWING = frozenset(
    {
        TargetState.WAITING,
        TargetState.ASKED,
        TargetState.DONE,
        TargetState.RETURNED,
        TargetState.EXPIRED,
        TargetState.WITHDRAWN,
    }
)
_AFTER = {
    DONE: TargetState.DONE,
    RETURNED: TargetState.RETURNED,
    EXPIRED: TargetState.EXPIRED,
    WITHDRAWN: TargetState.WITHDRAWN,
    **dict.fromkeys(OPEN_STATES, TargetState.ASKED),
}
_SEEN_BY_DATA = "所需数据已经取得，不必再问"


def items_follow() -> int:
    """Bring all items up to what the feed has told since; gives the number of streams read."""
    behind = grids_behind(FOLLOWER)
    for grid in behind:
        grid_follow(grid)
    if behind:
        items_finish()
    return len(behind)


def grid_follow(grid: str) -> int:
    """Bring the targets up to what a grid's feed told since the last call; gives the entries read."""
    day = timezone.localdate()

    def handle(entries: Sequence[Told]) -> None:
        told = _tasks_followed([entry.record for entry in entries if entry.kind == "task"])
        changed = {entry.record for entry in entries if entry.kind in _KINDS}
        if changed or told:
            _records_followed(grid, changed | told, day)

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def _tasks_followed(tasks: Collection[str]) -> set[str]:
    """Take over what became of tasks; gives the subjects concerned."""
    rows = Task.objects.filter(pk__in=tasks, origin="item").values(
        "origin_ref", "subject", "state", "outcome", "done_at", "grid", "household"
    )
    became = {(row["origin_ref"], row["subject"]): row for row in rows}
    if not became:
        return set()
    items, subjects = {key[0] for key in became}, {key[1] for key in became}
    changed = []
    for target in Target.objects.filter(item__in=items, subject__in=subjects, state__in=_FOLLOWING):
        row = became.get((str(target.item_id), target.subject))
        if row is not None and _taken_over(target, row):
            changed.append(target)
    Target.objects.bulk_update(changed, ["state", "outcome", "answered_at", "grid", "household"])
    return {target.subject for target in changed}


def _taken_over(target: Target, row: Mapping[str, Any]) -> bool:
    """Set a target to what its task says; whether anything changed."""
    state = _AFTER[row["state"]]
    ended = state not in (TargetState.ASKED, TargetState.WAITING)
    values = {
        "state": state,
        "outcome": row["outcome"] or "",
        "answered_at": (row["done_at"] or target.answered_at or timezone.now()) if ended else None,
        "grid": row["grid"],
        "household": str(row["household"]) if row["household"] else target.household,
    }
    changed = any(getattr(target, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(target, name, value)
    return changed


def _records_followed(grid: str, changed: Collection[str], day: date) -> None:
    """Answer for whom the base now holds everything.

    Only tasks of this grid are touched, whose stream is read; a move is told in both.
    """
    concerned = Q(subject__in=changed) | Q(household__in=changed)
    asked = Target.objects.filter(concerned, state=TargetState.ASKED, grid=grid)
    by_item: dict[UUID, list[Target]] = {}
    for target in asked.order_by("pk"):
        by_item.setdefault(target.item_id, []).append(target)
    for item in WorkItem.objects.filter(pk__in=by_item).select_related("department"):
        _targets_checked(item, by_item[item.pk], day)


def _targets_checked(item: WorkItem, targets: Sequence[Target], day: date) -> None:
    held = answered(item.asks, item.subject_kind, targets)
    if held:
        tasks_withdraw(_occasions(item, held), day, _SEEN_BY_DATA)
        values = {"state": TargetState.HELD, "answered_at": timezone.now()}
        Target.objects.filter(pk__in=[target.pk for target in held]).update(**values)


def _occasions(item: WorkItem, targets: Iterable[Target]) -> list[str]:
    return [occasion_of(item.pk, target.subject) for target in targets]
