"""What became of the tasks due in some days (完成情况): done, in time, late, tried; how long it took.

All are counted by the database in a fixed number of statements, whatever the number of grids; nothing in them
names a resident.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Window
from django.db.models import DurationField as Duration
from django.db.models.functions import RowNumber, Substr, TruncDate

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.registry.areas import in_area
from governance.tasks.models import Task, VisitFact

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of the tasks due in some days: ``overdue`` ones are still open, ``in_time`` ones done.

    ``hours`` is the median from making to doing, None where none was done.
    """

    key: tuple[str, ...]
    due: int
    done: int
    in_time: int
    overdue: int
    returned: int
    attempts: int = 0
    hours: float | None = None


def progress_by_area(
    actor: Actor, area: str, digits: int, days: tuple[date, date], today: date
) -> list[Progress]:
    """Count by the areas whose codes have ``digits`` digits, in the order of their codes: three statements.

    Parameters
    ----------
    actor : Actor
        Plans tasks.
    area : str
        Code looked at, "" for all the actor serves.
    digits : int
    days : tuple of date
        First and last due day, Asia/Shanghai.
    today : date

    Raises
    ------
    Forbidden
        Unless the actor plans tasks.
    """
    check_can(actor, "plan_tasks")
    rows = _due(actor, area, days).annotate(code=Substr("grid", 1, digits))
    visits = _tried(actor, area, days).annotate(code=Substr("task__grid", 1, digits))
    return _progress(rows, visits, {"code": "code"}, today)


def progress_by_item(actor: Actor, area: str, days: tuple[date, date], today: date) -> list[Progress]:
    """Count by origin and matter (来源、事项): three statements; see :func:`progress_by_area`."""
    check_can(actor, "plan_tasks")
    names = {"origin": "task__origin", "item": "task__item"}
    return _progress(_due(actor, area, days), _tried(actor, area, days), names, today)


def _due(actor: Actor, area: str, days: tuple[date, date]) -> "QuerySet[Any]":
    """Give the tasks due in some days; what was taken back asked nothing of anybody."""
    rows: QuerySet[Any] = Task.objects.filter(
        actor.scope.q(), in_area(area), due_on__range=days, deleted=False
    )
    return rows.exclude(state="withdrawn").annotate(done_day=TruncDate("done_at")).order_by()


def _tried(actor: Actor, area: str, days: tuple[date, date]) -> "QuerySet[Any]":
    """Give the visits and results on tablets for those tasks."""
    rows: QuerySet[Any] = VisitFact.objects.filter(
        actor.scope.q("task__grid"),
        in_area(area, "task__grid"),
        task__due_on__range=days,
        task__deleted=False,
    )
    return rows.exclude(task__state="withdrawn").order_by()


def _progress(
    rows: "QuerySet[Any]", visits: "QuerySet[Any]", names: Mapping[str, str], today: date
) -> list[Progress]:
    keys = list(names)
    done = Q(state="done")
    counted = rows.values(*keys).annotate(
        n_due=Count("pk"),
        n_done=Count("pk", filter=done),
        n_in_time=Count("pk", filter=done & Q(done_day__lte=F("due_on"))),
        n_overdue=Count("pk", filter=Q(state__in=OPEN_STATES, due_on__lt=today)),
        n_returned=Count("pk", filter=Q(state="returned")),
    )
    tried = {
        tuple(key): number
        for *key, number in visits.values(*names.values())
        .annotate(n=Count("pk"))
        .values_list(*names.values(), "n")
    }
    hours = _medians(rows, keys)
    found = []
    for *key, due, ended, in_time, overdue, returned in counted.values_list(
        *keys, "n_due", "n_done", "n_in_time", "n_overdue", "n_returned"
    ):
        at = tuple(key)
        shown = tuple(part or "" for part in at)
        numbers = (due, ended, in_time, overdue, returned, tried.get(at, 0), hours.get(at))
        found.append(Progress(shown, *numbers))
    return sorted(found, key=lambda each: each.key)


def _medians(rows: "QuerySet[Any]", keys: list[str]) -> dict[tuple[str, ...], float]:
    """Give the median hours from making to doing by key: the database gives the one or two in the middle."""
    took = ExpressionWrapper(F("done_at") - F("created_at"), output_field=Duration())
    parts = [F(key) for key in keys]
    ended = rows.filter(state="done", done_at__isnull=False).annotate(
        took=took,
        place=Window(RowNumber(), partition_by=parts, order_by=[took.asc(), F("pk").asc()]),
        of=Window(Count("pk"), partition_by=parts),
    )
    middle = ended.filter(place__gte=F("of") / 2.0, place__lte=F("of") / 2.0 + 1)
    found: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
    for *key, span in middle.values_list(*keys, "took"):
        found[tuple(key)].append(max(span.total_seconds(), 0.0) / _HOUR)
    return {key: median(values) for key, values in found.items()}
