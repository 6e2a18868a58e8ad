"""The rules of a day over the whole city (每日运行): rule by rule, each held against its tasks.

Only what differs is read and written, so a day costs its queries and its news, not the city. A rule with
many differences, as on its first day, is run town by town, so memory stays bounded. Whatever was cut is
simply compared again: what is written already differs no more.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from governance.rules.notation import as_json
from governance.rules.selectors import Finding, Ruling, findings_on, rules_on
from governance.tasks.centres.giving import all_placed
from governance.tasks.compare import Differing, adrift, differing, run_out, subject_kinds
from governance.tasks.models import DayScan
from governance.tasks.offers import held_for, planned_write, written_count
from governance.tasks.selectors import held_by_id, places_of, towns
from governance.tasks.settle import Held, Planned, tasks_due, tasks_run_out, tasks_undue
from governance.tasks.twins import without_done_twins
from governance.tasks.wanted import Wanted, wanted_of

MOST = 20_000
"""Differences of a rule that are held in memory at once."""

_AT_ONCE = 2_000
_SWEPT = " "
"""Stands in a scan's ``rule`` once what does not depend on rules is done; sorts before every code."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a day's run: ``place`` counts from 1 to ``total``, ``changed`` tasks were written."""

    name: str
    place: int
    total: int
    changed: int


def day_run(day: date) -> int:
    """Run all rules over the whole city for a day; gives the number of tasks written.

    A run that was cut goes on where it stopped; one that is complete does nothing, unless the rules
    changed since.
    """
    return sum(step.changed for step in day_steps(day))


def day_steps(day: date) -> Iterator[Step]:
    """Do as :func:`day_run`, rule by rule; may be left at any step and taken up again."""
    rules = rules_on(day)
    scan = _scan(day, rules)
    if scan.finished_at is not None:
        return
    total = len(rules) + 1
    if not scan.rule:
        yield _done(scan, _SWEPT, Step("清理", 1, total, _sweep(day)))
    for place, rule in enumerate(rules, 2):
        if rule.code > scan.rule:
            changed = _rule_settle(rule, day)
            yield _done(scan, rule.code, Step(rule.body.title, place, total, changed))
    _mine(scan).update(finished_at=timezone.now())


def day_finished(day: date) -> bool:
    """Whether a day's run is complete with the rules as they stand."""
    return DayScan.objects.filter(day=day, mark=_mark(rules_on(day)), finished_at__isnull=False).exists()


def findings_planned(findings: Sequence[Finding], day: date) -> list[Planned]:
    """Plan what findings ask for beside the tasks there are."""
    held = held_for({finding.occasion for finding in findings})
    wanted = [_wanted(finding, held.get(finding.occasion)) for finding in without_done_twins(findings, held)]
    asked = [each for each in wanted if each is not None]
    new = {each.occasion: each for each in all_placed([each for each in asked if each.occasion not in held])}
    return tasks_due([new.get(each.occasion, each) for each in asked], held, day)


def _wanted(finding: Finding, held: Held | None) -> Wanted | None:
    """Give what is wanted; where the days float, a task keeps its own, and does not come back."""
    wanted = wanted_of(finding)
    if not finding.floats or held is None or held.opens_on is None or held.due_on is None:
        return wanted
    if held.state == "expired":
        return None
    if held.state == "withdrawn":
        return wanted
    return replace(wanted, opens_on=held.opens_on, due_on=held.due_on, expires_on=held.expires_on)


def _done(scan: DayScan, code: str, step: Step) -> Step:
    _mine(scan).filter(rule__lt=code).update(rule=code, changed=F("changed") + step.changed)
    return step


def _rule_settle(rule: Ruling, day: date) -> int:
    found = differing(rule, day, most=MOST)
    if found.whole:
        return _settle(rule, found, day)
    return sum(_settle(rule, differing(rule, day, prefix=prefix), day) for prefix in towns())


def _settle(rule: Ruling, found: Differing, day: date) -> int:
    written = 0
    for start in range(0, len(found.findings), _AT_ONCE):
        written += _write(findings_planned(found.findings[start : start + _AT_ONCE], day))
    for start in range(0, len(found.undue), _AT_ONCE):
        written += _write(_undue_planned(rule, held_by_id(found.undue[start : start + _AT_ONCE]), day))
    return written


def _undue_planned(rule: Ruling, tasks: Sequence[Held], day: date) -> list[Planned]:
    """End tasks of a rule without a finding; who was found elsewhere meanwhile is sent along instead."""
    subjects = [UUID(task.subject) for task in tasks if task.subject]
    findings = findings_on(day, rule, people=subjects) if subjects else []
    due = {finding.occasion for finding in findings}
    undue = tasks_undue(tasks, due, places_of(tasks), {rule.code}, day)
    return [*findings_planned(findings, day), *undue]


def _sweep(day: date) -> int:
    """End what ran out, and what is about records that left; send along what is about those that moved."""
    written = 0
    while planned := tasks_run_out(held_by_id(run_out(day, _AT_ONCE)), day):
        changed = _write(planned)
        written += changed
        if not changed:
            break
    for kind in subject_kinds():
        while ids := adrift(kind, _AT_ONCE):
            tasks = held_by_id(ids)
            changed = _write(tasks_undue(tasks, (), places_of(tasks), (), day))
            written += changed
            if not changed:
                break
    return written


def _write(planned: Sequence[Planned]) -> int:
    return written_count(planned_write(sorted(planned, key=lambda each: sorted(each.grids))))


def _scan(day: date, rules: Sequence[Ruling]) -> DayScan:
    mark = _mark(rules)
    scan, _ = DayScan.objects.get_or_create(day=day, defaults={"mark": mark})
    if scan.mark != mark:
        values = {"mark": mark, "rule": "", "finished_at": None}
        DayScan.objects.filter(day=day).exclude(mark=mark).update(**values)
        scan.refresh_from_db()
    return scan


def _mine(scan: DayScan) -> QuerySet[DayScan]:
    return DayScan.objects.filter(day=scan.day, mark=scan.mark)


def _mark(rules: Sequence[Ruling]) -> str:
    values = [[rule.code, rule.number, as_json(rule.body)] for rule in rules]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
