"""The console's pages for giving tasks out (派发、改派、撤回)."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden, Refused
from governance.records.registry.labels import joins, place
from governance.records.registry.late import is_late
from governance.records.registry.purpose import purpose_missing
from governance.records.registry.writes import uuid_of
from governance.tasks.cycle.forms import MakeForm, household_grid
from governance.tasks.cycle.services import AT_ONCE, Acted, errands_of, tasks_assign, tasks_take_back
from governance.tasks.cycle.takers import Errand, Taker, taker_named, takers_for, takers_named
from governance.tasks.models import Task
from gridmap.naming import grid_names

_LIST = "admin:tasks_task_changelist"
_MOST = 20
_SHOWN = 20
_ASKING = ("photo", "signature", "materials", "fields_asked")
_TITLES = {"give": "改派任务", "take_back": "撤回任务"}


def make_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form of a new task, or make it."""
    missing = purpose_missing(request, "household") if actor.may_read("household") else None
    if missing is not None:
        return missing
    form = MakeForm(actor, request.POST) if request.method == "POST" else MakeForm(actor)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "已派发，承办人的平板随即收到")
        return redirect(reverse(_LIST))
    context = {**admin.site.each_context(request), "title": "派发任务", "form": form}
    return TemplateResponse(request, "console/task_make.html", context)


def act_page(
    request: HttpRequest, actor: Actor, chosen: "QuerySet[Task]", act: str, *, pick: bool = False
) -> HttpResponse | None:
    """Ask to whom or why, then act on the chosen tasks; None leads back to the list.

    With ``pick`` the tasks are offered to be ticked, at most as many as one act takes.
    """
    if pick and request.method == "POST":
        chosen = chosen.filter(pk__in=_uuids(request.POST.getlist("_selected_action")))
    most = AT_ONCE if pick else AT_ONCE + 1
    doors = joins("task") if actor.may_read("household") else ()
    chosen = chosen.select_related(None).select_related(*doors) if doors else chosen.select_related(None)
    tasks = list(chosen.order_by("grid", "due_on", "id")[:most])
    if request.POST.get("sure") == "1":
        _act(request, actor, tasks, act)
        return None
    listed: list[Any] = tasks if pick else tasks[:_SHOWN]
    names = grid_names({task.grid for task in listed})
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _TITLES[act],
        "act": act,
        "tasks": tasks,
        "pick": pick,
        "doors": bool(doors),
        "lines": [_line(task, names, doors=bool(doors)) for task in listed],
    }
    return TemplateResponse(request, "console/task_act.html", context)


def _line(task: Any, names: dict[str, str], *, doors: bool) -> dict[str, Any]:
    """Say of a task what tells it from others of its kind."""
    return {
        "id": task.pk,
        "title": task.title,
        "door": place(task.household) if doors else "",
        "grid": names.get(task.grid, task.grid),
        "due_on": task.due_on,
        "late": is_late(task),
    }


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
    _told(request, acted, "改派" if act == "give" else "撤回", len(ids) - acted.done)


def _told(request: HttpRequest, acted: Acted, word: str, left: int) -> None:
    if acted.done:
        messages.success(request, f"已{word}{acted.done}项任务")
    if acted.refused:
        many = f"{left}项" if left else ""
        messages.warning(request, f"{many}没有{word}：{'；'.join(acted.refused)}")


def takers_page(request: HttpRequest, actor: Actor) -> JsonResponse:
    """Give who may take what is being given out and fits ``q``, as a search expects it.

    ``_selected_action`` names tasks; else ``household`` or ``grid`` the place of a new one; with ``any=1``
    names are looked for in the whole area, for rules, or who ``id`` is.
    Answers ``{"choices": [{"id", "text"}], "more": bool}``.
    """
    words, day = request.POST.get("q", "").split(), timezone.localdate()
    try:
        named = request.POST.get("id", "")
        if request.GET.get("any") == "1":
            found = [taker_named(actor, named)] if named else takers_named(actor, words, day, _MOST)
        else:
            errands = _errands(request, actor)
            found = [each for each in takers_for(actor, errands, day) if _fits(each, words)]
    except Forbidden as error:
        raise PermissionDenied(error.reason) from error
    shown = [{"id": each.assignee, "text": each.text} for each in found[:_MOST]]
    return JsonResponse({"choices": shown, "more": len(found) > _MOST})


def _errands(request: HttpRequest, actor: Actor) -> list[Errand]:
    """Read what the form says: the chosen tasks, or a new one's place and whether it asks anything."""
    if chosen := _uuids(request.POST.getlist("_selected_action")):
        return errands_of(actor, chosen[:AT_ONCE])
    household = _uuids([request.POST.get("household", "")])
    grid = household_grid(actor, household[0]) if household else request.POST.get("grid", "")
    asked = any(request.POST.getlist(name) for name in _ASKING)
    return [Errand(grid, "photo" if asked else "")] if grid else []


def _uuids(texts: list[str]) -> list[UUID]:
    return [found for text in texts if (found := uuid_of(text))]


def _fits(taker: Taker, words: list[str]) -> bool:
    return all(word in taker.text or word in taker.assignee for word in words)
