"""What waits for someone (待办): differences, reports not taken, silent tablets, new events."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import Device
from governance.access.selectors import posts_active
from governance.events.models import Event
from governance.records.codes import book
from governance.records.models import Inbox
from governance.records.registry.areas import in_area
from governance.records.registry.columns import tag
from governance.records.registry.inbox import inbox_of
from governance.records.registry.values import code_label, local
from governance.rules.models import RuleVersion, VersionState
from governance.rules.services import may_change_rules
from governance.sync.alarms import Alarm, of_alarm, rule, silent
from governance.tasks import models
from governance.tasks.alarms.selectors import alarms_in, unanswered
from governance.tasks.cases.selectors import AT_DESK, queue
from governance.tasks.centres.queues import queue_tasks
from governance.tasks.items.selectors import admissions_waiting
from governance.tasks.models import Admission, Escalation, Question
from governance.tasks.oversight.selectors import questions_seen
from governance.tasks.plans.reports import escalations_seen
from governance.verify.models import Difference
from governance.verify.selectors import differences_open
from gridmap.naming import grid_names

_NEWEST = 6


def opens(site: AdminSite, request: HttpRequest, model: Any) -> bool:
    """Whether a model's pages are open to the user."""
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def waiting(site: AdminSite, request: HttpRequest, actor: Actor, area: str) -> list[dict[str, Any]]:
    """Count what waits for someone: one query each.

    Parameters
    ----------
    site : AdminSite
    request : HttpRequest
    actor : Actor
    area : str
        Code of the area looked at, "" for all that the actor serves.
    """
    found = _at_desk(actor)
    within = actor.scope.q() & in_area(area)
    if opens(site, request, Difference):
        number = differences_open(actor).filter(in_area(area)).count()
        found.append(_wait("待核定差异", number, "rule", reverse("admin:verify_difference_changelist")))
    if may_change_rules(actor):
        number = (
            RuleVersion.objects.filter(state=VersionState.PROPOSED).exclude(made_by=actor.user_id).count()
        )
        address = reverse("admin:rules_rule_changelist") + f"?waiting={VersionState.PROPOSED.value}"
        found.append(_wait("待同意的规则", number, "how_to_vote", address))
    found += _from_outside(site, request, actor, area)
    if opens(site, request, Inbox):
        number = inbox_of(request).filter(in_area(area), status="rejected", settled_at=None).count()
        address = reverse("admin:records_inbox_changelist") + "?status=rejected&settled=no"
        found.append(_wait("未采纳的报送", number, "inbox", address))
    if opens(site, request, Escalation):
        number = escalations_seen(actor).filter(in_area(area), state=Escalation.State.OPEN).count()
        address = reverse("admin:tasks_escalation_changelist") + "?state__exact=open"
        found.append(_wait("走访上报", number, "priority_high", address))
    if opens(site, request, Question):
        waits = (Question.State.OPEN, Question.State.ANSWERED)
        number = questions_seen(actor).filter(in_area(area), state__in=waits).count()
        found.append(_wait("走访疑问", number, "help", reverse("admin:supervision") + "?tab=ask"))
    if opens(site, request, Device):
        rows = Device.objects.all()
        if not actor.can("manage_accounts"):
            rows = rows.filter(worker__in=posts_active().filter(within).values("worker"))
        address = reverse("admin:access_device_changelist")
        number = of_alarm(rows, Alarm.SILENT).count()
        found.append(_wait("失联且有未上传的终端", number, "cloud_off", f"{address}?alarm=silent"))
        label = f"{rule().silent_days}天未同步的终端"
        found.append(_wait(label, silent(rows).count(), "tablet_android", f"{address}?alarm=quiet"))
    return found


def _from_outside(site: AdminSite, request: HttpRequest, actor: Actor, area: str) -> list[dict[str, Any]]:
    """Count what departments ask and what alarms nobody has answered."""
    found = []
    if opens(site, request, Admission):
        number = admissions_waiting(actor)
        address = reverse("admin:tasks_admission_changelist")
        found.append(_wait("待准入的部门事项", number, "approval", address))
    if opens(site, request, models.Alarm):
        number = unanswered(alarms_in(actor).filter(in_area(area)), timezone.now()).count()
        address = reverse("admin:tasks_alarm_changelist") + "?waiting=yes"
        found.append(_wait("待处置的外部告警", number, "sos", address))
    return found


def _at_desk(actor: Actor) -> list[dict[str, Any]]:
    """Count what lies at the user's desks and waits for him."""
    if not actor.can("handle_cases"):
        return []
    number = queue(actor, AT_DESK).count()
    tasks = queue_tasks(actor).count()
    return [
        _wait("窗口待办的代办件", number, "desk", reverse("admin:desk")),
        _wait("窗口待办的任务", tasks, "task_alt", reverse("admin:desk_tasks")),
    ]


def _wait(label: str, number: int, icon: str, url: str) -> dict[str, Any]:
    return {"label": label, "number": number, "icon": icon, "url": url}


def newest_events(site: AdminSite, request: HttpRequest, actor: Actor, area: str) -> list[dict[str, Any]]:
    """Give the newest events; titles name the matter, never a person."""
    if not opens(site, request, Event):
        return []
    rows = Event.objects.filter(actor.scope.q() & in_area(area), deleted=False).order_by("-created_at")
    newest = list(rows[:_NEWEST])
    names, known = grid_names({row.grid for row in newest}) if newest else {}, book()
    found = []
    for row in newest:
        fields: Any = row
        kind = row.contract.by_name
        state = code_label(kind["state"], fields.state or "", known)
        found.append(
            {
                "title": fields.title or code_label(kind["category"], fields.category or "", known),
                "where": names.get(row.grid, row.grid),
                "time": local(row.created_at.isoformat()),
                "state": tag(state, "warn" if fields.state == "reported" else ""),
                "url": reverse("admin:events_event_change", args=[row.pk]),
            }
        )
    return found
