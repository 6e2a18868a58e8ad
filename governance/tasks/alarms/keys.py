"""Alarm sources, their keys and call devices: made, changed, put out of use; each leaves its trace."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.policy import check_can, check_scope
from governance.access.scope import Scope
from governance.access.services.keys import outside_key_find, outside_key_make, outside_key_void
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.contract.numbers import normalise
from governance.records.codes import book
from governance.records.outside import KeyUnknown
from governance.tasks.alarms.placing import person_spot
from governance.tasks.models import AlarmKey, AlarmSource, CallDevice, Makes


@transaction.atomic
def source_save(*, actor: Actor, source: AlarmSource) -> AlarmSource:
    """Store a source's settings.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    ValidationError
        In Chinese, by field.
    """
    check_can(actor, "manage_system")
    source.full_clean(validate_unique=source._state.adding)
    if not (source.area.isascii() and source.area.isdigit() and len(source.area) >= len("4205")):
        raise ValidationError({"area": "应为4至15位区划或网格编码的前几位"})
    known = book().get("event_category", {}).get(source.event_category)
    if source.makes == Makes.EVENT and (known is None or known.retired):
        raise ValidationError({"event_category": "生成事件时必填，且应在代码表中"})
    source.save()
    _trace(actor, "alarms.source", {"source": source.code, "enabled": source.enabled, "area": source.area})
    return source


@transaction.atomic
def alarm_key_issue(*, actor: Actor, source: AlarmSource, name: str = "") -> tuple[AlarmKey, str]:
    """Give a source a new key, and its text, which cannot be shown again.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    key, text = outside_key_make(actor=actor, model=AlarmKey, name=name, source=source)
    _trace(actor, "alarms.key_issue", {"key": key.pk, "source": source.code})
    return key, text


@transaction.atomic
def alarm_key_revoke(*, actor: Actor, key: AlarmKey) -> AlarmKey:
    """Make a key void at once; one revoked already stays as it is.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    if outside_key_void(actor=actor, key=key):
        _trace(actor, "alarms.key_revoke", {"key": key.pk, "source": key.source_id})
    return key


def alarm_key_authenticate(text: str) -> AlarmKey:
    """Give the key that a text is, with its source: one query, and a write at most once a minute.

    Raises
    ------
    KeyUnknown
        No such key, revoked, or its source is out of use.
    """
    key = outside_key_find(AlarmKey.objects.select_related("source").filter(source__enabled=True), text)
    if key is None:
        raise KeyUnknown("密钥无效或已停用")
    return key


def actor_for_source(source: AlarmSource, address: str) -> Actor:
    """Give the actor for a source's system: it reports within its area and reads nothing."""
    return Actor(
        user_id=None,
        username=f"alarm:{source.code}",
        device_id=None,
        source=source.code,
        scope=Scope(frozenset(), (source.area,)),
        rights=frozenset(),
        purpose="外部告警接入",
        address=address,
        read_only=True,
        sees_people=False,
    )


@transaction.atomic
def device_bind(*, actor: Actor, source: AlarmSource, number: str, citizen_number: str) -> CallDevice:
    """Enter in whose home a call device stands.

    Raises
    ------
    Forbidden
        Without the ability ``place_alarms``, or where the home is not in the actor's area.
    ValidationError
        Where there is no such person, or the device is entered elsewhere.
    """
    check_can(actor, "place_alarms")
    spot = person_spot(source, citizen_number=normalise(citizen_number))
    if spot is None or not actor.scope.covers(spot.grid):
        raise ValidationError({"citizen_number": "您的服务范围内没有这个人"})
    device = CallDevice(
        source=source, number=number.strip(), subject_kind="person", subject=str(spot.subject)
    )
    device.grid, device.bound_at, device.bound_by_id = spot.grid, timezone.now(), actor.user_id
    device.full_clean()
    device.save()
    _device_trace(actor, "alarms.device_bind", device)
    return device


@transaction.atomic
def device_remove(*, actor: Actor, device: CallDevice) -> CallDevice:
    """Enter that a call device was taken away; one removed already stays as it is.

    Raises
    ------
    Forbidden
        Without the ability ``place_alarms``, or where its home is not in the actor's area.
    """
    check_can(actor, "place_alarms")
    check_scope(actor, device.grid)
    changed = CallDevice.objects.filter(pk=device.pk, removed_at=None).update(removed_at=timezone.now())
    device.refresh_from_db()
    if changed:
        _device_trace(actor, "alarms.device_remove", device)
    return device


def _device_trace(actor: Actor, action: str, device: CallDevice) -> None:
    audit_append(
        actor=actor,
        action=action,
        kind=device.subject_kind,
        subject=UUID(device.subject),
        scope=device.grid,
        detail={"source": device.source_id, "number": device.number},
        chain=device.grid,
    )


def _trace(actor: Actor, action: str, detail: dict[str, object]) -> None:
    audit_append(actor=actor, action=action, kind="alarm", scope=CITY, detail=detail, chain=CITY)
