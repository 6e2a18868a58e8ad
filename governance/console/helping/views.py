"""What a volunteer opens on his telephone (志愿者页面): his tasks, one of them, and nothing beside."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.requests import actor_of
from governance.tasks.centres.helping import (
    OUTCOMES,
    help_phone,
    help_report,
    help_take,
    help_task,
    help_tasks,
)
from governance.tasks.centres.reporting import TaskElsewhere

_PURPOSE = "志愿服务"
_ACTS: dict[str, str] = {"take": "已接下", "report": "已报告，谢谢"}


class SignIn(LoginView):
    """Sign in; failures count like everywhere."""

    template_name = "console/help_login.html"
    next_page = "help"


class NewPassword(PasswordChangeView):
    """Choose a password of one's own."""

    template_name = "console/help_password.html"
    success_url = reverse_lazy("help")


@never_cache
def tasks_page(request: HttpRequest) -> HttpResponse:
    """List the volunteer's tasks."""
    actor = _volunteer(request)
    if isinstance(actor, HttpResponse):
        return actor
    return TemplateResponse(request, "console/help.html", {"tasks": help_tasks(actor)})


@never_cache
def task_page(request: HttpRequest, task: UUID) -> HttpResponse:
    """Show a task; take it, see its telephone number, report on it."""
    actor = _volunteer(request)
    if isinstance(actor, HttpResponse):
        return actor
    phone = None
    try:
        if request.method == "POST":
            if request.POST.get("act") != "phone":
                return _act(request, actor, task)
            phone = help_phone(actor, task)
        return _shown(request, actor, task, phone)
    except TaskElsewhere as error:
        raise Http404(error.reason) from error
    except Refused as error:
        messages.error(request, error.reason)
        return redirect(reverse("help_task", args=[task]))


def _shown(request: HttpRequest, actor: Actor, task: UUID, phone: str | None = None) -> HttpResponse:
    """Show a task; what was put in for a report that was refused stays."""
    outcomes = list(OUTCOMES.items())
    context = {"task": help_task(actor, task), "phone": phone, "outcomes": outcomes, "typed": request.POST}
    return TemplateResponse(request, "console/help_task.html", context)


def _act(request: HttpRequest, actor: Actor, task: UUID) -> HttpResponse:
    act = request.POST.get("act", "")
    doing: dict[str, Callable[[], Any]] = {
        "take": lambda: help_take(actor=actor, id_=task),
        "report": lambda: help_report(
            actor=actor,
            id_=task,
            outcome=request.POST.get("outcome", ""),
            note=request.POST.get("note", ""),
        ),
    }
    if act not in doing:
        raise Http404
    try:
        doing[act]()
    except TaskElsewhere:
        raise
    except Refused as error:
        if act != "report":
            raise
        messages.error(request, error.reason)
        return _shown(request, actor, task)
    messages.success(request, _ACTS[act])
    return redirect(reverse("help_task", args=[task]) if act == "take" else reverse("help"))


def _volunteer(request: HttpRequest) -> Actor | HttpResponse:
    """Give the volunteer who asks, or where he has to go first."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('help_login')}?next={request.path}")
    if getattr(request.user, "must_change_password", False):
        return redirect(reverse("help_password"))
    actor = actor_of(request, _PURPOSE)
    if not actor.can("help_out"):
        raise PermissionDenied
    return actor
