"""The workbench (工作台): what the user's area holds, what is due, what waits; counted by the database."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from governance.access.actor import Actor
from governance.console.figures import Figures, figures_of
from governance.console.navigation import navigation
from governance.console.waiting import newest_events, opens, waiting
from governance.events.models import Event
from governance.records.models import model_of
from governance.records.registry.areas import LEVELS, area_clean, digits_below, looked_at, steps
from governance.records.registry.purpose import staff_actor
from governance.tasks.models import Task
from gridmap.divisions import short_name
from gridmap.models import Division
from gridmap.naming import grid_names

COUNTED = (
    ("person", "实有人口", "人", "person"),
    ("household", "家庭户", "户", "family_home"),
    ("building", "楼栋", "栋", "apartment"),
    ("organisation", "组织与场所", "家", "storefront"),
)
"""Kinds on the tiles: name, label, unit, icon."""


def dashboard(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    """Give the workbench's context; nothing in it names a person."""
    actor = staff_actor(request)
    area = area_clean(request.GET.get("area", ""), actor.scope)
    kinds = [entry for entry in COUNTED if opens(site, request, model_of(entry[0]))]
    with_tasks = opens(site, request, Task)
    context: dict[str, Any] = {
        "links": navigation(request)[1:],
        "counted": bool(kinds) or with_tasks,
        "waiting": waiting(site, request, actor, area),
        "events": newest_events(site, request, actor, area),
        "events_url": reverse("admin:events_event_changelist") if opens(site, request, Event) else "",
    }
    if kinds or with_tasks:
        context |= _counted(actor, area, kinds, with_tasks)
    return context


def _counted(
    actor: Actor, area: str, kinds: list[tuple[str, str, str, str]], with_tasks: bool
) -> dict[str, Any]:
    digits = digits_below(looked_at(area, actor.scope))
    names = [entry[0] for entry in kinds]
    figures = figures_of(actor, area, digits, names, with_tasks)
    query = f"?area={area}" if area else ""
    tiles = [
        {
            "label": label,
            "value": f"{figures.total(name):,}",
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
        "levels": area_levels(actor, area),
        "area": area,
    }


def _tasks(figures: Figures, query: str) -> dict[str, Any]:
    base = reverse("admin:tasks_task_changelist")
    chosen = f"{base}{query}{'&' if query else '?'}"
    return {
        "open": f"{figures.total('open'):,}",
        "overdue": f"{figures.total('overdue'):,}",
        "done": f"{figures.total('done'):,}",
        "url": f"{chosen}late=0",
        "late": f"{chosen}late=1",
        "all": f"{chosen}state=done",
    }


def _rows(
    figures: Figures, digits: int, kinds: list[tuple[str, str, str, str]], with_tasks: bool
) -> list[dict[str, Any]]:
    columns = [entry[0] for entry in kinds]
    codes = sorted({code for column in figures.by_code.values() for code in column})
    names = area_names(codes, digits)
    found = []
    for code in codes:
        cells = [
            (
                f"{figures.by_code[name].get(code, 0):,}",
                f"{reverse(f'admin:records_{name}_changelist')}?area={code}",
            )
            for name in columns
        ]
        tasks = ("open", "overdue") if with_tasks else ()
        found.append(
            {
                "name": names.get(code, code),
                "url": f"?area={code}" if digits < max(LEVELS) else "",
                "cells": cells,
                "tasks": [f"{figures.by_code[name].get(code, 0):,}" for name in tasks],
            }
        )
    return found


def area_names(codes: list[str], digits: int) -> dict[str, str]:
    """Give what people call areas whose codes have ``digits`` digits: one query."""
    if digits == max(LEVELS):
        return grid_names(set(codes))
    rows = Division.objects.filter(code__in=codes).values_list("code", "name")
    return {code: short_name(name) for code, name in rows}


def area_levels(actor: Actor, area: str, kept: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Give the choices of an area step by step, each with the query that leads there: two queries.

    Parameters
    ----------
    actor : Actor
    area : str
        Code looked at.
    kept : mapping, optional
        What else the addresses carry along.
    """

    def query(to: str) -> str:
        return "?" + urlencode({**({"area": to} if to else {}), **(kept or {})})

    return [
        {
            **asdict(step),
            "options": [
                (query(to), name, code == step.chosen)
                for code, name, to in (
                    ("", f"全部{step.label}", step.above),
                    *((c, n, c) for c, n in step.options),
                )
            ],
        }
        for step in steps(actor.scope, area)
    ]
