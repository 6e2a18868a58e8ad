"""Reading what visit plans are made of: levels, people in care registers, the last visit to each; in sets."""

import dataclasses
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from governance.contract import KINDS
from governance.contract.kinds.task_states import IN_VAIN, OPEN_STATES
from governance.contract.kinds.tasks import NOBODY_MET
from governance.records.models import model_of
from governance.records.origins import Origin, origin_of
from governance.tasks.models import Task, Visit
from governance.tasks.models.plans import REGISTERS, PlanLevel
from governance.tasks.plans.schedule import Level, Subject, Visited
from gridmap.selectors import code_range

AT_ONCE = 500
"""People whose plans are looked at together."""

_HUB = "hub"
_LEVEL = [column.name for column in dataclasses.fields(Level)]


def levels_on(day: date) -> list[Level]:
    """Give the levels in force on a day, in a fixed order."""
    held = Q(valid_to=None) | Q(valid_to__gte=day)
    rows = PlanLevel.objects.filter(held, valid_from__lte=day).order_by("id")
    return [Level(*row) for row in rows.values_list(*_LEVEL)]


def registers_of(people: Collection[UUID]) -> set[str]:
    """Give the registers that hold any of the people: one query."""
    if not people:
        return set()
    parts = [_open(name).filter(person__in=people).values_list(Value(name)) for name in REGISTERS]
    return {name for (name,) in reduce(lambda rows, more: rows.union(more), parts)}


def subjects_among(people: Collection[UUID], levels: Collection[Level]) -> list[Subject]:
    """Give the open care records of some people: a query a register that holds any, and one to know which."""
    found: list[Subject] = []
    for name in sorted(registers_of(people)):
        found += _subjects(name, _open(name).filter(person__in=people), levels)
    return found


def subjects_in(prefix: str, levels: Collection[Level]) -> Iterator[list[Subject]]:
    """Give the open care records of an area, some at a time."""
    for name in REGISTERS:
        rows = iter(_subjects(name, _open(name).filter(grid__range=code_range(prefix)), levels))
        while part := list(islice(rows, AT_ONCE)):
            yield part


def _open(register: str) -> "QuerySet[Any]":
    model: Any = model_of(register)
    held = {"deleted": False, "closed_on": None, "person__deleted": False, "person__closed_on": None}
    rows: QuerySet[Any] = model.objects.filter(**held).order_by()
    return rows


def _subjects(register: str, rows: "QuerySet[Any]", levels: Collection[Level]) -> Iterator[Subject]:
    fields = level_fields(register, levels)
    columns = ("id", "version", "person_id", "person__household_id", "grid", "created_at", "origins")
    # Read to the end before the first is given: SQLite lets nobody write who is still reading.
    for row in list(rows.values_list(*columns, "next_visit_on", *fields)):
        record, version, person, household, grid, made, origins, planned, *values = row
        held = {name: value for name, value in zip(fields, values, strict=True) if value is not None}
        entered = _day(made)
        yield Subject(
            register=register,
            record=record,
            version=version,
            person=person,
            household=household,
            grid=grid,
            entered=entered,
            changed=max((_set_on(origins, name, entered) for name in fields), default=entered),
            values=held,
            planned=planned,
            chosen=planned is not None and origin_of(origins, "next_visit_on").get("s") != _HUB,
        )


def level_fields(register: str, levels: Collection[Level]) -> list[str]:
    """Give the fields of a register that say its levels."""
    named = {level.field for level in levels if level.register in ("", register)}
    return sorted(named & KINDS[register].by_name.keys())


def _set_on(origins: list[Origin], field: str, entered: date) -> date:
    """Give the day on which a field was set, not before the record was made."""
    told = origin_of(origins, field).get("t")
    if not told:
        return entered
    return max(_day(datetime.fromisoformat(told)), entered)


def last_visits(people: Collection[UUID], day: date) -> dict[UUID, Visited]:
    """Give the last visit up to a day that met each of the people: two queries.

    A planned task that was done is a visit too, recorded or not.
    """
    until = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    rows = Visit.objects.filter(person__in=people, deleted=False, closed_on=None, visited_at__lt=until)
    newest = Window(
        RowNumber(), partition_by=F("person_id"), order_by=[F("visited_at").desc(), F("id").desc()]
    )
    met: QuerySet[Any] = (
        rows.exclude(found__in=NOBODY_MET).exclude(outcome__in=IN_VAIN).annotate(place=newest).filter(place=1)
    )
    found: dict[UUID, tuple[datetime, Visited]] = {}
    columns = ("person_id", "id", "visited_at", "next_on", "danger")
    for person, visit, at, next_on, danger in met.values_list(*columns):
        found[person] = (at, Visited(_day(at), str(visit), next_on, bool(danger)))
    for person, at, task in _done_for(people, until):
        # On one day the visit speaks for both.
        if person not in found or _day(at) > _day(found[person][0]):
            found[person] = (at, Visited(_day(at), task))
    return {person: visited for person, (_, visited) in found.items()}


def _done_for(people: Collection[UUID], until: datetime) -> Iterator[tuple[UUID, datetime, str]]:
    rows: QuerySet[Any] = Task.objects.filter(
        subject__in=[str(person) for person in people],
        origin="plan",
        state="done",
        done_at__lt=until,
        deleted=False,
    )
    for subject, at in rows.values_list("subject").annotate(at=Max("done_at")).order_by():
        yield UUID(subject), at, f"{int(at.astimezone(UTC).timestamp()):012d}"


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def open_plan_tasks(*, prefix: str = "", people: Collection[UUID] | None = None) -> dict[str, UUID]:
    """Give occasion → task of the open planned visits in an area, or about some people."""
    rows = Task.objects.filter(origin="plan", state__in=OPEN_STATES, deleted=False)
    if people is not None:
        rows = rows.filter(subject__in=[str(person) for person in people])
    else:
        rows = rows.filter(grid__range=code_range(prefix))
    return {occasion or "": task for occasion, task in rows.values_list("occasion", "id")}


def people_of(register: str, records: Collection[UUID]) -> set[UUID]:
    """Give whom some records of a register are about."""
    model: Any = model_of(register)
    return set(model.objects.filter(pk__in=records).values_list("person_id", flat=True))
