"""Telling those above the worker (走访上报): a planned visit nobody made, danger seen on one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone

from governance.contract import Change
from governance.records.codes import book
from governance.records.models import Building, Household
from governance.tasks.models import Visit
from governance.tasks.models.plans import Escalation
from governance.tasks.plans.schedule import Plan
from governance.tasks.settle import Planned
from gridmap.selectors import code_range

_OPEN = (Escalation.State.OPEN, Escalation.State.ANSWERED)
_CATEGORIES = {"06": "0208", "07": "0212"}
_CATEGORY = "1499"
_URGENT = "3"
_KEPT = ("level", "level_at", "state", "ended_at", "grid", "household", "found")


@dataclass(frozen=True, slots=True)
class Danger:
    """A visit that tells of danger."""

    visit: UUID
    person: UUID | None
    household: UUID
    grid: str
    found: tuple[str, ...]
    at: datetime


def missed_tell(plans: Iterable[Plan], day: date) -> set[str]:
    """Tell community and street of visits that nobody made; gives the keys of all that are late.

    Who was told is never told less; who answered hears of it again when it goes further up. What is told of
    somebody who moves goes along. Two statements.
    """
    late = {f"missed:{plan.occasion}": plan for plan in plans if _level(plan, day)}
    held = {row.key: row for row in _locked(Escalation.objects.filter(key__in=late))}
    now = timezone.now()
    new, raised = [], []
    for key, plan in late.items():
        level, row = _level(plan, day), held.get(key)
        if row is None:
            new.append(_missed(key, plan, level, now))
            continue
        values: dict[str, object] = {"grid": plan.subject.grid, "household_id": plan.subject.household}
        if level > row.level or row.state not in _OPEN:
            values |= {"level": max(level, row.level), **_again(now)}
        if _changed(row, values):
            raised.append(row)
    Escalation.objects.bulk_create(new, ignore_conflicts=True)
    _store(raised)
    return set(late)


def _locked(rows: "QuerySet[Escalation]") -> "QuerySet[Escalation]":
    """Have whoever answers meanwhile come before or after, as all that is kept of a report is written."""
    return rows.select_for_update().order_by("pk")


def _again(now: datetime) -> dict[str, object]:
    """Give what is set of a report that those above are to look at anew."""
    return {"level_at": now, "state": Escalation.State.OPEN, "ended_at": None}


def _changed(row: Escalation, values: Mapping[str, object]) -> bool:
    """Set values of a report; whether any was another."""
    changed = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return changed


def _store(rows: Sequence[Escalation]) -> None:
    if rows:
        Escalation.objects.bulk_update(rows, _KEPT)


def _level(plan: Plan, day: date) -> int:
    late = plan.overdue(day)
    if late >= max(plan.level.street_days, 1):
        return Escalation.Level.STREET
    return Escalation.Level.COMMUNITY if late >= max(plan.level.community_days, 1) else 0


def _missed(key: str, plan: Plan, level: int, now: datetime) -> Escalation:
    subject = plan.subject
    return Escalation(
        key=key,
        cause=Escalation.Cause.MISSED,
        register=subject.register,
        record=subject.record,
        person_id=subject.person,
        household_id=subject.household,
        grid=subject.grid,
        due_on=plan.due,
        level=level,
        raised_at=now,
        level_at=now,
    )


def missed_end(
    keys: Collection[str],
    visited: Collection[UUID],
    *,
    prefix: str = "",
    people: Collection[UUID] | None = None,
) -> int:
    """End what was told of missed visits that are not late any more.

    Parameters
    ----------
    keys : collection of str
        Of those that still are.
    visited : collection of UUID
        People whose plan begins with a visit: theirs ended with it, others' are not needed any more.
    prefix, people : str, collection of UUID
        Whose plans were looked at.
    """
    rows = Escalation.objects.filter(cause=Escalation.Cause.MISSED, state__in=_OPEN)
    rows = rows.filter(grid__range=code_range(prefix)) if people is None else rows.filter(person__in=people)
    over = [
        (id_, person) for id_, key, person in rows.values_list("id", "key", "person_id") if key not in keys
    ]
    now = timezone.now()
    by_visit = [id_ for id_, person in over if person in visited]
    lapsed = [id_ for id_, person in over if person not in visited]
    for ids, state in ((by_visit, Escalation.State.VISITED), (lapsed, Escalation.State.LAPSED)):
        if ids:
            Escalation.objects.filter(pk__in=ids).update(state=state, ended_at=now)
    return len(over)


def dangers_in(visits: Collection[UUID]) -> list[Danger]:
    """Give which of the visits tell of danger, and which told of it before and do so no more are ended."""
    columns = ("id", "person_id", "household_id", "grid", "danger", "danger_found", "visited_at", "deleted")
    rows: QuerySet[Any] = Visit.objects.filter(pk__in=visits)
    found, over = [], []
    for visit, person, household, grid, danger, codes, at, deleted in rows.values_list(*columns):
        if danger and not deleted:
            found.append(Danger(visit, person, household, grid, tuple(codes or ()), at))
        else:
            over.append(visit)
    _dangers(over).filter(state__in=_OPEN).update(state=Escalation.State.LAPSED, ended_at=timezone.now())
    return found


def _dangers(visits: Collection[UUID]) -> "QuerySet[Escalation]":
    return Escalation.objects.filter(key__in=[f"danger:{visit}" for visit in visits])


def dangers_tell(dangers: Sequence[Danger]) -> list[Planned]:
    """Tell the centre of danger, each visit once; gives the reports (事件) to be entered for it.

    What was taken back and is there after all is told again.
    """
    if not dangers:
        return []
    now = timezone.now()
    held = {row.visit_id: row for row in _locked(_dangers([danger.visit for danger in dangers]))}
    _store([row for danger in dangers if (row := held.get(danger.visit)) and _renewed(row, danger, now)])
    new = [danger for danger in dangers if danger.visit not in held]
    Escalation.objects.bulk_create([_danger(danger, now) for danger in new], ignore_conflicts=True)
    places = _places([danger.household for danger in new])
    return [_report(danger, places.get(danger.household)) for danger in new]


def _renewed(row: Escalation, danger: Danger, now: datetime) -> bool:
    values: dict[str, object] = {
        "found": _found(danger),
        "grid": danger.grid,
        "household_id": danger.household,
    }
    return _changed(row, values | _again(now) if row.state == Escalation.State.LAPSED else values)


def _found(danger: Danger) -> str:
    return " ".join(danger.found)[:20]


def _danger(danger: Danger, now: datetime) -> Escalation:
    return Escalation(
        key=f"danger:{danger.visit}",
        cause=Escalation.Cause.DANGER,
        person_id=danger.person,
        household_id=danger.household,
        grid=danger.grid,
        visit_id=danger.visit,
        found=_found(danger),
        level=Escalation.Level.CENTRE,
        raised_at=now,
        level_at=now,
    )


def _places(households: Collection[UUID]) -> dict[UUID, tuple[str, float | None, float | None]]:
    """Give each household's building: what it is called and where it stands."""
    rows = Household.objects.filter(pk__in=households).values_list("id", "room__building_id")
    doors = dict(rows)
    held = {row.pk: row for row in Building.objects.filter(pk__in=set(doors.values()))}
    return {door: _place(held[building]) for door, building in doors.items() if building in held}


def _place(building: object) -> tuple[str, float | None, float | None]:
    said = "".join(filter(None, (getattr(building, "estate", ""), getattr(building, "name", ""))))
    address = said or getattr(building, "address", "") or ""
    return address, getattr(building, "lon", None), getattr(building, "lat", None)


def _report(danger: Danger, place: tuple[str, float | None, float | None] | None) -> Planned:
    """Make the report: what was seen and in which building, no person and no register."""
    labels = book().get("danger_found", {})
    seen = "、".join(labels[code].label for code in danger.found if code in labels) or "险情"
    address, lon, lat = place or ("", None, None)
    values: dict[str, object] = {
        "category": next((_CATEGORIES[code] for code in danger.found if code in _CATEGORIES), _CATEGORY),
        "title": "走访发现险情",
        "description": f"网格员走访时发现：{seen}。请立即与本网格网格员联系。",
        "urgency": _URGENT,
        "occurred_at": f"{danger.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "grid": danger.grid,
    }
    if address:
        values["address"] = address
    if lon is not None and lat is not None:
        values |= {"lon": lon, "lat": lat, "crs": "4490"}
    event = uuid5(danger.visit, "danger")
    return Planned(Change(uuid5(event, "made"), "event", event, None, values), frozenset({danger.grid}))
