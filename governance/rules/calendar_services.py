"""Writing the working-day calendar (工作日历): seeded with the State Council's days, changed by staff."""

from datetime import date

from chinese_calendar.constants import Holiday, holidays, workdays
from django.db import transaction

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.rules.calendar import working_days
from governance.rules.models import SpecialDay
from governance.rules.services import may_change_rules

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
