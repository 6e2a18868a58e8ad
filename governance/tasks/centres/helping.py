"""Tasks that volunteers help with (志愿服务): given to a team, taken by one of it, who sees what it needs.

A volunteer sees a task's matter, its door, and a masked name; the telephone number once he has taken it, with
a trace. What lies behind a care register's right, or asks for data or documents, is not given to a team.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.policy import check_can
from governance.access.services.throttle import throttle_hit
from governance.contract.kinds.task_states import OPEN_STATES
from governance.contract.masking import masked_name
from governance.records.models import Person
from governance.records.registry.labels import place
from governance.records.rows import utc_now
from governance.tasks.centres.giving import TEAM
from governance.tasks.centres.reporting import TaskElsewhere, report_write, row_locked, task_trace
from governance.tasks.centres.selectors import teams_of, turns_held
from governance.tasks.cycle.services import Acted, tasks_assign
from governance.tasks.models import HelpTurn, Task, Team
from gridmap.naming import grid_names

OUTCOMES = {"done": "办好了", "not_home": "没有人在家", "refused": "居民不需要", "other": "其他情况"}
"""What a volunteer may report → what he reads."""

_CALLS_AN_HOUR = 30
_PURPOSE = "志愿服务"
_MOST_NOTE = 200


@dataclass(frozen=True, slots=True)
class HelpTask:
    """A task as a volunteer sees it.

    Parameters
    ----------
    id : UUID
    title, reason, door : str
        The matter and where to go; they name no person.
    due_on : date or None
    who : str
        Masked name; empty where the task is about no person.
    mine, free : bool
        Whether the volunteer has taken it, whether nobody has.
    late : bool
        Whether its day has passed.
    told : str
        What staff say to whoever does it.
    tried : str
        What the volunteer himself reported of it before, while it is still to be done.
    """

    id: UUID
    title: str
    reason: str
    door: str
    due_on: date | None
    who: str
    mine: bool
    free: bool
    late: bool
    told: str
    tried: str


def team_assign(*, actor: Actor, team: Team, tasks: Collection[UUID], note: str, day: date) -> Acted:
    """Give tasks to a team; those that a volunteer must not see, or cannot do, are refused with the reason.

    Parameters
    ----------
    actor : Actor
        Plans tasks at their grids.
    team : Team
    tasks : collection of UUID
    note : str
        For those who get it; names no person.
    day : date
        Asia/Shanghai day of the call.

    Raises
    ------
    NotPossible
        Where the team is out of use.
    """
    if not team.enabled:
        raise NotPossible("这支队伍已停用")
    if not tasks:
        return Acted(0, ())
    return tasks_assign(actor=actor, tasks=tasks, assignee=f"{TEAM}{team.pk}", note=note, day=day)


def fit_for(team: Team) -> "QuerySet[Any]":
    """Give the open tasks of a team's division that it may be given, the most pressing first.

    Those that somebody of the team has taken already are left out.
    """
    taken = turns_held().values("task")
    rows: QuerySet[Any] = Task.objects.filter(
        Q(asks=None) | Q(asks=""),
        grid__startswith=team.division_id,
        state__in=OPEN_STATES,
        register=None,
        deleted=False,
    )
    return rows.exclude(pk__in=taken).select_related("household__room__building").order_by("due_on", "id")


def help_tasks(actor: Actor) -> list[HelpTask]:
    """Give the open tasks of a volunteer's teams: those nobody has taken, and his own.

    Raises
    ------
    Forbidden
        Unless the actor helps out.
    """
    rows = list(_rows(actor).order_by("due_on", "id"))
    turns = dict(turns_held([row.pk for row in rows]).values_list("task", "user"))
    names, grids = _names(rows), _grids(rows)
    found = [_seen(row, turns.get(row.pk), actor, names, grids) for row in rows]
    return [task for task in found if task.mine or task.free]


def help_task(actor: Actor, id_: UUID) -> HelpTask:
    """Give one of them; leaves a trace, as it says where somebody lives.

    Raises
    ------
    Forbidden, TaskElsewhere
    """
    row = _row(actor, id_)
    turn = turns_held([id_]).values_list("user", flat=True).first()
    seen = _seen(row, turn, actor, _names([row]), _grids([row]))
    if not (seen.mine or seen.free):
        raise TaskElsewhere("这项任务已有别的志愿者接了")
    _trace(actor, row, "help.read")
    return seen


@transaction.atomic
def help_take(*, actor: Actor, id_: UUID) -> None:
    """Take a task; the first of the team who does has it.

    Raises
    ------
    Forbidden, TaskElsewhere
    NotPossible
        Where another was first.
    """
    row = row_locked(lambda: _row(actor, id_))
    team = int(str(row.assignee).removeprefix(TEAM))
    taken = turns_held([id_]).values_list("user", flat=True).first()
    if taken not in (None, actor.user_id):
        raise NotPossible("这项任务已有别的志愿者接了")
    if taken is None:
        turn = {"team_id": team, "user_id": actor.user_id, "taken_at": timezone.now()}
        HelpTurn.objects.update_or_create(task=id_, defaults=turn)
    if row.accepted_at is None:
        _write(actor, row, {"accepted_at": utc_now()})


def help_phone(actor: Actor, id_: UUID) -> str:
    """Give the telephone number to call before going; leaves a trace; empty where none is held.

    Raises
    ------
    Forbidden, TaskElsewhere
    NotPossible
        Where the volunteer has not taken the task, or asks too often.
    """
    row = _taken(actor, _row(actor, id_))
    if throttle_hit(key=f"help:{actor.user_id}", limit=_CALLS_AN_HOUR, seconds=3600):
        raise NotPossible("查看电话过于频繁，请稍后再试")
    _trace(actor, row, "help.phone")
    if row.subject_kind != "person":
        return ""
    known: QuerySet[Any] = Person.objects.filter(pk=row.subject or None, deleted=False)
    return known.values_list("phone", flat=True).first() or ""


@transaction.atomic
def help_report(*, actor: Actor, id_: UUID, outcome: str, note: str) -> None:
    """Report what came of a task the volunteer took.

    Raises
    ------
    Forbidden, TaskElsewhere
    NotPossible
        Not taken, no such outcome, or no words where they are needed.
    """
    row = _taken(actor, row_locked(lambda: _row(actor, id_)))
    note = note.strip()
    if outcome not in OUTCOMES:
        raise NotPossible("请选择办理情况")
    if outcome == "other" and not note:
        raise NotPossible("选“其他情况”时请写明")
    if len(note) > _MOST_NOTE:
        raise NotPossible(f"说明最多{_MOST_NOTE}个字")
    _write(actor, row, {"outcome": outcome, "outcome_note": note or None, "done_at": utc_now()})


def _rows(actor: Actor) -> "QuerySet[Any]":
    check_can(actor, "help_out")
    teams = [f"{TEAM}{team}" for team in teams_of(actor.user_id)]
    return Task.objects.filter(
        assignee__in=teams, state__in=OPEN_STATES, register=None, deleted=False
    ).select_related("household__room__building")


def _row(actor: Actor, id_: UUID) -> Any:
    row = _rows(actor).filter(pk=id_).first()
    if row is None:
        raise TaskElsewhere("没有这项任务，或已办结")
    return row


def _taken(actor: Actor, row: Any) -> Any:
    if not HelpTurn.objects.filter(task=row.pk, user=actor.user_id).exists():
        raise NotPossible("请先接下这项任务")
    return row


def _names(rows: Collection[Any]) -> dict[str, str]:
    people = [row.subject for row in rows if row.subject_kind == "person" and row.subject]
    found = Person.objects.filter(pk__in=people, deleted=False).values_list("pk", "name")
    return {str(pk): masked_name(name) for pk, name in found if name}


def _grids(rows: Collection[Any]) -> dict[str, str]:
    """Name the grids of tasks at no door: that is where they are done."""
    codes = {row.grid for row in rows if row.household is None}
    return grid_names(codes) if codes else {}


def _seen(row: Any, turn: int | None, actor: Actor, names: dict[str, str], grids: dict[str, str]) -> HelpTask:
    mine = turn is not None and turn == actor.user_id
    return HelpTask(
        id=row.pk,
        title=row.title,
        reason=row.reason or "",
        door=place(row.household) or grids.get(row.grid, row.grid),
        due_on=row.due_on,
        who=names.get(str(row.subject), ""),
        mine=mine,
        free=turn is None,
        late=row.due_on is not None and row.due_on < timezone.localdate(),
        told=row.note or "",
        tried=_tried(row) if mine else "",
    )


def _tried(row: Any) -> str:
    """Say what was reported of a task that is still open."""
    label = OUTCOMES.get(row.outcome or "", "")
    return f"{label}（{row.outcome_note}）" if label and row.outcome_note else label


def _write(actor: Actor, row: Any, values: dict[str, object]) -> None:
    report_write(actor, row, values, purpose=_PURPOSE, action="help.report")


def _trace(actor: Actor, row: Any, action: str) -> None:
    task_trace(actor.for_purpose(_PURPOSE), row, action)
