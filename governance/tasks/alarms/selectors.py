"""Reading alarms: what became of one, what waits for staff."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from governance.access.actor import Actor
from governance.access.selectors import posts_active
from governance.contract.kinds.task_states import OPEN
from governance.events.models import Event
from governance.tasks.models import Alarm, AlarmSource, AlarmState, Makes, Task

_SECONDS = 60


def alarm_shown(alarm: Alarm) -> dict[str, Any]:
    """Say to its source what became of an alarm.

    ``attended`` is whether the grid has a worker today: where it has none the source does well to telephone.
    """
    record = _record(alarm)
    return {
        "id": alarm.number,
        "alarm": str(alarm.pk),
        "state": alarm.state,
        "made": alarm.record_kind or None,
        "grid": alarm.grid or None,
        "attended": bool(alarm.grid) and posts_active().filter(grid=alarm.grid).exists(),
        "received_at": alarm.received_at,
        "handling": record.get("state"),
        "accepted_at": record.get("accepted_at"),
        "done_at": record.get("done_at"),
        "outcome": record.get("outcome"),
    }


def _record(alarm: Alarm) -> dict[str, Any]:
    if alarm.record is None:
        return {}
    if alarm.record_kind == Makes.EVENT:
        return dict(Event.objects.filter(pk=alarm.record).values("state").first() or {})
    names = ("state", "accepted_at", "done_at", "outcome")
    return dict(Task.objects.filter(pk=alarm.record).values(*names).first() or {})


def alarms_in(actor: Actor) -> QuerySet[Alarm]:
    """Give the alarms of an actor's area, with their task's state; nowhere yet are those of its sources.

    An alarm that is not placed is seen by whoever serves the whole area of its source.
    """
    task = Task.objects.filter(pk=OuterRef("record"))
    rows = Alarm.objects.select_related("source").annotate(handling=Subquery(task.values("state")[:1]))
    if actor.scope.unbounded:
        return rows
    areas = AlarmSource.objects.values_list("code", "area")
    mine = [code for code, area in areas if actor.scope.covers_prefix(area)]
    return rows.filter((~Q(grid="") & actor.scope.q()) | Q(grid="", source__in=mine))


def unanswered(rows: QuerySet[Alarm], now: datetime) -> QuerySet[Alarm]:
    """Keep what somebody must look after: not placed, or not accepted within the source's minutes."""
    late = Q(pk__in=[])
    for code, minutes in AlarmSource.objects.values_list("code", "accept_minutes"):
        late |= Q(source=code, received_at__lt=now - timedelta(seconds=minutes * _SECONDS))
    placed = Q(state=AlarmState.PLACED, record_kind=Makes.TASK, handling=OPEN)
    return rows.filter(Q(state=AlarmState.UNPLACED) | (placed & late))
