"""Writing the working-day calendar (工作日历): seeded with the State Council's days, changed by staff."""

from datetime import date, timedelta

from chinese_calendar.constants import Holiday, holidays, workdays
from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.rules.calendar import working_days
from governance.rules.models import SpecialDay
from governance.rules.services import may_change_rules

MOST_DAYS = 15
"""Days that are entered at once."""

_NAMES = {each.value: each.chinese for each in Holiday}


@transaction.atomic
def calendar_seed(*, actor: Actor) -> int:
    """Bring in the years that the package ``chinesecalendar`` knows and the table does not.

    Returns
    -------
    int
        How many days were new; days that staff entered stay as they are.
    """
    known = working_days().arranged
    held = set(SpecialDay.objects.values_list("day", flat=True))
    new = [
        SpecialDay(
            day=day,
            working=working,
            name=_NAMES[name] + ("调休" if working else ""),
            source=SpecialDay.Source.STATE,
        )
        for days, working in ((holidays, False), (workdays, True))
        for day, name in days.items()
        if day.year not in known and day not in held
    ]
    if new:
        SpecialDay.objects.bulk_create(new, batch_size=500)
        _trace(actor, "rules.calendar_seed", len(new), {"years": sorted({row.day.year for row in new})})
    return len(new)


@transaction.atomic
def day_save(*, actor: Actor, day: SpecialDay) -> SpecialDay:
    """Store a new or changed day.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese, by field.
    """
    _check(actor)
    held = SpecialDay.objects.select_for_update().filter(pk=day.pk).first() if day.pk else None
    day.source = SpecialDay.Source.STAFF
    day.full_clean(validate_unique=day._state.adding)
    before = [held.working, held.name] if held else None
    day.save()
    _trace(actor, "rules.day_save", 1, {"day": day.day, "before": before, "after": [day.working, day.name]})
    return day


@transaction.atomic
def days_save(*, actor: Actor, day: SpecialDay, until: date) -> SpecialDay:
    """Store a new day and those that follow it up to another; days that are there already stay as they are.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese, by field.
    """
    days = (until - day.day).days
    if not 0 <= days < MOST_DAYS:
        raise ValidationError({"until": f"应在起始日期之后，连同起始日至多{MOST_DAYS}天"})
    first = day_save(actor=actor, day=day)
    following = [day.day + timedelta(days=n) for n in range(1, days + 1)]
    held = set(SpecialDay.objects.filter(day__in=following).values_list("day", flat=True))
    for each in following:
        if each not in held:
            day_save(actor=actor, day=SpecialDay(day=each, working=day.working, name=day.name))
    return first


@transaction.atomic
def day_remove(*, actor: Actor, day: date) -> None:
    """Let a day follow the week again.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    """
    _check(actor)
    if SpecialDay.objects.filter(day=day).delete()[0]:
        _trace(actor, "rules.day_remove", 1, {"day": day})


def _check(actor: Actor) -> None:
    if not may_change_rules(actor):
        raise Forbidden("工作日历对全市生效，须由负责全市任务的人员或系统管理员修改")


def _trace(actor: Actor, action: str, count: int, detail: dict[str, object]) -> None:
    audit_append(actor=actor, action=action, scope=CITY, count=count, chain=CITY, detail=detail)
