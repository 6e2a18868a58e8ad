"""The tasks at a centre's or station's desk (窗口任务): the queue, one task, what the desk does with it."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.console.desk import clerk_of, revealing
from governance.console.desk_area import desk_area, desk_choice
from governance.contract.asks import MATERIALS
from governance.contract.kinds.task_states import STATE_LABELS
from governance.contract.masking import masked, masked_name
from governance.events.models import Event
from governance.records.codes import book
from governance.records.registry.labels import place
from governance.tasks.centres.event_state import KIND
from governance.tasks.centres.giving import STATION
from governance.tasks.centres.pictures import asks_photos
from governance.tasks.centres.queues import (
    STEPS,
    DeskWish,
    desk_step,
    desk_trace,
    documents_of,
    others_for,
    person_of,
    queue_tasks,
    task_at_desk,
)
from governance.tasks.centres.reporting import TaskElsewhere
from governance.tasks.models import Station
from gridmap.naming import grid_names

_PURPOSE = "窗口任务办理"
_PAGE = 50


def queue_page(request: HttpRequest) -> HttpResponse:
    """Show the tasks at the user's desks."""
    actor = clerk_of(request, _PURPOSE)
    area = desk_area(request, actor)
    page = Paginator(queue_tasks(actor, area), _PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "窗口任务",
        **desk_choice(actor, area),
        "lines": _lines(list(page.object_list)),
        "page": page,
    }
    return TemplateResponse(request, "console/desk_tasks.html", context)


def task_page(request: HttpRequest, task: UUID) -> HttpResponse:
    """Show a task; take a step with it, or show name and telephone number in full for a reason."""
    actor = clerk_of(request, _PURPOSE)
    if request.method == "POST" and "reveal" not in request.POST:
        return _step(request, actor, task)
    return _shown(request, actor, task)


def _shown(request: HttpRequest, actor: Actor, task: UUID, *, refused: bool = False) -> HttpResponse:
    """Show a task; where a step was refused, with what was put in for it."""
    row, whole = _row(actor, task), False
    if request.method == "POST" and not refused:
        actor, whole = revealing(request, actor)
    desk_trace(actor, row, "desk.reveal" if whole else "desk.read")
    materials = book().get(MATERIALS, {})
    context = {
        **admin.site.each_context(request),
        "title": row.title,
        "task": row,
        "state": STATE_LABELS.get(row.state, row.state),
        "door": place(row.household),
        "grid": grid_names({row.grid}).get(row.grid, row.grid),
        "who": _who(row, whole=whole),
        "whole": whole,
        "event": _event(row),
        "documents": [
            (code, materials[code].label if code in materials else code) for code in documents_of(row)
        ],
        "asks_photos": asks_photos(row),
        "others": others_for(row),
        "steps": [
            (name, words) for name, words in STEPS.items() if name != "take" or row.accepted_at is None
        ],
        "reasoned": ("refuse", "back"),
        "typed": request.POST,
        "ticked": request.POST.getlist("materials"),
    }
    return TemplateResponse(request, "console/desk_task.html", context)


def _row(actor: Actor, task: UUID) -> Any:
    try:
        return task_at_desk(actor, task)
    except TaskElsewhere as error:
        raise Http404(error.reason) from error


def _step(request: HttpRequest, actor: Actor, task: UUID) -> HttpResponse:
    sent = request.POST
    wish = DeskWish(
        sent.get("step", ""),
        sent.get("note", ""),
        sent.get("to", ""),
        tuple(sent.getlist("materials")),
        tuple(request.FILES.getlist("photos")),
    )
    try:
        desk_step(actor=actor, id_=task, wish=wish, day=timezone.localdate())
    except TaskElsewhere as error:
        raise Http404(error.reason) from error
    except Refused as error:
        messages.error(request, error.reason)
        return _shown(request, actor, task, refused=True)
    messages.success(request, f"已{STEPS[wish.step]}")
    stays = wish.step == "take"
    return redirect(reverse("admin:desk_task", args=[task]) if stays else reverse("admin:desk_tasks"))


def _who(row: Any, *, whole: bool) -> dict[str, str]:
    person = person_of(row)
    if person is None:
        return {}
    name, phone = person.name or "", person.phone or ""
    return {
        "name": name if whole else masked_name(name),
        "phone": phone if whole or not phone else masked(person.contract.by_name["phone"], phone),
    }


def _event(row: Any) -> dict[str, str]:
    if row.subject_kind != KIND or not row.subject:
        return {}
    found: Any = Event.objects.filter(pk=row.subject, deleted=False).first()
    if found is None:
        return {}
    return {"address": found.address or "", "description": found.description or ""}


def _lines(rows: list[Any]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    names = grid_names({row.grid for row in rows}) if rows else {}
    codes = {str(row.assignee).removeprefix(STATION) for row in rows}
    stations = dict(Station.objects.filter(pk__in=codes).values_list("code", "name"))
    return [
        {
            "url": reverse("admin:desk_task", args=[row.pk]),
            "title": row.title,
            "item": row.item,
            "state": "已受理" if row.accepted_at is not None else STATE_LABELS.get(row.state, row.state),
            "urgent": row.priority == "3",
            "due_on": row.due_on,
            "late": row.due_on is not None and row.due_on < today,
            "grid": names.get(row.grid, row.grid),
            "station": stations.get(str(row.assignee).removeprefix(STATION), ""),
        }
        for row in rows
    ]
