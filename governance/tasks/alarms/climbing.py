"""Alarms that nobody takes up climb (告警升级): first to the 网格管理站, then to the street's centre.

A source says within how many minutes somebody must take its alarm up (应答时限). Past that the task goes to
the desk of the community's 网格管理站, past twice that to the street's 网格管理中心. Each step is a change of
the task, so the tablets of the grid are poked and see who has it now. Where there is no such desk, the task
stays with the grid, and whoever places alarms finds it among those that wait.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.errors import Refused
from governance.access.scope import LEVEL_DIGITS
from governance.audit.services import audit_append
from governance.contract.kinds.task_states import OPEN
from governance.events.models import Event
from governance.tasks.centres.giving import STATION, Takers, takers_of
from governance.tasks.centres.handing import event_hand_on
from governance.tasks.cycle.services import given_values
from governance.tasks.models import Alarm, AlarmSource, AlarmState, Makes, Station, Task
from governance.tasks.offers import held_locked, planned_write
from governance.tasks.settle import task_set

HIGHEST = 2
"""Steps an alarm climbs: the community's station, the street's centre."""

_WATCHED = timedelta(days=2)
_STREET = LEVEL_DIGITS[4]


def alarms_climb(now: datetime) -> int:
    """Take every alarm that waited too long one step up; gives how many.

    Parameters
    ----------
    now : datetime
        With time zone.
    """
    due = [(row, step) for step in (2, 1) for row in _due(now, step)]
    return sum(_climb(alarm.pk, step) for alarm, step in due)


def _due(now: datetime, step: int) -> list[Any]:
    """Give the alarms whose next step is this one, and is due."""
    late: Any = Q(pk__in=[])
    for code, minutes in AlarmSource.objects.values_list("code", "accept_minutes"):
        late |= Q(source=code, received_at__lt=now - timedelta(minutes=minutes * step))
    task = Task.objects.filter(pk=OuterRef("record"), state=OPEN, deleted=False)
    states = ("reported",) if step == 1 else ("assigned",)
    event = Event.objects.filter(pk=OuterRef("record"), state__in=states, closed_on=None, deleted=False)
    open_ = Q(Exists(task), record_kind=Makes.TASK) | Q(Exists(event), record_kind=Makes.EVENT)
    watched = Alarm.objects.filter(state=AlarmState.PLACED, received_at__gte=now - _WATCHED)
    return list(watched.filter(late & open_, climbed=step - 1).order_by("received_at"))


@transaction.atomic
def _climb(alarm: Any, step: int) -> bool:
    held = Alarm.objects.select_for_update(of=("self",)).select_related("source").get(pk=alarm)
    if held.climbed != step - 1:
        return False
    there = _desk(takers_of([held.grid]), held.grid, step)
    note = f"{held.source.accept_minutes * step}分钟无人应答，已转{there.name if there else '本网格全体人员'}"
    if held.record_kind == Makes.TASK:
        tasks = [task for task in held_locked([held.record] if held.record else []) if task.state == OPEN]
        if not tasks:  # Somebody has just taken it up.
            return False
        to = f"{STATION}{there.pk}" if there else ""
        day = timezone.localdate()
        planned_write([task_set(task, day, given_values(task, to, note)) for task in tasks])
    elif there is not None:
        _event_climb(held, there, note)
    held.climbed, held.climbed_at = step, timezone.now()
    held.save(update_fields=["climbed", "climbed_at"])
    detail = {"alarm": str(held.pk), "step": step, "station": there.pk if there else ""}
    audit_append(actor=HUB, action="alarms.climb", scope=held.grid, detail=detail, chain=held.grid)
    return True


def _event_climb(alarm: Alarm, station: Station, note: str) -> None:
    event = Event.objects.filter(pk=alarm.record).first()
    if event is not None:
        try:
            event_hand_on(actor=HUB, event=event, station=station.pk, note=note, day=timezone.localdate())
        except Refused:  # It ended meanwhile.
            return


def _desk(takers: Takers, grid: str, step: int) -> Station | None:
    kind = Station.Kind.GRID
    found = [row for row in takers.at(grid) if row.kind == kind]
    if step == HIGHEST:
        found = [row for row in found if len(row.division_id) == _STREET]
    return next(iter(found), None)
