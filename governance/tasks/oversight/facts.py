"""What is known of how visits were recorded (走访留痕), kept so that nobody searches the history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from governance.contract.kinds.tasks import NOBODY_MET
from governance.records.models import History, Household
from governance.tasks.models import Task, Visit
from governance.tasks.models.oversight import VisitFact
from gridmap.crs import CRS_CODES, to_4490
from gridmap.measure import degree_lengths

_COLUMNS = ("grid", "household", "task", "worker", "visited_at", "day", "away", "met")
_IN_VAIN = frozenset({"not_home", "moved", "unknown"})
"""Outcomes of tasks reported by who met nobody."""


@dataclass(frozen=True, slots=True)
class _Call:
    """Somebody at a door: ``id`` is the visit's, or of a task's result the task's."""

    id: UUID
    grid: str
    household: UUID
    task: UUID | None
    at: datetime
    met: bool


def facts_keep(visits: Collection[UUID], tasks: Collection[UUID] = ()) -> list[VisitFact]:
    """Keep or renew the facts of some visits and of results reported on tasks, forget what was withdrawn.

    Seven statements, however many they are.

    Returns
    -------
    list of VisitFact
        Of those that stand; what was not entered on a tablet names no worker.
    """
    calls, gone = _visited(visits)
    reported, open_again = _reported(tasks)
    over = [*gone, *open_again]
    if over:
        VisitFact.objects.filter(pk__in=over).delete()
    calls += reported
    if not calls:
        return []
    made = _made(visits, tasks)
    doors = _doors({call.household for call in calls})
    facts = [_fact(call, made.get(call.id), doors.get(call.household)) for call in calls]
    VisitFact.objects.bulk_create(
        facts, update_conflicts=True, unique_fields=["visit"], update_fields=list(_COLUMNS)
    )
    return facts


def _visited(visits: Collection[UUID]) -> tuple[list[_Call], list[UUID]]:
    """Give what stands of the visits, and the ids of the rest."""
    rows: list[Any] = list(Visit.objects.filter(pk__in=visits)) if visits else []
    gone = [row.pk for row in rows if row.deleted or row.closed_on is not None]
    calls = [
        _Call(row.pk, row.grid, row.household_id, row.task_id, row.visited_at, row.found not in NOBODY_MET)
        for row in rows
        if not row.deleted and row.closed_on is None
    ]
    return calls, gone


def _reported(tasks: Collection[UUID]) -> tuple[list[_Call], list[UUID]]:
    """Give the tasks at a door whose result was reported, and the ids of the rest."""
    rows: list[Any] = list(Task.objects.filter(pk__in=tasks, household__isnull=False)) if tasks else []
    ended = {row.pk for row in rows if row.outcome and row.done_at and not row.deleted}
    calls = [
        _Call(row.pk, row.grid, row.household_id, row.pk, row.done_at, row.outcome not in _IN_VAIN)
        for row in rows
        if row.pk in ended
    ]
    return calls, [row.pk for row in rows if row.pk not in ended]


def _made(visits: Collection[UUID], tasks: Collection[UUID]) -> dict[UUID, History]:
    """Give the change by which each visit was made, and each task's result reported, on a tablet."""
    visited = Q(record__in=visits, kind="visit", status="created")
    reported = Q(record__in=tasks, kind="task", set__has_key="outcome")
    rows = History.objects.filter(visited | reported, device__isnull=False)
    return {row.record: row for row in rows.order_by("version")}


def _doors(households: Collection[UUID]) -> dict[UUID, tuple[float, float]]:
    rows = Household.objects.filter(pk__in=households, room__building__lon__isnull=False)
    found = rows.values_list("id", "room__building__lon", "room__building__lat")
    return {household: (lon, lat) for household, lon, lat in found}


def _fact(call: _Call, made: History | None, door: tuple[float, float] | None) -> VisitFact:
    return VisitFact(
        visit=call.id,
        grid=call.grid,
        household=call.household,
        task_id=call.task,
        worker_id=made.user if made else None,
        visited_at=call.at,
        day=timezone.localtime(call.at).date(),
        away=away_from(door, made.position) if made else None,
        met=call.met,
    )


def away_from(door: tuple[float, float] | None, position: object) -> int | None:
    """Give the metres between a door and where a tablet said it was, less what its fix may be off by.

    Parameters
    ----------
    door : tuple of float, optional
        Degrees, EPSG:4490.
    position : object
        What the tablet sent: ``{"lon", "lat", "accuracy", "crs"}``, of which nothing can be relied on.

    Returns
    -------
    int or None
        None where there is no door, or no position that can be read.
    """
    if door is None or not isinstance(position, Mapping):
        return None
    lon, lat = _number(position.get("lon")), _number(position.get("lat"))
    if lon is None or lat is None or not (-180 <= lon <= 180 and -85 <= lat <= 85):
        return None
    crs = position.get("crs")
    if crs in CRS_CODES:
        lon, lat = to_4490(lon, lat, str(crs))
    along, upward = degree_lengths(door[1])
    metres = float(((lon - door[0]) * along) ** 2 + ((lat - door[1]) * upward) ** 2) ** 0.5
    return max(round(metres - min(_number(position.get("accuracy")) or 0.0, metres)), 0)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
