"""Evaluating rules: one statement a rule and area, whatever the number of people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from governance.records.models import Person
from governance.rules.ages import births_for, milestone
from governance.rules.models import Condition, LifeEvent
from gridmap.selectors import code_range


@dataclass(frozen=True, slots=True)
class Finding:
    """Someone for whom a service is due: what a task is made of.

    ``occasion`` names person and occasion for ever: it stays when a birth date is corrected or the
    household moves. ``reason`` is Chinese and names no one.
    """

    occasion: str
    rule: str
    item: str
    title: str
    reason: str
    priority: str
    subject_kind: str
    subject: UUID
    grid: str
    household: UUID
    opens_on: date
    due_on: date
    expires_on: date


def rules_on(day: date) -> list[LifeEvent]:
    """Give the rules in force on a day."""
    held = Q(valid_to=None) | Q(valid_to__gte=day)
    return list(LifeEvent.objects.filter(held, enabled=True, valid_from__lte=day))


def occasion_of(rule: LifeEvent, subject: UUID) -> str:
    """Give the key of a person's occasion."""
    return f"{rule.code}:{subject}:{rule.years}"


def occasion_rule(occasion: str) -> str:
    """Give the code of the rule that an occasion's key begins with."""
    return occasion.partition(":")[0]


def findings_on(
    day: date, rule: LifeEvent, *, prefix: str = "", people: Collection[UUID] | None = None
) -> list[Finding]:
    """Find whom a rule concerns on a day: open records only, whoever reached it within the window.

    Parameters
    ----------
    day : date
        Day in Asia/Shanghai.
    rule : LifeEvent
    prefix : str
        First digits of the grids looked at; empty for the whole city.
    people : collection of UUID, optional
        Only these.
    """
    first, last = day - timedelta(days=rule.expires_days), day - timedelta(days=rule.opens_days)
    births = births_for(first, last, rule.years)
    rows = Person.objects.filter(deleted=False, closed_on=None, birth_date__range=births)
    if prefix:
        rows = rows.filter(grid__range=code_range(prefix))
    if people is not None:
        rows = rows.filter(pk__in=people)
    found = []
    for subject, grid, household, birth in rows.values_list("id", "grid", "household_id", "birth_date"):
        reached = milestone(birth, rule.years) if birth else None
        if reached and first <= reached <= last:
            found.append(_finding(rule, subject, grid, household, reached))
    return sorted(found, key=lambda finding: (finding.grid, finding.occasion))


def _finding(rule: LifeEvent, subject: UUID, grid: str, household: UUID, reached: date) -> Finding:
    what = f"年满{rule.years}周岁" if rule.condition == Condition.AGE else "出生"
    return Finding(
        occasion=occasion_of(rule, subject),
        rule=rule.code,
        item=rule.item,
        title=rule.title,
        reason=f"{reached.year}年{reached.month}月{reached.day}日{what}。{rule.text}",
        priority=rule.priority,
        subject_kind=rule.subject_kind,
        subject=subject,
        grid=grid,
        household=household,
        opens_on=reached + timedelta(days=rule.opens_days),
        due_on=reached + timedelta(days=rule.due_days),
        expires_on=reached + timedelta(days=rule.expires_days),
    )
