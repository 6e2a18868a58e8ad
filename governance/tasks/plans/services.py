"""Going through the visit plans: each day over the whole city, and at once where records or visits change.

Like the rules, this follows the feed from a bookmark of its own; what it writes itself comes back that way
and then changes nothing.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from governance.feed.services import Told, follower_catch_up
from governance.tasks.models import Task, Visit
from governance.tasks.models.plans import REGISTERS, PlanRun
from governance.tasks.offers import held_for, planned_write, written_count
from governance.tasks.oversight.services import visits_note
from governance.tasks.plans.escalate import dangers_in, dangers_tell, missed_end, missed_tell
from governance.tasks.plans.schedule import Level, Plan
from governance.tasks.plans.selectors import (
    levels_on,
    open_plan_tasks,
    people_of,
    subjects_among,
    subjects_in,
)
from governance.tasks.plans.settle import plans_for, plans_over, plans_planned
from governance.tasks.selectors import towns
from governance.tasks.services import Step
from governance.tasks.settle import Planned

FOLLOWER = "plans"


def grid_follow(grid: str) -> int:
    """Bring plans, reports of danger and the facts of visits up to a grid's feed; gives the entries read.

    With nothing new this costs one look-up.
    """
    day = timezone.localdate()

    def handle(entries: Sequence[Told]) -> None:
        by_kind: defaultdict[str, list[UUID]] = defaultdict(list)
        for entry in entries:
            by_kind[entry.kind].append(UUID(entry.record))
        planned = dangers_tell(dangers_in(by_kind["visit"])) if by_kind["visit"] else []
        planned += visits_note(by_kind["visit"], by_kind["task"], day)
        people = _people_in(by_kind)
        planned += _people_planned(people, day) if people else []
        # One write, as the streams' heads stay locked by the caller.
        planned_write(planned, len(planned))

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def _people_in(by_kind: dict[str, list[UUID]]) -> set[UUID]:
    people = set(by_kind.get("person", ()))
    for register in REGISTERS:
        if by_kind.get(register):
            people |= people_of(register, by_kind[register])
    if by_kind.get("visit"):
        visits = Visit.objects.filter(pk__in=by_kind["visit"])
        people |= {person for person in visits.values_list("person_id", flat=True) if person}
    if by_kind.get("task"):
        tasks = Task.objects.filter(pk__in=by_kind["task"], origin="plan")
        people |= {UUID(subject) for subject in tasks.values_list("subject", flat=True) if subject}
    return people


def _people_planned(people: Collection[UUID], day: date) -> list[Planned]:
    levels = levels_on(day)
    subjects = subjects_among(people, levels)
    held = open_plan_tasks(people=people)
    if not subjects and not held:
        return []
    plans = plans_for(subjects, levels, day)
    late = missed_tell(plans, day)
    met = _met(plans)
    missed_end(late, met, people=people)
    over = held_for(held.keys() - {plan.occasion for plan in plans})
    return [*plans_planned(plans, held, day), *plans_over(over.values(), met, day)]


def _met(plans: Collection[Plan]) -> dict[UUID, date]:
    """Give the people whose plan runs from a visit, and its day."""
    return {
        plan.subject.person: plan.anchor for plan in plans if plan.visited and plan.visited.day == plan.anchor
    }


def day_run(day: date) -> int:
    """Go through all plans for a day; gives the number of records written."""
    return sum(step.changed for step in day_steps(day))


def day_steps(day: date) -> Iterator[Step]:
    """Go through the plans town by town; may be left at any step and taken up again."""
    levels = levels_on(day)
    run = _run(day, levels)
    if run.finished_at is not None:
        return
    prefixes = towns()
    for place, prefix in enumerate(prefixes, 1):
        if prefix <= run.prefix:
            continue
        changed = _area_settle(prefix, levels, day)
        _mine(run).filter(prefix__lt=prefix).update(prefix=prefix, changed=F("changed") + changed)
        yield Step(prefix, place, len(prefixes), changed)
    _mine(run).update(finished_at=timezone.now())


def _area_settle(prefix: str, levels: Sequence[Level], day: date) -> int:
    held = open_plan_tasks(prefix=prefix)
    current: set[str] = set()
    late: set[str] = set()
    met: dict[UUID, date] = {}
    changed = 0
    for subjects in subjects_in(prefix, levels):
        plans = plans_for(subjects, levels, day)
        current.update(plan.occasion for plan in plans)
        met |= _met(plans)
        with transaction.atomic():
            late |= missed_tell(plans, day)
        planned = sorted(plans_planned(plans, held, day), key=lambda each: sorted(each.grids))
        changed += written_count(planned_write(planned))
    missed_end(late, met, prefix=prefix)
    over = held_for(held.keys() - current).values()
    return changed + written_count(planned_write(plans_over(over, met, day)))


def _run(day: date, levels: Sequence[Level]) -> PlanRun:
    mark = _mark(levels)
    run, _ = PlanRun.objects.get_or_create(day=day, defaults={"mark": mark})
    if run.mark != mark:
        values = {"mark": mark, "prefix": "", "finished_at": None}
        PlanRun.objects.filter(day=day).exclude(mark=mark).update(**values)
        run.refresh_from_db()
    return run


def _mine(run: PlanRun) -> "QuerySet[PlanRun]":
    return PlanRun.objects.filter(day=run.day, mark=run.mark)


def _mark(levels: Sequence[Level]) -> str:
    return hashlib.sha256(json.dumps([repr(level) for level in levels]).encode()).hexdigest()[:16]
