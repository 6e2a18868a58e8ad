"""What must change so that a planned visit is on the tablet when it is due; nothing is written here."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid5

from governance.contract import Change
from governance.rules.calendar import working_days
from governance.tasks.offers import held_for
from governance.tasks.plans.schedule import Level, Plan, Subject, level_of, plan_of
from governance.tasks.plans.selectors import last_visits
from governance.tasks.settle import (
    ANSWERED,
    TAKEN_BACK,
    Held,
    Planned,
    is_answered,
    tasks_due,
    tasks_taken_back,
)
from governance.tasks.wanted import Wanted

ITEM = "计划走访"
TITLE = "上门走访"
"""Neither names a register, nor that there is one: what a task says may be read over a shoulder."""

_MET = "已有走访记录，本次走访视为完成"
_CHANGED = "走访计划已变更，这次不用去"


def plans_for(subjects: Sequence[Subject], levels: Sequence[Level], day: date) -> list[Plan]:
    """Give when each of the people is due, as of a day; who fits no level has no plan."""
    chosen = [(subject, level_of(levels, subject)) for subject in subjects]
    people = {subject.person for subject, level in chosen if level is not None}
    visits = last_visits(people, day) if people else {}
    kept = any(level is not None and level.workdays for _, level in chosen)
    is_working = working_days().is_working if kept else None
    return [
        plan_of(subject, level, visits.get(subject.person), is_working)
        for subject, level in chosen
        if level is not None
    ]


def plans_planned(plans: Iterable[Plan], held: Collection[str], day: date) -> list[Planned]:
    """Make, mend and date: tasks whose window is open, and each record's next visit.

    Parameters
    ----------
    plans : iterable of Plan
    held : collection of str
        Occasions of the open planned visits.
    day : date
    """
    plans = list(plans)
    wanted = [_wanted(plan) for plan in plans if plan.opens <= day or plan.occasion in held]
    tasks = held_for([each.occasion for each in wanted])
    return [*tasks_due(wanted, tasks, day), *_dated(plans)]


def plans_over(tasks: Iterable[Held], met: Mapping[UUID, date], day: date) -> list[Planned]:
    """End the open planned visits that no plan asks for any more.

    Parameters
    ----------
    tasks : iterable of Held
    met : mapping
        Person to the day of the visit that the plan now runs from: it answers what was open by then.
    day : date
    """
    planned: list[Planned] = []
    for task in tasks:
        visited = met.get(UUID(task.subject)) if task.subject else None
        why = (_MET, ANSWERED) if is_answered(task, visited) else (_CHANGED, TAKEN_BACK)
        planned += tasks_taken_back([task], day, *why)
    return planned


def _dated(plans: Iterable[Plan]) -> list[Planned]:
    found = []
    for plan in plans:
        subject = plan.subject
        if subject.planned == plan.due:
            continue
        values: dict[str, object] = {"next_visit_on": plan.due.isoformat()}
        name = json.dumps([subject.version, values], sort_keys=True)
        change = Change(
            uuid5(subject.record, name), subject.register, subject.record, subject.version, values
        )
        found.append(Planned(change, frozenset({subject.grid})))
    return found


def _wanted(plan: Plan) -> Wanted:
    subject = plan.subject
    return Wanted(
        occasion=plan.occasion,
        origin="plan",
        origin_ref=str(subject.record),
        item=ITEM,
        title=TITLE,
        reason=_reason(plan),
        grid=subject.grid,
        opens_on=plan.opens,
        due_on=plan.due,
        priority=plan.priority,
        subject_kind="person",
        subject=subject.person,
        household=subject.household,
        register=subject.register,
    )


def _reason(plan: Plan) -> str:
    due = f"应在{_said(plan.due)}前上门"
    if plan.visited is None:
        return f"{due}，列入走访计划后尚未走访。"
    told = "上次走访时发现险情，请再次上门查看。" if plan.visited.danger else ""
    return f"{due}，上次走访：{_said(plan.visited.day)}。{told}"


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
