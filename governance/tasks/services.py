"""Findings become tasks: each day over the whole city, and at once where people's records change.

Every write here reaches the feed and is read back by :func:`grid_follow`, which looks at the people
concerned again; a decision taken on what someone else changed meanwhile is thereby put right.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone

from governance.feed.models import Entry
from governance.feed.services import follower_catch_up
from governance.rules.models import LifeEvent
from governance.rules.selectors import Finding, findings_on, rules_on
from governance.tasks.cycle.reports import visits_follow
from governance.tasks.models import DayScan
from governance.tasks.offers import held_for, planned_write, tasks_offer, tasks_withdraw, written_count
from governance.tasks.selectors import (
    open_in,
    places_of,
    subjects_of,
    tasks_about,
    towns,
)
from governance.tasks.settle import Held, Planned, tasks_due, tasks_undue
from governance.tasks.wanted import wanted_of

__all__ = [
    "FOLLOWER",
    "Step",
    "day_finished",
    "day_run",
    "day_steps",
    "grid_follow",
    "tasks_from_findings",
    "tasks_offer",
    "tasks_withdraw",
]

FOLLOWER = "tasks"


@dataclass(frozen=True, slots=True)
class Step:
    """One town of a day's run: ``place`` counts from 1 to ``total``, ``changed`` tasks were written."""

    prefix: str
    place: int
    total: int
    changed: int


def tasks_from_findings(*, findings: Sequence[Finding], day: date) -> int:
    """Make the tasks that findings ask for; what is there already is left or mended.

    Parameters
    ----------
    findings : sequence of Finding
    day : date
        Day of the run, Asia/Shanghai.

    Returns
    -------
    int
        How many tasks were written.
    """
    return sum(each.written for each in tasks_offer([wanted_of(found) for found in findings], day))


def grid_follow(grid: str) -> int:
    """Bring the tasks up to what a grid's feed told since the last call; gives the entries read.

    With nothing new this costs two look-ups.
    """
    day = timezone.localdate()

    def handle(entries: Sequence[Entry]) -> None:
        people = {entry.record for entry in entries if entry.kind == "person"}
        people |= subjects_of([entry.record for entry in entries if entry.kind == "task"])
        if people:
            _people_settle(people, day)
        visits_follow(entries, day)

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def day_run(day: date) -> int:
    """Run all rules over the whole city for a day; gives the number of tasks written.

    A run that was cut goes on where it stopped; one that is complete does nothing, unless the rules
    changed since.
    """
    return sum(step.changed for step in day_steps(day))


def day_steps(day: date) -> Iterator[Step]:
    """Do as :func:`day_run`, town by town; may be left at any step and taken up again."""
    rules = rules_on(day)
    scan = _scan(day, rules)
    if scan.finished_at is not None:
        return
    prefixes = towns()
    for place, prefix in enumerate(prefixes, 1):
        if prefix <= scan.prefix:
            continue
        changed = _area_settle(prefix, rules, day)
        _mine(scan).filter(prefix__lt=prefix).update(prefix=prefix, changed=F("changed") + changed)
        yield Step(prefix, place, len(prefixes), changed)
    _mine(scan).update(finished_at=timezone.now())


def day_finished(day: date) -> bool:
    """Whether a day's run is complete with the rules as they stand."""
    return DayScan.objects.filter(day=day, mark=_mark(rules_on(day)), finished_at__isnull=False).exists()


def _scan(day: date, rules: Sequence[LifeEvent]) -> DayScan:
    mark = _mark(rules)
    scan, _ = DayScan.objects.get_or_create(day=day, defaults={"mark": mark})
    if scan.mark != mark:
        values = {"mark": mark, "prefix": "", "finished_at": None}
        DayScan.objects.filter(day=day).exclude(mark=mark).update(**values)
        scan.refresh_from_db()
    return scan


def _mine(scan: DayScan) -> QuerySet[DayScan]:
    return DayScan.objects.filter(day=scan.day, mark=scan.mark)


def _mark(rules: Sequence[LifeEvent]) -> str:
    values = [model_to_dict(rule) for rule in rules]
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()[:16]


def _people_settle(people: Collection[UUID], day: date) -> None:
    """Settle some people's tasks with one write, as the streams' heads stay locked by the caller."""
    rules = rules_on(day)
    findings = [found for rule in rules for found in findings_on(day, rule, people=people)]
    planned = _planned(findings, tasks_about(people), rules, day)
    planned_write(planned, len(planned))


def _area_settle(prefix: str, rules: Sequence[LifeEvent], day: date) -> int:
    findings = [found for rule in rules for found in findings_on(day, rule, prefix=prefix)]
    planned = _planned(findings, open_in(prefix), rules, day)
    return written_count(planned_write(sorted(planned, key=lambda each: sorted(each.grids))))


def _planned(
    findings: Sequence[Finding], tasks: Sequence[Held], rules: Sequence[LifeEvent], day: date
) -> list[Planned]:
    due = {found.occasion for found in findings}
    left = [task for task in tasks if task.occasion not in due]
    places = places_of({task.subject for task in left}) if left else {}
    undue = tasks_undue(left, due, places, {rule.code for rule in rules}, day)
    return [*tasks_due([wanted_of(found) for found in findings], held_for(due), day), *undue]
