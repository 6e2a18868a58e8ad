"""Supervision in the console (督导): progress by area and by item, work to level, questions that wait."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.requests import actor_of
from governance.console.dashboard import area_levels, area_names
from governance.records.codes import book
from governance.records.registry.areas import LEVELS, area_clean, digits_below, in_area, looked_at
from governance.tasks.cycle.pages import act_page
from governance.tasks.models import Question
from governance.tasks.oversight.progress import Progress, progress_by_area, progress_by_item
from governance.tasks.oversight.selectors import questions_seen
from governance.tasks.oversight.workload import tasks_of, workload
from gridmap.naming import grid_names

_PURPOSE = "督导检查"
_DAYS = 30
_MOST_DAYS = 366
_MOST_WORKERS = 200
TABS = {"area": "分区域", "item": "分事项", "work": "工作量", "ask": "走访疑问"}


def page(request: HttpRequest) -> HttpResponse:
    """Show one of the tabs for an area and the days tasks were due in."""
    actor = actor_of(request, _PURPOSE)
    if not actor.can("plan_tasks"):
        raise PermissionDenied
    area = area_clean(request.GET.get("area", ""), actor.scope)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "area"
    today = timezone.localdate()
    days = _days(request, today)
    shown: dict[str, Any] = {
        "area": lambda: _by_area(actor, area, days, today),
        "item": lambda: _by_item(actor, area, days, today),
        "work": lambda: _work(actor, area, today),
        "ask": lambda: _asked(actor, area),
    }[tab]()
    first, last = days
    context = {
        **admin.site.each_context(request),
        **shown,
        "title": "督导",
        "tab": tab,
        "tabs": [(name, label, _query(area, days, name)) for name, label in TABS.items()],
        "levels": area_levels(actor, area, {"tab": tab, "from": first.isoformat(), "to": last.isoformat()}),
        "area": area,
        "first": first.isoformat(),
        "last": last.isoformat(),
    }
    return TemplateResponse(request, "console/supervision.html", context)


def _days(request: HttpRequest, today: date) -> tuple[date, date]:
    """Read the due days looked at: the last thirty where the address names none that make sense."""
    last = _day(request.GET.get("to", "")) or today
    first = _day(request.GET.get("from", "")) or last - timedelta(days=_DAYS)
    if not 0 <= (last - first).days <= _MOST_DAYS:
        return today - timedelta(days=_DAYS), today
    return first, last


def _day(text: str) -> date | None:
    """Read a day that days can be counted from, either way."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None


def _query(area: str, days: tuple[date, date], tab: str) -> str:
    first, last = days
    return "?" + urlencode({"area": area, "tab": tab, "from": first.isoformat(), "to": last.isoformat()})


def _by_area(actor: Actor, area: str, days: tuple[date, date], today: date) -> dict[str, Any]:
    digits = digits_below(looked_at(area, actor.scope))
    found = progress_by_area(actor, area, digits, days, today)
    names = area_names([each.key[0] for each in found], digits)
    rows = []
    for each in found:
        (code,) = each.key
        to = _query(code, days, "area") if digits < max(LEVELS) else _query(code, days, "item")
        rows.append({"name": names.get(code, code), "url": to, **_numbers(each)})
    return {"rows": rows, "row_label": LEVELS[digits], "total": _total(found)}


def _by_item(actor: Actor, area: str, days: tuple[date, date], today: date) -> dict[str, Any]:
    found = progress_by_item(actor, area, days, today)
    origins = book().get("task_origin", {})
    rows = []
    for each in found:
        origin, item = each.key
        said = origins[origin].label if origin in origins else "—"
        rows.append({"name": f"{said} · {item}", "url": "", **_numbers(each)})
    return {"rows": rows, "row_label": "来源与事项", "total": _total(found)}


def _numbers(each: Progress) -> dict[str, Any]:
    return {
        "due": f"{each.due:,}",
        "done": f"{each.done:,}",
        "rate": _share(each.done, each.due),
        "in_time": _share(each.in_time, each.done),
        "early": f"{each.early:,}",
        "overdue": f"{each.overdue:,}",
        "returned": f"{each.returned:,}",
        "attempts": f"{each.attempts:,}",
        "took": "—" if each.hours is None else took_text(each.hours),
    }


def _total(found: list[Progress]) -> dict[str, Any]:
    summed = Progress(
        (),
        *(sum(getattr(each, name) for each in found) for name in _SUMMED),
    )
    return _numbers(summed)


_SUMMED = ("due", "done", "in_time", "overdue", "returned", "early", "attempts")


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole else "—"


def took_text(hours: float) -> str:
    """Say how long something took: hours up to two days, then days."""
    return f"{hours:.0f}小时" if hours < 48 else f"{hours / 24:.1f}天"


def _work(actor: Actor, area: str, today: date) -> dict[str, Any]:
    loads = workload(actor, area, today)
    shown = loads[:_MOST_WORKERS]
    names = grid_names({grid for load in shown for grid in load.grids})
    rows = [
        {
            **asdict(load),
            "where": "、".join(names.get(grid, grid) for grid in load.grids),
            "url": reverse("admin:supervision_worker", args=[load.username]),
        }
        for load in shown
    ]
    return {"loads": rows, "left_off": len(loads) - len(shown)}


def worker_page(request: HttpRequest, username: str) -> HttpResponse:
    """Show the open tasks of a worker to be ticked and given to somebody else; then the workload again."""
    actor = actor_of(request, _PURPOSE)
    if not actor.can("plan_tasks"):
        raise PermissionDenied
    rows = tasks_of(actor, username, timezone.localdate())
    back = reverse("admin:supervision") + "?tab=work"
    return act_page(request, actor, rows, "give", pick=True) or redirect(back)


def _asked(actor: Actor, area: str) -> dict[str, Any]:
    rows = questions_seen(actor).filter(in_area(area))
    waiting = rows.filter(state__in=(Question.State.OPEN, Question.State.ANSWERED))
    newest = list(waiting.order_by("-day", "id")[:100])
    names = grid_names({row.grid for row in newest})
    questions = [
        {
            "day": row.day,
            "worker": row.worker.get_full_name(),
            "where": names.get(row.grid, row.grid),
            "sign": row.get_sign_display(),
            "detail": row.detail,
            "state": row.get_state_display(),
            "answer": row.answer,
            "url": reverse("admin:tasks_question_change", args=[row.pk]),
        }
        for row in newest
    ]
    return {"questions": questions, "all": reverse("admin:tasks_question_changelist")}
