"""What who carries no tablet reports (窗口、志愿者报告), volunteers and staff of a desk, and its trace."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.scope import Scope
from governance.audit.services import audit_append
from governance.contract import Change, Owner, Status
from governance.feed.services import heads_lock
from governance.records.services.apply import changes_apply


class TaskElsewhere(NotPossible):
    """No such task, or not at a desk or in a team of whoever asks (没有这项任务)."""

    status = 404
    code = "missing"


def row_locked(find: Callable[[], Any]) -> Any:
    """Find a task, and again with its stream locked: whoever acts on it meanwhile comes before or after.

    Raises
    ------
    NotPossible
        It has just moved to another grid; and what ``find`` raises.
    """
    before = find().grid
    heads_lock([before])
    row = find()
    if row.grid != before:
        raise NotPossible("任务正在迁移，请稍后再试")
    return row


def report_write(actor: Actor, row: Any, values: dict[str, object], *, purpose: str, action: str) -> None:
    """Write what somebody reports of a task, as the worker would; his right is the caller's to check.

    Parameters
    ----------
    actor : Actor
    row : Task
        As he saw it: who reported meanwhile comes first.
    values : dict
    purpose, action : str
        For history and audit.

    Raises
    ------
    NotPossible
        Where the task does not take the report.
    """
    doer = replace(
        actor,
        scope=Scope(frozenset({row.grid})),
        source=Owner.WORKER.value,
        purpose=purpose,
        read_only=False,
    )
    name = uuid5(row.pk, f"{action}:{actor.user_id}:{row.version}:{sorted(values.items(), key=str)}")
    change = Change(name, "task", row.pk, row.version, values)
    (result,) = changes_apply(actor=doer, changes=[change], action=action)
    if result.status is Status.REJECTED:
        raise NotPossible("；".join(problem.reason for problem in result.errors))
    if result.status is Status.CONTESTED:
        raise NotPossible("别人刚刚报告了这项任务，请刷新后再看")


@transaction.atomic
def task_trace(actor: Actor, row: Any, action: str, **detail: object) -> None:
    """Leave in the audit who looked at a task or did something with it, and whom it is about."""
    audit_append(
        actor=actor,
        action=action,
        kind="task",
        subject=UUID(row.subject) if row.subject_kind == "person" and row.subject else None,
        scope=row.grid,
        detail={"task": str(row.pk), **detail},
        chain=row.grid,
    )
