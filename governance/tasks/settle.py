"""What must change of tasks so that they are what is wanted; nothing is read or written here.

A task's id follows from its occasion, so whoever computes it comes to the same one; it is a version 5 UUID
where other ids are version 7, which no one may look at. The ids of the hub's own changes follow from what
they change, so two runs at once offer the same change, which is applied once.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from governance.contract import Change
from governance.contract.kinds.task_states import EXPIRED, OPEN_STATES, WITHDRAWN, state_after
from governance.rules.selectors import occasion_rule
from governance.tasks.wanted import Wanted

_NAMESPACE = UUID("8f0d3a52-6a7b-5d4e-9b1c-420500000060")
TAKEN_BACK = "02"
"""Reason for closing of tasks that whoever wanted them took back; only he may open them again."""

ANSWERED = "01"
"""Reason for closing of tasks that a visit answered without naming them: nobody need go, and somebody did."""

_SEEN_TO = "已有走访等记录，本次任务视为完成"

RUN_OUT = "03"
"""Reason for closing of tasks whose time ran out."""


@dataclass(frozen=True, slots=True)
class Held:
    """A task as it is held."""

    id: UUID
    version: int
    grid: str
    occasion: str
    subject_kind: str | None
    subject: str
    household: str | None
    opens_on: date | None
    due_on: date | None
    expires_on: date | None
    priority: str | None
    asks: str | None
    item: str
    title: str
    reason: str | None
    register: str | None
    state: str
    assignee: str | None
    outcome: str | None
    accepted_at: datetime | None
    closed_reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open record lies, and whose door leads to it."""

    grid: str
    household: str | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A change of an occasion's task, or of something without one, and the grids it touches."""

    change: Change
    grids: frozenset[str]
    occasion: str = ""


def task_id(occasion: str) -> UUID:
    """Give the id of an occasion's task."""
    return uuid5(_NAMESPACE, occasion)


def tasks_due(wanted: Iterable[Wanted], held: Mapping[str, Held], day: date) -> list[Planned]:
    """Make the missing tasks, mend those whose days, place or asks moved, open again what was taken back.

    Parameters
    ----------
    wanted : iterable of Wanted
    held : mapping
        Occasion to its task, in whatever state.
    day : date
        Day of the run, Asia/Shanghai.
    """
    planned = []
    for each in wanted:
        task = held.get(each.occasion)
        if task is None:
            planned.append(Planned(_made(each, day), frozenset({each.grid}), each.occasion))
        elif values := _mending(each, task):
            planned.append(_plan(task, day, values, each.grid))
    return planned


def is_answered(task: Held, visited: date | None) -> bool:
    """Whether who was there on a day, if anybody, came when the task was open: nobody need go again."""
    return visited is not None and task.opens_on is not None and visited >= task.opens_on


def tasks_taken_back(
    tasks: Iterable[Held], day: date, reason: str, closed: str = TAKEN_BACK
) -> list[Planned]:
    """End open tasks that are wanted no longer; ``reason`` is Chinese and names no person."""
    ended = _ended(WITHDRAWN, closed, day) | {"note": reason or None}
    return [_plan(task, day, ended, task.grid) for task in tasks if task.state in OPEN_STATES]


def tasks_undue(
    tasks: Iterable[Held],
    due: Collection[str],
    places: Mapping[str, Place],
    rules: Collection[str],
    day: date,
    answered: Collection[str] = (),
) -> list[Planned]:
    """End the open tasks that nothing asks for any more; send along those whose household moved.

    Parameters
    ----------
    tasks : iterable of Held
        Tasks about records; ended ones are only sent along.
    due : collection of str
        Occasions that were found.
    places : mapping
        Id of an open record to where it lies.
    rules : collection of str
        Codes of the rules that were evaluated; tasks of others are not judged by days.
    day : date
    answered : collection of str
        Occasions that somebody saw to unasked: those count as done.
    """
    planned = []
    for task in tasks:
        if task.occasion in due:
            continue
        place = places.get(task.subject)
        values = _ending(task, place, rules, day, task.occasion in answered)
        if values:
            planned.append(_plan(task, day, values, place.grid if place else task.grid))
    return planned


def tasks_run_out(tasks: Iterable[Held], day: date) -> list[Planned]:
    """End open tasks whose last day is past, whatever they are about."""
    return [
        _plan(task, day, _ended(EXPIRED, RUN_OUT, day), task.grid)
        for task in tasks
        if task.state in OPEN_STATES and task.expires_on is not None and task.expires_on < day
    ]


def task_set(task: Held, day: date, values: dict[str, object]) -> Planned:
    """Plan to set some values of a task where it lies."""
    return _plan(task, day, values, task.grid)


def _ending(
    task: Held, place: Place | None, rules: Collection[str], day: date, answered: bool
) -> dict[str, object]:
    if task.state in OPEN_STATES:
        if place is None:
            return _ended(WITHDRAWN, TAKEN_BACK, day)
        if task.expires_on is not None and task.expires_on < day:
            return _ended(EXPIRED, RUN_OUT, day)
        if occasion_rule(task.occasion) in rules:
            seen_to = _ended(WITHDRAWN, ANSWERED, day) | {"note": _SEEN_TO}
            return seen_to if answered else _ended(WITHDRAWN, TAKEN_BACK, day)
    return _moved(task, place.grid, place.household) if place else {}


def _made(wanted: Wanted, day: date) -> Change:
    values: dict[str, object] = {
        "occasion": wanted.occasion,
        "origin": wanted.origin,
        "origin_ref": wanted.origin_ref,
        "register": wanted.register or None,
        "item": wanted.item,
        "title": wanted.title,
        "reason": wanted.reason,
        "subject_kind": wanted.subject_kind,
        "subject": str(wanted.subject) if wanted.subject else None,
        "household": str(wanted.household) if wanted.household else None,
        "priority": wanted.priority,
        "asks": wanted.asks or None,
        "assignee": wanted.assignee or None,
        "lon": wanted.lon,
        "lat": wanted.lat,
        "grid": wanted.grid,
        **_days(wanted),
    }
    given = {name: value for name, value in values.items() if value is not None}
    return _change(task_id(wanted.occasion), None, day, given)


def _mending(wanted: Wanted, task: Held) -> dict[str, object]:
    """Give what must be set so that a task is what is wanted; nothing where it is.

    Whom staff gave it to is left alone.
    """
    values = _moved(task, wanted.grid, str(wanted.household) if wanted.household else None)
    is_open = task.state in OPEN_STATES
    if not is_open and not _may_open(task):
        return values
    days = _days(wanted)
    if any(_text(getattr(task, name)) != value for name, value in days.items()):
        values |= days
    asked = {
        "priority": wanted.priority,
        "asks": wanted.asks or None,
        "item": wanted.item,
        "title": wanted.title,
        "reason": wanted.reason,
    }
    values |= {name: value for name, value in asked.items() if getattr(task, name) != value}
    if wanted.register and task.register != wanted.register:  # once behind a right, it stays so
        values["register"] = wanted.register
        if task.assignee and not task.assignee.startswith("user:"):  # what is behind one goes to no desk
            values["assignee"] = None
    if not is_open:  # The state follows from what the worker reported.
        values |= {"state": None, "closed_on": None, "closed_reason": None, "note": None}
    return values


def _may_open(task: Held) -> bool:
    """Whether it was taken back or ran out, and no outcome speaks against its being open."""
    ended = task.closed_reason in (TAKEN_BACK, RUN_OUT, ANSWERED)
    return ended and state_after({"outcome": task.outcome}) in OPEN_STATES


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _moved(task: Held, grid: str, household: str | None) -> dict[str, object]:
    values: dict[str, object] = {}
    if task.grid != grid:
        values["grid"] = grid
    if task.household != household:
        values["household"] = household
    return values


def _days(wanted: Wanted) -> dict[str, object]:
    return {
        "opens_on": wanted.opens_on.isoformat(),
        "due_on": wanted.due_on.isoformat(),
        "expires_on": _text(wanted.expires_on),
    }


def _ended(state: str, reason: str, day: date) -> dict[str, object]:
    return {"state": state, "closed_on": day.isoformat(), "closed_reason": reason}


def _plan(task: Held, day: date, values: dict[str, object], grid: str) -> Planned:
    change = _change(task.id, task.version, day, values)
    return Planned(change, frozenset({task.grid, grid}), task.occasion)


def _change(task: UUID, base: int | None, day: date, values: dict[str, object]) -> Change:
    name = json.dumps([base, day.isoformat(), values], sort_keys=True)
    return Change(uuid5(task, name), "task", task, base, values)
