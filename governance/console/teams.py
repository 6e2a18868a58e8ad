"""Giving tasks to a team (派给队伍): what volunteers may be given, chosen from a list."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.errors import Refused
from governance.access.requests import actor_of
from governance.records.registry.labels import place
from governance.tasks.centres.giving import TEAM
from governance.tasks.centres.helping import fit_for, team_assign
from governance.tasks.models import Team

_PURPOSE = "派给队伍"
_MOST = 200


def page(request: HttpRequest, team: int) -> HttpResponse:
    """List the tasks that a team may be given; give it those that were ticked."""
    actor = actor_of(request, _PURPOSE)
    if not (actor.can("plan_tasks") and request.user.has_perm("tasks.view_task")):
        raise PermissionDenied
    found = Team.objects.select_related("division").filter(pk=team).first()
    if found is None or not actor.scope.covers_prefix(found.division_id):
        raise Http404
    if request.method == "POST":
        return _give(request, found)
    rows = list(fit_for(found).filter(actor.scope.q())[: _MOST + 1])
    context = {
        **admin.site.each_context(request),
        "title": f"派给{found.name}",
        "team": found,
        "lines": [_line(row, f"{TEAM}{found.pk}") for row in rows[:_MOST]],
        "more": len(rows) > _MOST,
    }
    return TemplateResponse(request, "console/team_tasks.html", context)


def _give(request: HttpRequest, team: Team) -> HttpResponse:
    here = redirect(reverse("admin:team_tasks", args=[team.pk]))
    try:
        ids = [UUID(each) for each in request.POST.getlist("task")[:_MOST]]
        acted = team_assign(
            actor=actor_of(request, _PURPOSE),
            team=team,
            tasks=ids,
            note=request.POST.get("note", "").strip()[:200],
            day=timezone.localdate(),
        )
    except ValueError:
        messages.error(request, "任务编号不对")
        return here
    except Refused as error:
        messages.error(request, error.reason)
        return here
    messages.success(request, f"已派给{team.name} {acted.done} 项")
    for reason in dict.fromkeys(acted.refused):
        messages.warning(request, reason)
    return here


def _line(row: Any, mine: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "door": place(row.household),
        "due_on": row.due_on,
        "mine": row.assignee == mine,
    }
