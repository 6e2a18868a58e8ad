"""Taking alarms in (告警接入): each once, never lost, at the door as soon as it is committed.

An alarm that nothing helps to place is kept and waits for staff, who place it by hand or say why nobody is
sent; what its caller said is kept only until then.
"""

import logging
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.policy import check_can, check_scope
from governance.access.scope import Scope
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, Change, Problem, Status, check
from governance.contract.kinds.task_states import OPEN_STATES
from governance.contract.numbers import normalise
from governance.feed.services import heads_lock
from governance.records.codes import book
from governance.records.outside import Conflict, Invalid
from governance.records.services.apply import changes_apply
from governance.records.services.follow_map import grids_follow_map
from governance.records.succession import map_followed
from governance.tasks.alarms.placing import Spot, person_spot, spot_of
from governance.tasks.alarms.reading import Report
from governance.tasks.models import Alarm, AlarmSource, AlarmState, Makes, Task
from governance.tasks.offers import tasks_offer
from governance.tasks.wanted import Wanted
from gridmap.locate import map_now

_EVENTS = UUID("8f0d3a52-6a7b-5d4e-9b1c-420500000119")
_PURPOSE = "外部告警处置"
_URGENT = "3"
_SAID = ("reporter_name", "reporter_phone", "address")

logger = logging.getLogger(__name__)


def alarm_take(*, actor: Actor, source: AlarmSource, report: Report, day: date) -> tuple[Alarm, bool]:
    """Take an alarm in; the same again gives what became of the first, and whether it was new.

    Parameters
    ----------
    actor : Actor
        The source's.
    source : AlarmSource
    report : Report
    day : date
        Today, Asia/Shanghai.

    Raises
    ------
    Conflict
        Where another alarm came under this number.
    """
    if not map_followed():
        _map_follow(source, report)
    return _take(actor, source, report, day)


def _map_follow(source: AlarmSource, report: Report) -> None:
    """Let whom an alarm is about go where the map has his door by now; nobody is sent into a closed grid."""
    spot = spot_of(source, report)
    try:
        grids_follow_map([spot.grid] if spot is not None else [])
    except Exception:
        logger.exception("the records around alarm %s could not follow the map", report.number)


@transaction.atomic
def _take(actor: Actor, source: AlarmSource, report: Report, day: date) -> tuple[Alarm, bool]:
    now = timezone.now()
    new = Alarm(
        source=source,
        number=report.number,
        digest=report.digest,
        state=AlarmState.UNPLACED,
        raised_at=report.raised_at,
        received_at=now,
    )
    Alarm.objects.bulk_create([new], ignore_conflicts=True)
    alarm = Alarm.objects.select_for_update(of=("self",)).get(source=source, number=report.number)
    if alarm.pk != new.pk:
        if alarm.digest != report.digest:
            raise Conflict(f"编号“{report.number}”的告警已经收到过，内容不同")
        return alarm, False
    spot = spot_of(source, report)
    if spot is None:
        alarm.said = report.said()
    else:
        _send(alarm, report, spot, day)
    alarm.save()
    _trace(actor, "alarms.take", alarm)
    return alarm, True


@transaction.atomic
def alarm_place(*, actor: Actor, alarm: Alarm, day: date, grid: str = "", citizen_number: str = "") -> Alarm:
    """Send somebody for an alarm that could not be placed: to a person's door, or to a grid.

    Raises
    ------
    Forbidden
        Without the ability ``place_alarms``, or where the place is not in the actor's area.
    Conflict
        Where it was dealt with before.
    Invalid
        Where there is no such person in the source's area, or no such grid.
    """
    check_can(actor, "place_alarms")
    held = _waiting(alarm)
    if citizen_number:
        spot = person_spot(held.source, citizen_number=normalise(citizen_number))
        problem = Problem("citizen_number", "reference", "公民身份号码：服务区域内没有这个人")
    else:
        known = map_now().grid_exists(grid) and grid.startswith(held.source.area)
        spot = Spot(grid) if known else None
        problem = Problem("grid", "reference", "网格：没有这个网格，或不在来源的服务区域内")
    if spot is None:
        raise Invalid([problem])
    check_scope(actor, spot.grid)
    said = held.said or {}
    report = Report(number=held.number, digest=held.digest, raised_at=held.raised_at, **said)
    _send(held, report, spot, day)
    _settle(held, actor)
    _trace(actor, "alarms.place", held)
    return held


@transaction.atomic
def alarm_dismiss(*, actor: Actor, alarm: Alarm, reason: str) -> Alarm:
    """Say why nobody is sent for an alarm that could not be placed.

    Raises
    ------
    Forbidden
        Without the ability ``place_alarms``.
    Conflict
        Where it was dealt with before.
    Invalid
        Without a reason.
    """
    check_can(actor, "place_alarms")
    if not reason.strip():
        raise Invalid([Problem("reason", "required", "处理说明：必填")])
    held = _waiting(alarm)
    held.state, held.settled_reason = AlarmState.DISMISSED, reason.strip()[:200]
    _settle(held, actor)
    _trace(actor, "alarms.dismiss", held)
    return held


def _waiting(alarm: Alarm) -> Alarm:
    held = Alarm.objects.select_for_update(of=("self",)).select_related("source").get(pk=alarm.pk)
    if held.state != AlarmState.UNPLACED:
        raise Conflict(f"这条告警{held.get_state_display()}，不必再处理")
    return held


def _settle(alarm: Alarm, actor: Actor) -> None:
    alarm.settled_at, alarm.settled_by_id, alarm.said = timezone.now(), actor.user_id, None
    alarm.save()


def _send(alarm: Alarm, report: Report, spot: Spot, day: date) -> None:
    """Make the task or event; a repeated alarm joins the open task of the one before."""
    source = alarm.source
    alarm.grid, alarm.subject_kind = spot.grid, spot.subject_kind
    alarm.subject = str(spot.subject) if spot.subject else ""
    alarm.record_kind = source.makes
    joined = _open_task(alarm) if source.makes == Makes.TASK else None
    if joined is not None:
        alarm.state, alarm.record = AlarmState.JOINED, joined
        return
    alarm.state = AlarmState.PLACED
    if source.makes == Makes.TASK:
        alarm.record = _task(alarm, report, spot, day)
    else:
        alarm.record = _event(alarm, report, spot)


def _open_task(alarm: Alarm) -> UUID | None:
    """Give the open task of an alarm of the same subject that came shortly before."""
    source = alarm.source
    if not alarm.subject or not source.joins_minutes:
        return None
    heads_lock([alarm.grid])  # Whoever is just ending that task comes before: nobody would go to this one.
    first = alarm.received_at - timedelta(minutes=source.joins_minutes)
    rows = Alarm.objects.filter(source=source, subject=alarm.subject, received_at__gte=first)
    tasks = list(rows.filter(record_kind=Makes.TASK).exclude(record=None).values_list("record", flat=True))
    found = Task.objects.filter(pk__in=tasks, state__in=OPEN_STATES, deleted=False)
    return found.order_by("-created_at").values_list("pk", flat=True).first()


def _task(alarm: Alarm, report: Report, spot: Spot, day: date) -> UUID:
    source = alarm.source
    signal = f"（{report.signal}）" if report.signal else ""
    wanted = Wanted(
        occasion=f"alarm:{source.code}:{alarm.number}",
        origin="alarm",
        origin_ref=source.code,
        item=source.name,
        title=source.title,
        reason=f"{_clock(alarm)}收到{source.name}告警{signal}。{source.text}",
        priority=_URGENT,
        subject_kind=spot.subject_kind or None,
        subject=spot.subject,
        household=spot.household,
        grid=spot.grid,
        opens_on=day,
        due_on=day,
        lon=spot.lon,
        lat=spot.lat,
    )
    (offered,) = tasks_offer([wanted], day)
    if offered.problems:
        raise Invalid(offered.problems)
    return offered.task


def _event(alarm: Alarm, report: Report, spot: Spot) -> UUID:
    source = alarm.source
    values: dict[str, object] = {
        "category": report.category or source.event_category,
        "title": source.title,
        "description": report.text or f"{_clock(alarm)}收到{source.name}告警。{source.text}",
        "occurred_at": alarm.raised_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "address": report.address or None,
        "urgency": _URGENT,
        "reporter_name": report.caller_name or None,
        "reporter_phone": report.caller_phone or None,
        "grid": spot.grid,
    }
    if spot.lon is not None:
        values |= {"lon": spot.lon, "lat": spot.lat, "crs": "4490"}
    event = uuid5(_EVENTS, f"{source.code}:{alarm.number}")
    actor = replace(HUB, scope=Scope(frozenset({spot.grid})), purpose=_PURPOSE)
    change = Change(uuid5(event, "made"), "event", event, None, _fitting(values))
    (result,) = changes_apply(actor=actor, changes=[change], action="alarms.event")
    if result.status is Status.REJECTED:
        raise Invalid(result.errors)
    return event


def _fitting(values: dict[str, object]) -> dict[str, object]:
    """Move what a caller said that fits no field of its own into the description, so that nothing is lost."""
    given = {name: value for name, value in values.items() if value is not None}
    odd = {problem.field for problem in check(KINDS["event"], given, book(), by_hub=True).problems}
    told = [str(given.pop(name)) for name in _SAID if name in odd & given.keys()]
    return given | {"description": "；".join([str(given["description"]), *told])}


def _clock(alarm: Alarm) -> str:
    return timezone.localtime(alarm.raised_at).strftime("%m月%d日%H:%M")


def _trace(actor: Actor, action: str, alarm: Alarm) -> None:
    about = UUID(alarm.subject) if alarm.subject else None
    chain = alarm.grid or CITY
    detail = {"alarm": str(alarm.pk), "source": alarm.source_id, "state": alarm.state}
    audit_append(
        actor=actor,
        action=action,
        kind=alarm.subject_kind,
        subject=about,
        scope=alarm.grid,
        detail=detail,
        chain=chain,
    )
