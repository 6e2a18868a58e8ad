"""What reaches a centre's desk (转交中心): tasks that workers hand on, events that staff hand on."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.audit.services import audit_append
from governance.contract.kinds.task_states import HANDED_ON, OPEN_STATES
from governance.feed.services import Told, heads_lock
from governance.records.codes import book
from governance.records.registry.values import code_label
from governance.rules.calendar import working_days_after
from governance.tasks.centres.event_state import ASSIGNED, KIND, state_set
from governance.tasks.centres.giving import STATION, TEAM, takers_of
from governance.tasks.cycle.services import STAFF, given_values
from governance.tasks.models import Case, Station, Task
from governance.tasks.offers import held_locked, planned_write, tasks_offer, written_count
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import task_set
from governance.tasks.wanted import Wanted

_DAYS = 5
_URGENT_DAYS = 1


def handed_on_in(entries: Sequence[Told]) -> list[UUID]:
    """Give the tasks that a page of the feed tells were handed on by workers, and lie at no desk yet.

    Tasks that became cases lie at their desk already; those behind a care register's right come to none.
    """
    told = [entry.record for entry in entries if entry.kind == "task" and not entry.gone]
    if not told:
        return []
    cases = Case.objects.filter(task=OuterRef("pk"), deleted=False)
    rows = Task.objects.filter(
        ~Exists(cases), pk__in=told, state=HANDED_ON, register=None, deleted=False
    ).values_list("pk", "assignee")
    return [pk for pk, assignee in rows if not (assignee or "").startswith((STATION, TEAM))]


def handed_on_pass(ids: Collection[UUID], day: date) -> int:
    """Bring tasks that were handed on to the nearest 网格管理站, which passes them to whom they concern."""
    tasks = [task for task in held_locked(ids) if task.state == HANDED_ON]
    takers = takers_of({task.grid for task in tasks})
    planned = [
        task_set(task, day, {"assignee": there, "accepted_at": None})  # the desk takes it anew
        for task in tasks
        if (there := takers.nearest(task.grid, Station.Kind.GRID))
    ]
    return written_count(planned_write(planned, len(planned)))


@transaction.atomic
def event_hand_on(*, actor: Actor, event: Any, station: str, note: str, day: date) -> UUID:
    """Hand an event on to a centre or station that serves its grid; again to another one moves it there.

    Parameters
    ----------
    actor : Actor
        Sends events on, or plans tasks, at its grid.
    event : Event
    station : str
        The station's code.
    note : str
        For the desk; names no person.
    day : date
        Asia/Shanghai day of the call.

    Returns
    -------
    UUID
        The task at the desk.

    Raises
    ------
    Forbidden
        Where the actor may not.
    NotPossible
        A station that does not serve the grid, or an event that ended.
    """
    heads_lock([event.grid])  # it may just have ended, or its task be done
    event.refresh_from_db()
    if not (actor.can("dispatch_events") or actor.can("plan_tasks")) or not actor.scope.covers(event.grid):
        raise Forbidden("您不能转办这个网格的事件")
    if event.deleted or event.closed_on is not None or event.state in ("closed", "refused"):
        raise NotPossible("事件已结束，不能转办")
    takers = takers_of([event.grid])
    if station not in {each.pk for each in takers.at(event.grid)}:
        raise NotPossible("请选择服务事件所在网格的中心（站）")
    (offered,) = tasks_offer([_wanted(event, station, note, day)], day, by=actor)
    if offered.problems:
        raise NotPossible("；".join(problem.reason for problem in offered.problems))
    (task,) = held_by_id([offered.task])
    to = f"{STATION}{station}"
    if task.assignee != to or task.state not in OPEN_STATES:
        planned_write([task_set(task, day, given_values(task, to, note))], by=actor)
    state_set(str(event.pk), ASSIGNED)
    detail: dict[str, object] = {"event": str(event.pk), "station": station, "note": note}
    audit_append(
        actor=actor,
        action="events.hand_on",
        kind=KIND,
        subject=event.pk,
        scope=event.grid,
        detail=detail,
        chain=event.grid,
    )
    return offered.task


def _wanted(event: Any, station: str, note: str, day: date) -> Wanted:
    label = code_label(event.contract.by_name["category"], event.category or "", book())
    urgent = event.urgency in ("2", "3")
    return Wanted(
        occasion=f"{STAFF}:event:{event.pk}",
        origin=STAFF,
        origin_ref=str(event.pk),
        item="事件转办",
        title=(event.title or label)[:100],
        reason=(f"事件转办：{label}。{note}")[:500],
        priority=event.urgency or "1",
        subject_kind=KIND,
        subject=event.pk,
        grid=event.grid,
        opens_on=day,
        due_on=day + timedelta(days=_URGENT_DAYS) if urgent else working_days_after(day, _DAYS),
        assignee=f"{STATION}{station}",
        lon=event.lon,
        lat=event.lat,
    )
