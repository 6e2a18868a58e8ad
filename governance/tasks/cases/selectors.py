"""Reading cases (办件查询): the queue of a desk, what was filed to a department."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from governance.access.actor import Actor
from governance.access.models import Department
from governance.access.policy import check_can
from governance.contract.casework import ENDED, FILED, STATION, SUBMITTED, TAKEN
from governance.records.rows import Held
from governance.tasks.cases.desk import CaseUnknown
from governance.tasks.cases.writing import case_get
from governance.tasks.centres.selectors import stands_at, stations_of
from governance.tasks.models import Case, CaseStep, ProxyService

AT_DESK = (SUBMITTED, STATION)
BEFORE_DEPARTMENT = (FILED, TAKEN)


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many cases of one state lie at the desks; ``overdue`` ones are among them."""

    state: str
    number: int
    overdue: int


def queue(actor: Actor, states: Collection[str] = (), area: str = "") -> "QuerySet[Any]":
    """Give the cases at an actor's desks, the most pressing first; those in some states alone.

    Parameters
    ----------
    actor : Actor
    states : collection of str
        All but ended ones when left out.
    area : str
        See :func:`stations_of`.

    Raises
    ------
    Forbidden
        Unless the actor handles cases.
    """
    check_can(actor, "handle_cases")
    desks = stations_of(actor, area=area).values("pk")
    rows: QuerySet[Any] = Case.objects.filter(station__in=desks, deleted=False)
    rows = rows.filter(state__in=states) if states else rows.exclude(state__in=ENDED)
    return rows.order_by("due_on", "id")


def queue_counts(actor: Actor, day: date, area: str = "") -> list[QueueCount]:
    """Count the cases at an actor's desks by state; ended ones are left out.

    Parameters
    ----------
    actor : Actor
    day : date
        Asia/Shanghai day by which a case due earlier is overdue.
    area : str
        See :func:`stations_of`.
    """
    rows = (
        queue(actor, area=area)
        .order_by()
        .values("state")
        .annotate(number=Count("id"), overdue=Count("id", filter=Q(due_on__lt=day)))
    )
    return [QueueCount(row["state"], row["number"], row["overdue"]) for row in rows]


def case_at_desk(actor: Actor, case: UUID) -> Held:
    """Give a case that lies at one of the actor's desks.

    Raises
    ------
    Forbidden, CaseUnknown
    """
    check_can(actor, "handle_cases")
    held = case_get(case)
    station = str(held.values.get("station") or "") if held is not None else ""
    if held is None or not stands_at(actor, station):
        raise CaseUnknown("没有这个代办件，或不在您的站点")
    return held


def filed(department: Department, states: Collection[str], after: str = "") -> "QuerySet[Any]":
    """Give the cases that were filed to a department and are in some states, by id beyond ``after``."""
    mine = ProxyService.objects.filter(department=department).values("pk")
    handed = CaseStep.objects.filter(case=OuterRef("pk"), after=FILED)
    rows: QuerySet[Any] = Case.objects.filter(
        Exists(handed), service__in=mine, state__in=list(states), deleted=False
    )
    return (rows.filter(pk__gt=after) if after else rows).order_by("pk")
