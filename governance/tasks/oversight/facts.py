"""What is known of how visits were recorded (走访留痕), kept so that nobody searches the history."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from governance.records.models import History, Household
from governance.tasks.models import Visit
from governance.tasks.models.oversight import VisitFact
from governance.tasks.plans.schedule import ABSENT
from gridmap.crs import CRS_CODES, to_4490
from gridmap.measure import degree_lengths

_COLUMNS = ("grid", "household", "task", "worker", "visited_at", "day", "away", "met")


def facts_keep(visits: Collection[UUID]) -> list[VisitFact]:
    """Keep or renew the facts of some visits, forget those that were withdrawn: five statements.

    Returns
    -------
    list of VisitFact
        Of the visits that stand; those made otherwise than on a tablet name no worker.
    """
    rows: list[Any] = list(Visit.objects.filter(pk__in=visits))
    gone = [row.pk for row in rows if row.deleted or row.closed_on is not None]
    standing = [row for row in rows if not row.deleted and row.closed_on is None]
    if gone:
        VisitFact.objects.filter(pk__in=gone).delete()
    if not standing:
        return []
    made = _made([row.pk for row in standing])
    doors = _doors({row.household_id for row in standing})
    facts = [_fact(row, made.get(row.pk), doors.get(row.household_id)) for row in standing]
    VisitFact.objects.bulk_create(
        facts, update_conflicts=True, unique_fields=["visit"], update_fields=list(_COLUMNS)
    )
    return facts


def _made(visits: Collection[UUID]) -> dict[UUID, History]:
    """Give the change that made each visit on a tablet."""
    rows = History.objects.filter(record__in=visits, kind="visit", status="created", device__isnull=False)
    return {row.record: row for row in rows}


def _doors(households: Collection[UUID]) -> dict[UUID, tuple[float, float]]:
    rows = Household.objects.filter(pk__in=households, room__building__lon__isnull=False)
    found = rows.values_list("id", "room__building__lon", "room__building__lat")
    return {household: (lon, lat) for household, lon, lat in found}


def _fact(row: Any, made: History | None, door: tuple[float, float] | None) -> VisitFact:
    return VisitFact(
        visit=row.pk,
        grid=row.grid,
        household=row.household_id,
        task=row.task_id,
        worker_id=made.user if made else None,
        visited_at=row.visited_at,
        day=timezone.localtime(row.visited_at).date(),
        away=away_from(door, made.position) if made else None,
        met=row.found not in ABSENT,
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
