"""What must change of tasks so that they are what the findings ask for; nothing is read or written here.

A task's id follows from its occasion, so whoever computes it comes to the same one; it is a version 5 UUID
where other ids are version 7, which no one may look at. The ids of the hub's own changes follow from what
they change, so two runs at once offer the same change, which is applied once.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from governance.contract import KINDS, Change
from governance.rules.selectors import Finding, occasion_rule

_NAMESPACE = UUID("8f0d3a52-6a7b-5d4e-9b1c-420500000060")
_TASK = KINDS["task"]
OPEN = "open"
WITHDRAWN = "02"
"""Reason for closing of tasks that the rules took back; only those may the rules open again."""

EXPIRED = "03"


@dataclass(frozen=True, slots=True)
class Held:
    """A task as it is held."""

    id: UUID
    version: int
    grid: str
    occasion: str
    subject: str
    household: str | None
    opens_on: date | None
    due_on: date | None
    expires_on: date | None
    state: str
    outcome: str | None
    closed_reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open person's record lies."""

    grid: str
    household: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A change and the grids it touches."""

    change: Change
    grids: frozenset[str]


def task_id(occasion: str) -> UUID:
    """Give the id of an occasion's task."""
    return uuid5(_NAMESPACE, occasion)


def tasks_due(findings: Iterable[Finding], held: Mapping[str, Held], day: date) -> list[Planned]:
    """Make the missing tasks, mend those whose days or place moved, open again what the rules took back.

    Parameters
    ----------
    findings : iterable of Finding
    held : mapping
        Occasion to its task, in whatever state.
    day : date
        Day of the run, Asia/Shanghai.
    """
    planned = []
    for finding in findings:
        task = held.get(finding.occasion)
        if task is None:
            planned.append(Planned(_made(finding, day), frozenset({finding.grid})))
        elif values := _mending(finding, task):
            planned.append(_plan(task, day, values, finding.grid))
    return planned


def tasks_undue(
    tasks: Iterable[Held],
    due: Collection[str],
    places: Mapping[str, Place],
    rules: Collection[str],
    day: date,
) -> list[Planned]:
    """End the open tasks that nothing asks for any more; send along those whose household moved.

    Parameters
    ----------
    tasks : iterable of Held
        Tasks about people; ended ones are only sent along.
    due : collection of str
        Occasions that were found.
    places : mapping
        Id of an open person's record to where it lies.
    rules : collection of str
        Codes of the rules that were evaluated; tasks of others are not judged by days.
    day : date
    """
    planned = []
    for task in tasks:
        if task.occasion in due:
            continue
        place = places.get(task.subject)
        if values := _ending(task, place, rules, day):
            planned.append(_plan(task, day, values, place.grid if place else task.grid))
    return planned


def _ending(task: Held, place: Place | None, rules: Collection[str], day: date) -> dict[str, object]:
    if task.state == OPEN:
        if place is None:
            return _ended("withdrawn", WITHDRAWN, day)
        if task.expires_on is not None and task.expires_on < day:
            return _ended("expired", EXPIRED, day)
        if occasion_rule(task.occasion) in rules:
            return _ended("withdrawn", WITHDRAWN, day)
    return _moved(task, place.grid, place.household) if place else {}


def _made(finding: Finding, day: date) -> Change:
    values: dict[str, object] = {
        "occasion": finding.occasion,
        "item": finding.item,
        "title": finding.title,
        "reason": finding.reason,
        "subject_kind": finding.subject_kind,
        "subject": str(finding.subject),
        "household": str(finding.household),
        "priority": finding.priority,
        "grid": finding.grid,
        **_days(finding),
    }
    return _change(task_id(finding.occasion), None, day, values)


def _mending(finding: Finding, task: Held) -> dict[str, object]:
    """Give what must be set so that a task is what its finding asks for; nothing where it is."""
    values = _moved(task, finding.grid, str(finding.household))
    if task.state != OPEN and not _may_open(task):
        return values
    days = _days(finding)
    if any(str(getattr(task, name)) != value for name, value in days.items()):
        values |= {**days, "reason": finding.reason}
    if task.state != OPEN:
        values |= {"state": OPEN, "closed_on": None, "closed_reason": None}
    return values


def _may_open(task: Held) -> bool:
    """Whether the rules ended the task, and no outcome speaks against its being open."""
    if task.closed_reason not in (WITHDRAWN, EXPIRED) or _TASK.derive is None:
        return False
    after = _TASK.derive({"state": OPEN, "outcome": task.outcome})
    return after.get("state", OPEN) == OPEN


def _moved(task: Held, grid: str, household: str) -> dict[str, object]:
    values: dict[str, object] = {}
    if task.grid != grid:
        values["grid"] = grid
    if task.household != household:
        values["household"] = household
    return values


def _days(finding: Finding) -> dict[str, object]:
    return {
        "opens_on": finding.opens_on.isoformat(),
        "due_on": finding.due_on.isoformat(),
        "expires_on": finding.expires_on.isoformat(),
    }


def _ended(state: str, reason: str, day: date) -> dict[str, object]:
    return {"state": state, "closed_on": day.isoformat(), "closed_reason": reason}


def _plan(task: Held, day: date, values: dict[str, object], grid: str) -> Planned:
    return Planned(_change(task.id, task.version, day, values), frozenset({task.grid, grid}))


def _change(task: UUID, base: int | None, day: date, values: dict[str, object]) -> Change:
    name = json.dumps([base, day.isoformat(), values], sort_keys=True)
    return Change(uuid5(task, name), "task", task, base, values)
