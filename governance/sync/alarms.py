"""Tablets that someone must look after (终端告警)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, TextChoices
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Device
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.contract.wire import PROTOCOL
from governance.sync.models import DeviceRule
from governance.sync.versions import OLDEST

MOST_DAYS = 90


class Alarm(TextChoices):
    """Why a tablet is told of."""

    SILENT = "silent", "失联且有未上传"
    REVOKED = "revoked", "停用且有未上传"
    VERSION = "version", "版本太旧或太新"
    CLOCK = "clock", "时钟不准"


@dataclass(frozen=True, slots=True)
class Alarmed:
    """One tablet and why it is told of."""

    device: Device
    alarm: Alarm


def rule() -> DeviceRule:
    """Give what the administrators set, or the defaults."""
    return DeviceRule.objects.filter(pk=1).first() or DeviceRule(pk=1)


def of_alarm(rows: QuerySet[Device], alarm: Alarm) -> QuerySet[Device]:
    """Leave those tablets that an alarm is about."""
    held = rule()
    unsent = Q(state__unsent__gt=0) | Q(state__files__gt=0)
    active = Q(revoked_at=None)
    minutes = held.clock_minutes * 60
    return rows.filter(
        {
            Alarm.SILENT: active & unsent & ~Q(last_seen_at__gte=silent_since(held)),
            Alarm.REVOKED: ~active & unsent,
            Alarm.VERSION: active & (Q(state__protocol__lt=OLDEST) | Q(state__protocol__gt=PROTOCOL)),
            Alarm.CLOCK: active & (Q(state__skew__gt=minutes) | Q(state__skew__lt=-minutes)),
        }[alarm]
    )


def silent(rows: QuerySet[Device]) -> QuerySet[Device]:
    """Leave active tablets that were not heard of for long, whatever they still hold."""
    return rows.filter(revoked_at=None).exclude(last_seen_at__gte=silent_since(rule()))


def silent_since(held: DeviceRule) -> datetime:
    """Give the moment before which a last contact counts as silence."""
    return timezone.now() - timedelta(days=held.silent_days)


def alarms(rows: QuerySet[Device]) -> list[Alarmed]:
    """Give all alarms about the tablets, the gravest first."""
    found = []
    for alarm in Alarm:
        chosen = of_alarm(rows, alarm).select_related("worker", "state").order_by("last_seen_at", "pk")
        found += [Alarmed(device, alarm) for device in chosen]
    return found


@transaction.atomic
def rule_set(*, actor: Actor, silent_days: int, clock_minutes: int) -> DeviceRule:
    """Change from when tablets are told of.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform or its accounts.
    NotPossible
        Numbers out of bounds.
    """
    if not actor.can("manage_system") and not actor.can("manage_accounts"):
        raise Forbidden("您的角色没有此项权限")
    if not 1 <= silent_days <= MOST_DAYS or clock_minutes < 1:
        raise NotPossible(f"天数应为1到{MOST_DAYS}，分钟数至少为1")
    values = {"silent_days": silent_days, "clock_minutes": clock_minutes}
    held, _ = DeviceRule.objects.update_or_create(pk=1, defaults=values)
    audit_append(actor=actor, action="devices.rule", chain=CITY, detail=values)
    return held
