"""Whose visit is due (走访计划): the people of one register by the day of their next visit, for staff."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from governance.access.actor import Actor
from governance.access.policy import check_can, check_read_kind
from governance.records.models import model_of
from governance.records.registry.areas import in_area

_WEEK = timedelta(days=7)


class Due(StrEnum):
    """Which people are listed."""

    LATE = "late"
    WEEK = "week"
    ALL = "all"


def people_due(actor: Actor, register: str, area: str, due: Due, today: date) -> "QuerySet[Any]":
    """Give a register's open records in an actor's area, those due first.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks and has the register's right.
    """
    check_can(actor, "plan_tasks")
    check_read_kind(actor, register)
    model: Any = model_of(register)
    held = {"deleted": False, "closed_on": None, "person__deleted": False, "person__closed_on": None}
    rows: QuerySet[Any] = model.objects.filter(actor.scope.q(), in_area(area), **held)
    if due is Due.LATE:
        rows = rows.filter(next_visit_on__lt=today)
    elif due is Due.WEEK:
        rows = rows.filter(next_visit_on__range=(today, today + _WEEK))
    joined = rows.select_related("person__household__room__building").defer("origins")
    return joined.order_by("next_visit_on", "id")
