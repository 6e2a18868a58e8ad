"""The workbench (工作台): what the user's area holds, what is due, what waits; counted by the database."""

import datetime
import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import Device
from governance.access.selectors import posts_active
from governance.console.navigation import navigation
from governance.contract import KINDS
from governance.events.models import Event
from governance.records.codes import book
from governance.records.models import Contested, Inbox, model_of
from governance.records.registry.areas import LEVELS, area_clean, grid_names, in_area, root_of, steps
from governance.records.registry.columns import tag
from governance.records.registry.inbox import inbox_of
from governance.records.registry.purpose import staff_actor
from governance.records.registry.values import code_label, local
from governance.tasks.models import Task
from gridmap.models import Division

COUNTED = (
    ("person", "实有人口", "人", "person"),
    ("household", "家庭户", "户", "family_home"),
    ("building", "楼栋", "栋", "apartment"),
    ("organisation", "组织与场所", "家", "storefront"),
)
"""Kinds on the tiles: name, label, unit, icon."""

SILENT_DAYS = 3
_KEPT_SECONDS = 60
_NEWEST = 6
_DONE = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by code of the level below the area: kind (or ``open``, ``overdue``) → code → number."""

    by_code: dict[str, dict[str, int]]

    def total(self, name: str) -> int:
        """Add one column up."""
        return sum(self.by_code.get(name, {}).values())


def dashboard(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    """Give the workbench's context; nothing in it names a person."""
    actor = staff_actor(request)
    area = area_clean(request.GET.get("area", ""), actor.scope)
    kinds = [entry for entry in COUNTED if _open(site, request, model_of(entry[0]))]
    with_tasks = _open(site, request, Task)
    context: dict[str, Any] = {
        "links": [group for group in navigation(request)[1:]],
        "counted": bool(kinds) or with_tasks,
        "waiting": _waiting(site, request, actor, area),
        "events": _events(site, request, actor, area),
        "events_url": reverse("admin:events_event_changelist") if _open(site, request, Event) else "",
    }
    if kinds or with_tasks:
        context |= _counted(actor, area, kinds, with_tasks)
    return context


def _open(site: AdminSite, request: HttpRequest, model: Any) -> bool:
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def _counted(actor: Actor, area: str, kinds: list[tuple[str, ...]], with_tasks: bool) -> dict[str, Any]:
    inner = max(area, root_of(actor.scope), key=len)
    digits = next((size for size in LEVELS if size > len(inner)), 15)
    names = [entry[0] for entry in kinds]
    figures = figures_of(actor, area, digits, names, with_tasks)
    query = f"?area={area}" if area else ""
    tiles = [
        {
            "label": label,
            "value": figures.total(name),
            "unit": unit,
            "icon": icon,
            "url": reverse(f"admin:records_{name}_changelist") + query,
        }
        for name, label, unit, icon in kinds
    ]
    return {
        "tiles": tiles,
        "tasks": _tasks(figures, query) if with_tasks else None,
        "columns": [label for _, label, _, _ in kinds],
        "rows": _rows(figures, digits, kinds, with_tasks),
        "row_label": LEVELS[digits],
        "levels": _levels(actor, area),
        "area": area,
    }


def figures_of(actor: Actor, area: str, digits: int, kinds: list[str], with_tasks: bool) -> Figures:
    """Count what lies in the area by codes of ``digits`` digits: one query a kind; kept for a minute."""
    mark = repr((sorted(actor.scope.grids), actor.scope.prefixes, area, digits, kinds, with_tasks))
    key = f"dashboard:{hashlib.sha256(mark.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        within = actor.scope.q() & in_area(area) & Q(deleted=False, closed_on=None)
        kept = {name: _count(model_of(name), within, digits) for name in kinds}
        if with_tasks:
            kept |= _count_tasks(within, digits, timezone.localdate())
        cache.set(key, kept, _KEPT_SECONDS)
    return Figures(kept)


def _count(model: Any, within: Q, digits: int) -> dict[str, int]:
    rows = model.objects.filter(within).order_by().annotate(code=Substr("grid", 1, digits))
    return dict(rows.values("code").annotate(n=Count("pk")).values_list("code", "n"))


def _count_tasks(within: Q, digits: int, day: datetime.date) -> dict[str, dict[str, int]]:
    since = timezone.now() - datetime.timedelta(days=_DONE)
    rows = Task.objects.filter(within).order_by().annotate(code=Substr("grid", 1, digits)).values("code")
    waiting = Q(state="open")
    counted = rows.annotate(
        open=Count("pk", filter=waiting & (Q(opens_on=None) | Q(opens_on__lte=day))),
        overdue=Count("pk", filter=waiting & Q(due_on__lt=day)),
        done=Count("pk", filter=Q(state="done", done_at__gte=since)),
    )
    found: dict[str, dict[str, int]] = {"open": {}, "overdue": {}, "done": {}}
    for row in counted:
        for name, column in found.items():
            column[row["code"]] = row[name]
    return found


def _tasks(figures: Figures, query: str) -> dict[str, Any]:
    base = reverse("admin:tasks_task_changelist")
    return {
        "open": figures.total("open"),
        "overdue": figures.total("overdue"),
        "done": figures.total("done"),
        "url": f"{base}{query or '?'}{'&' if query else ''}state=open",
        "all": base + query,
    }


def _rows(
    figures: Figures, digits: int, kinds: list[tuple[str, ...]], with_tasks: bool
) -> list[dict[str, Any]]:
    columns = [entry[0] for entry in kinds]
    codes = sorted({code for column in figures.by_code.values() for code in column})
    names = _names(codes, digits)
    found = []
    for code in codes:
        cells = [
            (figures.by_code[name].get(code, 0), f"{reverse(f'admin:records_{name}_changelist')}?area={code}")
            for name in columns
        ]
        tasks = [figures.by_code[name].get(code, 0) for name in ("open", "overdue")] if with_tasks else []
        found.append(
            {
                "name": names.get(code, code),
                "url": f"?area={code}" if digits < max(LEVELS) else "",
                "cells": cells,
                "tasks": tasks,
            }
        )
    return found


def _names(codes: list[str], digits: int) -> dict[str, str]:
    if digits == max(LEVELS):
        return grid_names(set(codes))
    return dict(Division.objects.filter(code__in=codes).values_list("code", "name"))


def _levels(actor: Actor, area: str) -> list[dict[str, Any]]:
    return [
        {
            **asdict(step),
            "options": [
                (f"?area={to}" if to else "?", name, code == step.chosen)
                for code, name, to in (
                    ("", f"全部{step.label}", step.above),
                    *((c, n, c) for c, n in step.options),
                )
            ],
        }
        for step in steps(actor.scope, area)
    ]


def _waiting(site: AdminSite, request: HttpRequest, actor: Actor, area: str) -> list[dict[str, Any]]:
    """Count what waits for someone: one query each."""
    found = []
    within = actor.scope.q() & in_area(area)
    if _open(site, request, Contested):
        kinds = [name for name in KINDS if actor.may_read(name)]
        number = Contested.objects.filter(within, settled_at=None, kind__in=kinds).count()
        found.append(_wait("待核值", number, "rule", reverse("admin:records_contested_changelist")))
    if _open(site, request, Inbox):
        number = inbox_of(request).filter(status="rejected").count()
        address = reverse("admin:records_inbox_changelist") + "?status=rejected"
        found.append(_wait("未采纳的报送", number, "inbox", address))
    if _open(site, request, Device):
        since = timezone.now() - datetime.timedelta(days=SILENT_DAYS)
        rows = Device.objects.filter(revoked_at=None).exclude(last_seen_at__gte=since)
        if not actor.can("manage_accounts"):
            rows = rows.filter(worker__in=posts_active().filter(within).values("worker"))
        address = reverse("admin:access_device_changelist")
        found.append(_wait(f"{SILENT_DAYS}天未同步的终端", rows.count(), "tablet_android", address))
    return found


def _wait(label: str, number: int, icon: str, url: str) -> dict[str, Any]:
    return {"label": label, "number": number, "icon": icon, "url": url}


def _events(site: AdminSite, request: HttpRequest, actor: Actor, area: str) -> list[dict[str, Any]]:
    if not _open(site, request, Event):
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
