"""What became of the tasks due in some days (完成情况): done, in time, late, tried; how long it took.

All are counted by the database in a fixed number of statements, whatever the number of grids; nothing in them
names a resident.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Window
from django.db.models import DurationField as Duration
from django.db.models.functions import Coalesce, RowNumber, Substr, TruncDate
from django.utils.timezone import make_aware

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.contract.kinds.task_states import OPEN_STATES, WITHDRAWN
from governance.records.registry.areas import in_area
from governance.tasks.models import Task, VisitFact
from governance.tasks.settle import ANSWERED

_HOUR = 3600.0
_ANSWERED = Q(state=WITHDRAWN, closed_reason=ANSWERED)
"""Tasks answered by a visit that did not name them: done, though not reported."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of the tasks due in some days: ``overdue`` ones are still open, ``in_time`` ones done.

    ``early`` ones were done within these days though due after them; they count in nothing but ``attempts``
    and ``hours``, the median from making to doing, None where none was done.
    """

    key: tuple[str, ...]
    due: int
    done: int
    in_time: int
    overdue: int
    returned: int
    early: int = 0
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
    return _progress(rows, visits, {"code": "code"}, days[1], today)


def progress_by_item(actor: Actor, area: str, days: tuple[date, date], today: date) -> list[Progress]:
    """Count by origin and matter (来源、事项): three statements; see :func:`progress_by_area`."""
    check_can(actor, "plan_tasks")
    names = {"origin": "task__origin", "item": "task__item"}
    return _progress(_due(actor, area, days), _tried(actor, area, days), names, days[1], today)


def _due(actor: Actor, area: str, days: tuple[date, date]) -> "QuerySet[Any]":
    """Give the tasks due in some days, or done in them and due later; what was taken back asked nothing."""
    first, last = days
    begun, over = (make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    # Each side is led to by an index of its own.
    early = Q(due_on__gt=last, state="done", done_at__gte=begun, done_at__lt=over)
    early |= Q(_ANSWERED, due_on__gt=last, closed_on__range=days)
    rows: QuerySet[Any] = Task.objects.filter(Q(due_on__range=days) | early, actor.scope.q(), in_area(area))
    rows = rows.filter(~Q(state=WITHDRAWN) | _ANSWERED, deleted=False)
    return rows.annotate(done_day=Coalesce(TruncDate("done_at"), "closed_on")).order_by()


def _tried(actor: Actor, area: str, days: tuple[date, date]) -> "QuerySet[Any]":
    """Give the visits and results on tablets for those tasks."""
    rows: QuerySet[Any] = VisitFact.objects.filter(task__in=_due(actor, area, days).values("pk"))
    return rows.order_by()


def _progress(
    rows: "QuerySet[Any]", visits: "QuerySet[Any]", names: Mapping[str, str], last: date, today: date
) -> list[Progress]:
    keys = list(names)
    due = Q(due_on__lte=last)
    done = Q(state="done") | _ANSWERED
    counted = rows.values(*keys).annotate(
        n_due=Count("pk", filter=due),
        n_done=Count("pk", filter=due & done),
        n_in_time=Count("pk", filter=due & done & Q(done_day__lte=F("due_on"))),
        n_overdue=Count("pk", filter=due & Q(state__in=OPEN_STATES, due_on__lt=today)),
        n_returned=Count("pk", filter=due & Q(state="returned")),
        n_early=Count("pk", filter=Q(due_on__gt=last)),
    )
    tried = {
        tuple(key): number
        for *key, number in visits.values(*names.values())
        .annotate(n=Count("pk"))
        .values_list(*names.values(), "n")
    }
    hours = _medians(rows, keys)
    found = []
    columns = ("n_due", "n_done", "n_in_time", "n_overdue", "n_returned", "n_early")
    for row in counted.values_list(*keys, *columns):
        at, numbers = row[: len(keys)], row[len(keys) :]
        shown = tuple(part or "" for part in at)
        found.append(Progress(shown, *numbers, attempts=tried.get(at, 0), hours=hours.get(at)))
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
