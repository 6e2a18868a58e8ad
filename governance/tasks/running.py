"""The rules of a day over the whole city (每日运行): rule by rule, each held against its tasks.

Only what differs is read and written, so a day costs its queries and its news, not the city. A rule with
many differences, as on its first day, is gone through in the order of the grids, so memory stays bounded.
Whatever was cut is simply compared again: what is written already differs no more.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from governance.rules.models import Rule
from governance.rules.notation import as_json
from governance.rules.reads import kinds_read
from governance.rules.selectors import Finding, Ruling, findings_on, occasion_rule, rules_on
from governance.tasks.answered import answered_unasked
from governance.tasks.centres.giving import all_placed
from governance.tasks.compare import (
    Differing,
    adrift,
    differing,
    differing_together,
    of_rules,
    run_out,
    shares,
    subject_kinds,
)
from governance.tasks.models import DayScan
from governance.tasks.offers import AT_ONCE, held_for, planned_write, written_count
from governance.tasks.selectors import held_by_id, places_of
from governance.tasks.settle import Held, Planned, tasks_due, tasks_run_out, tasks_undue
from governance.tasks.twins import without_done_twins
from governance.tasks.wanted import Wanted, wanted_of

MOST = 20_000
"""Differences of a rule that are held in memory at once."""

_AT_ONCE = 2_000
_SHARED = 4
"""Rules compared in one statement: as many times :data:`MOST` may be held."""

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
        changed = _sweep(day, [rule.code for rule in rules])
        _done(scan, _SWEPT, changed)
        yield Step("清理", 1, total, changed)
    for part in _together([rule for rule in rules if rule.code > scan.rule], day):
        written = _settle(part, day)
        _done(scan, part[-1].rule.code, sum(written.values()))
        for each in part:
            place = rules.index(each.rule) + 2
            yield Step(each.rule.body.title, place, total, written[each.rule.code])
    _mine(scan).update(finished_at=timezone.now())


def day_finished(day: date) -> bool:
    """Whether a day's run is complete with the rules as they stand."""
    return DayScan.objects.filter(day=day, mark=_mark(rules_on(day)), finished_at__isnull=False).exists()


def findings_planned(findings: Sequence[Finding], day: date) -> list[Planned]:
    """Plan what findings ask for beside the tasks there are."""
    held = held_for({finding.occasion for finding in findings})
    asking = without_done_twins(findings, held)
    wanted = [_wanted(finding, held.get(finding.occasion)) for finding in asking]
    asked = [each for each in wanted if each is not None]
    new = {each.occasion: each for each in all_placed([each for each in asked if each.occasion not in held])}
    due = tasks_due([new.get(each.occasion, each) for each in asked], held, day)
    if len(asking) == len(findings):
        return due
    heard = {finding.occasion for finding in asking}
    left = [task for occasion, task in held.items() if occasion not in heard]
    return due + tasks_undue(left, (), places_of(left), (), day)


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


def _done(scan: DayScan, code: str, changed: int) -> None:
    _mine(scan).filter(rule__lt=code).update(rule=code, changed=F("changed") + changed)


@dataclass(frozen=True, slots=True)
class Compared:
    """A rule and where its tasks differ, as far as that is held at once."""

    rule: Ruling
    found: Differing


def _together(rules: Sequence[Ruling], day: date) -> Iterator[list[Compared]]:
    """Compare rule by rule, and give those together whose differences are few: they are one write.

    A rule that looks at tasks is compared when those of the rules before it are written.
    """
    part: list[Compared] = []
    size = 0
    compared = day_compared(rules, day)
    for rule in rules:
        if part and _reads_tasks(rule):
            yield part
            part, size = [], 0
        found = next(compared)
        part.append(found)
        size += len(found.found.findings) + len(found.found.undue)
        if size >= AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def day_compared(rules: Sequence[Ruling], day: date) -> Iterator[Compared]:
    """Compare rule by rule; those that count the same for everybody with the first of them."""
    held: dict[str, Compared] = {}
    for place, rule in enumerate(rules):
        if rule.code not in held:
            beside = [rule]
            if _shares(rule):
                after = rules[place + 1 :]
                beside += [each for each in after if each.code not in held and _shares(each)][: _SHARED - 1]
            for each, found in zip(beside, differing_together(beside, day, most=MOST), strict=True):
                held[each.code] = Compared(each, found)
        yield held.pop(rule.code)


def _shares(rule: Ruling) -> bool:
    return shares(rule) and not _reads_tasks(rule)


def _reads_tasks(rule: Ruling) -> bool:
    return any(kind.name == "task" for kind in kinds_read(rule.body))


def _settle(part: Sequence[Compared], day: date) -> Counter[str]:
    """Write what rules differ in, to its end; gives the number of tasks written by rule."""
    written = _settle_held(part, day)
    for each in part:
        until = each.found.until
        while until is not None:
            further = Compared(each.rule, differing(each.rule, day, most=MOST, after=until))
            written += _settle_held([further], day)
            until = further.found.until
    return written


def _settle_held(part: Sequence[Compared], day: date) -> Counter[str]:
    written: Counter[str] = Counter()
    findings = [finding for each in part for finding in each.found.findings]
    findings.sort(key=attrgetter("grid"))
    for start in range(0, len(findings), _AT_ONCE):
        written += _write(findings_planned(findings[start : start + _AT_ONCE], day))
    for each in part:
        written += _undue_settle(each.rule, each.found.undue, day)
    return written


def _undue_settle(rule: Ruling, undue: Sequence[UUID], day: date) -> Counter[str]:
    written: Counter[str] = Counter()
    for start in range(0, len(undue), _AT_ONCE):
        written += _write(_undue_planned(rule, held_by_id(undue[start : start + _AT_ONCE]), day))
    return written


def _undue_planned(rule: Ruling, tasks: Sequence[Held], day: date) -> list[Planned]:
    """End tasks of a rule without a finding; who was found elsewhere meanwhile is sent along instead."""
    subjects = [UUID(task.subject) for task in tasks if task.subject]
    findings = findings_on(day, rule, people=subjects) if subjects else []
    due = {finding.occasion for finding in findings}
    answered = answered_unasked([task for task in tasks if task.occasion not in due], {rule.code}, day)
    undue = tasks_undue(tasks, due, places_of(tasks), {rule.code}, day, answered)
    return [*findings_planned(findings, day), *undue]


def _sweep(day: date, rules: Collection[str]) -> int:
    """End what ran out, what no rule of the day asks for, and what is about records that left.

    What is about those that moved is sent along.
    """
    written = 0
    while planned := tasks_run_out(held_by_id(run_out(day, _AT_ONCE)), day):
        changed = _write(planned).total()
        written += changed
        if not changed:
            break
    off = list(Rule.objects.exclude(code__in=rules).values_list("code", flat=True))
    while off and (tasks := held_by_id(of_rules(off, _AT_ONCE))):
        changed = _write(tasks_undue(tasks, (), places_of(tasks), off, day)).total()
        written += changed
        if not changed:
            break
    for kind in subject_kinds():
        while ids := adrift(kind, rules, _AT_ONCE):
            tasks = held_by_id(ids)
            changed = _write(tasks_undue(tasks, (), places_of(tasks), (), day)).total()
            written += changed
            if not changed:
                break
    return written


def _write(planned: Sequence[Planned]) -> Counter[str]:
    """Write what is planned, in the order of the grids; gives the number of tasks written by rule."""
    planned = sorted(planned, key=lambda each: sorted(each.grids))
    results = planned_write(planned)
    return Counter(
        occasion_rule(each.occasion)
        for each, result in zip(planned, results, strict=True)
        if written_count([result])
    )


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
