"""The console's pages for giving tasks out (派发、改派、撤回)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.records.registry.purpose import purpose_missing
from governance.tasks.centres.giving import STATION, TEAM, takers_of
from governance.tasks.cycle.forms import MakeForm
from governance.tasks.cycle.people import USER, holders_of
from governance.tasks.cycle.services import AT_ONCE, Acted, tasks_assign, tasks_take_back
from governance.tasks.models import Task

_LIST = "admin:tasks_task_changelist"
_TITLES = {"give": "改派任务", "take_back": "撤回任务"}


def make_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form of a new task, or make it."""
    missing = purpose_missing(request, "household")
    if missing is not None:
        return missing
    form = MakeForm(actor, request.POST) if request.method == "POST" else MakeForm(actor)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "已派发，承办人的平板随即收到")
        return redirect(reverse(_LIST))
    context = {**admin.site.each_context(request), "title": "派发任务", "form": form}
    return TemplateResponse(request, "console/task_make.html", context)


def act_page(request: HttpRequest, actor: Actor, chosen: "QuerySet[Task]", act: str) -> HttpResponse | None:
    """Ask to whom or why, then act on the chosen tasks; None leads back to the list."""
    tasks = list(chosen.select_related(None).order_by("grid", "due_on", "id")[: AT_ONCE + 1])
    if request.POST.get("sure") == "1":
        _act(request, actor, tasks, act)
        return None
    holders = holders_of({task.grid for task in tasks}, timezone.localdate()) if act == "give" else {}
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _TITLES[act],
        "act": act,
        "tasks": tasks,
        "people": _people(holders),
        "takers": _takers(tasks) if act == "give" else [],
    }
    return TemplateResponse(request, "console/task_act.html", context)


def _act(request: HttpRequest, actor: Actor, tasks: list[Task], act: str) -> None:
    ids, note, day = [task.pk for task in tasks], request.POST.get("note", "").strip(), timezone.localdate()
    try:
        if act == "give":
            assignee = request.POST.get("assignee", "")
            acted = tasks_assign(actor=actor, tasks=ids, assignee=assignee, note=note[:500], day=day)
        else:
            acted = tasks_take_back(actor=actor, tasks=ids, reason=note[:500], day=day)
    except Refused as error:
        messages.error(request, error.reason)
        return
    _told(request, acted, "改派" if act == "give" else "撤回")


def _told(request: HttpRequest, acted: Acted, word: str) -> None:
    if acted.done:
        messages.success(request, f"已{word}{acted.done}项任务")
    for reason in acted.refused:
        messages.warning(request, f"没有{word}：{reason}")


def _people(holders: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Give everybody with a post at one of the grids, with how many of the grids he serves."""
    names: dict[str, str] = {}
    for people in holders.values():
        names |= people
    served = {name: sum(name in people for people in holders.values()) for name in names}
    more = {
        name: f"，{served[name]}个网格" if len(holders) > 1 else ""
        for name in sorted(names, key=lambda name: (-served[name], name))
    }
    return [(f"{USER}{name}", f"{names[name]}{words}") for name, words in more.items()]


def _takers(tasks: list[Task]) -> list[tuple[str, str]]:
    """Give the stations and teams that serve the tasks' grids."""
    takers = takers_of({task.grid for task in tasks})
    found = [(f"{STATION}{code}", row.name) for code, row in takers.stations.items()]
    return found + [(f"{TEAM}{number}", f"{row.name}（队伍）") for number, row in takers.teams.items()]
