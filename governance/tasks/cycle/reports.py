"""What tablets report of tasks: attempts at the door, and a second result beside the first (重复办理).

The first result stands. The second is kept as a difference that was not taken and as evidence in the inbox,
and the task says that it was there, so that both who reported hear of it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.access.models import User
from governance.contract import KINDS
from governance.contract.kinds.task_states import ACCEPTED, IN_VAIN, OPEN, VISITED
from governance.feed.services import Told
from governance.records.codes import book
from governance.records.models import Contested
from governance.records.registry.values import code_label
from governance.tasks.models import Task, Visit
from governance.tasks.offers import planned_write, written_count
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import task_set

_LONGEST = 500


def tried_in_vain(entries: Sequence[Told]) -> set[UUID]:
    """Give the tasks that a page of the feed tells an attempt at, or tells of where there was one before.

    A task that was given on, asked again or whose result was taken back begins anew, but who was there in
    vain before was there: it is marked again, as the tablets say by the visits they hold.
    """
    told: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        told[entry.kind].append(entry.record)
    vain: QuerySet[Any] = Visit.objects.filter(deleted=False, outcome__in=IN_VAIN).exclude(task=None)
    tried: set[UUID] = set()
    for kind, field in (("visit", "pk__in"), ("task", "task__in")):
        if told[kind]:
            tried.update(vain.filter(**{field: told[kind]}).values_list("task_id", flat=True))
    return tried


def visited_mark(tried: Collection[UUID], day: date) -> int:
    """Mark as visited in vain what of some tasks is still to be done; gives how many."""
    tasks = held_by_id(sorted(tried))
    planned = [task_set(task, day, {"state": VISITED}) for task in tasks if task.state in (OPEN, ACCEPTED)]
    return written_count(planned_write(planned, len(planned)))


@transaction.atomic
def second_reports_tell(day: date) -> int:
    """Say on each task that somebody else reported a result too; gives the number of tasks.

    With none waiting this costs one look-up.
    """
    waiting = Contested.objects.filter(kind="task", settled_at=None, reason="clash").order_by("id")
    rows = list(waiting.select_for_update())
    if not rows:
        return 0
    by_task: dict[object, list[Contested]] = defaultdict(list)
    for row in rows:
        by_task[row.record].append(row)
    names = dict(User.objects.filter(pk__in={row.user for row in rows}).values_list("pk", "name"))
    planned = []
    known = dict(Task.objects.filter(pk__in=by_task).values_list("pk", "second_report"))
    for task in held_by_id(list(known)):
        said = [known[task.id] or "", *_said(by_task[task.id], names)]
        text = "\n".join(part for part in dict.fromkeys(said) if part)[-_LONGEST:]
        planned.append(task_set(task, day, {"second_report": text}))
    waiting_ids = [row.pk for row in rows]
    Contested.objects.filter(pk__in=waiting_ids).update(settled_at=timezone.now(), accepted=False)
    return written_count(planned_write(planned, len(planned)))


def _said(rows: Sequence[Contested], names: dict[int, str]) -> list[str]:
    """Give a line for each change that came second: who, when it came, and what it said."""
    changes: dict[object, list[Contested]] = defaultdict(list)
    for row in rows:
        changes[row.change].append(row)
    return [_line(each, names) for each in changes.values()]


def _line(rows: Sequence[Contested], names: dict[int, str]) -> str:
    offered = {row.field: row.offered for row in rows}
    at = timezone.localtime(rows[0].at).strftime("%Y-%m-%d %H:%M")
    who = names.get(rows[0].user or 0, "平台")
    if offered.keys() == {"accepted_at"}:  # no result: whatever came of it may well be his own
        return f"{at} {who}也接受了这项任务"
    outcome = offered.get("outcome")
    item = KINDS["task"].by_name["outcome"]
    label = code_label(item, str(outcome), book()) if outcome else "相同的结果"
    note = offered.get("outcome_note")
    return f"{at} {who}也报告了：{label}{f'（{note}）' if note else ''}；以先到平台的结果为准"
