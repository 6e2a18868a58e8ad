"""Tasks at a centre's desk (窗口任务): what rules, staff and grid workers hand to it, and what becomes of it.

A desk sees a task's matter, its door and a masked name; name and telephone number in full for a reason that
goes into the audit. What lies behind a care register's right comes to no desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.policy import check_can
from governance.contract.asks import What, asks_read
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.models import Person
from governance.records.rows import utc_now
from governance.tasks.centres.event_state import event_state_set
from governance.tasks.centres.giving import STATION, takers_of
from governance.tasks.centres.pictures import photos_keep
from governance.tasks.centres.reporting import TaskElsewhere, report_write, row_locked, task_trace
from governance.tasks.centres.selectors import stands_at, stations_of
from governance.tasks.cycle.services import given_values
from governance.tasks.models import Station, Task
from governance.tasks.offers import planned_write
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import task_set

STEPS = {
    "take": "受理",
    "done": "办结",
    "pass": "转其他中心（站）",
    "back": "退给网格员",
    "refuse": "不能办理",
}
"""What a desk does with a task → what its button says."""

_PURPOSE = "窗口任务办理"
_REASONED = {"pass", "back", "refuse"}
_MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class DeskWish:
    """A step that is asked for: ``to`` is a station's code, ``materials`` codes of documents seen.

    ``photos`` are those taken at the desk of what the task asks for.
    """

    step: str
    note: str = ""
    to: str = ""
    materials: Sequence[str] = ()
    photos: Sequence["File[bytes]"] = ()


def queue_tasks(actor: Actor, area: str = "") -> "QuerySet[Any]":
    """Give the open tasks at an actor's desks, the most pressing first.

    Parameters
    ----------
    actor : Actor
    area : str
        See :func:`stations_of`.

    Raises
    ------
    Forbidden
        Unless the actor handles what comes to a desk.
    """
    check_can(actor, "handle_cases")
    codes = stations_of(actor, area=area).values_list("pk", flat=True)
    return _at([f"{STATION}{code}" for code in codes]).order_by("-priority", "due_on", "id")


def _at(assignees: Sequence[str]) -> "QuerySet[Any]":
    rows: QuerySet[Any] = Task.objects.filter(state__in=OPEN_STATES, register=None, deleted=False)
    return rows.filter(assignee__in=assignees)


def task_at_desk(actor: Actor, id_: UUID) -> Any:
    """Give a task at one of the actor's desks.

    Raises
    ------
    Forbidden, TaskElsewhere
    """
    check_can(actor, "handle_cases")
    named = Task.objects.filter(pk=id_).values_list("assignee", flat=True).first() or ""
    mine = named.startswith(STATION) and stands_at(actor, named.removeprefix(STATION))
    row = _at([named]).select_related("household__room__building").filter(pk=id_).first() if mine else None
    if row is None:
        raise TaskElsewhere("没有这项任务，或不在您的中心（站）")
    return row


def others_for(row: Any) -> list[Station]:
    """Give the centres and stations that a task may be passed on to."""
    return [each for each in takers_of([row.grid]).at(row.grid) if f"{STATION}{each.pk}" != row.assignee]


def documents_of(row: Any) -> list[str]:
    """Give the codes of the documents that a task asks for."""
    return [ask.name for ask in asks_read(row.asks) if ask.what is What.DOCUMENT]


def person_of(row: Any) -> Any:
    """Give the person a task is about; None where it is about nobody."""
    if row.subject_kind != "person" or not row.subject:
        return None
    return Person.objects.filter(pk=row.subject, deleted=False).first()


@transaction.atomic
def desk_step(*, actor: Actor, id_: UUID, wish: DeskWish, day: date) -> None:
    """Take a step with a task at the desk.

    Parameters
    ----------
    actor : Actor
    id_ : UUID
    wish : DeskWish
    day : date
        Asia/Shanghai day of the call.

    Raises
    ------
    Forbidden, TaskElsewhere
    NotPossible
        No such step, no words where they are needed, nowhere to pass it on to, or something still missing.
    """
    row = row_locked(lambda: task_at_desk(actor, id_))
    note = wish.note.strip()
    if wish.step not in STEPS:
        raise NotPossible("没有这个步骤")
    if wish.step in _REASONED and not note:
        raise NotPossible(f"{STEPS[wish.step]}须写明原因")
    if len(note) > _MOST_NOTE:
        raise NotPossible(f"说明最多{_MOST_NOTE}个字")
    if wish.step in ("pass", "back"):
        _give(actor, row, wish, note, day)
    else:
        values = _reported(row, wish, note)
        if wish.step == "done" and wish.photos:
            values["photos"] = photos_keep(actor, row, wish.photos)
        report_write(actor, row, values, purpose=_PURPOSE, action="desk.report")
    event_state_set(row, wish.step)
    desk_trace(actor, row, f"desk.{wish.step}")


def _reported(row: Any, wish: DeskWish, note: str) -> dict[str, object]:
    if wish.step == "take":
        if row.accepted_at is not None:
            raise NotPossible("这项任务已经受理")
        return {"accepted_at": utc_now()}
    values: dict[str, object] = {"outcome_note": note or None, "done_at": utc_now()}
    if wish.step == "refuse":
        return values | {"outcome": "other"}
    seen = [code for code in documents_of(row) if code in wish.materials]
    return values | {"outcome": "done", "materials": seen or None}


def _give(actor: Actor, row: Any, wish: DeskWish, note: str, day: date) -> None:
    to = ""
    if wish.step == "pass":
        if wish.to not in {station.pk for station in others_for(row)}:
            raise NotPossible("请选择要转去的中心（站）")
        to = f"{STATION}{wish.to}"
    (held,) = held_by_id([row.pk])
    planned_write([task_set(held, day, given_values(held, to, note))], by=actor)


def desk_trace(actor: Actor, row: Any, action: str) -> None:
    """Leave in the audit who looked at a task at the desk or did something with it."""
    task_trace(actor.for_purpose(actor.purpose or _PURPOSE), row, action, station=str(row.assignee))
