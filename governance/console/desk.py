"""The desk of a centre or station (办件窗口): its queue, one case, the receipt for the resident."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.policy import may_read
from governance.access.requests import actor_of
from governance.console.desk_area import desk_area, desk_choice
from governance.contract.asks import MATERIALS
from governance.contract.casework import STATES, STATION_STEPS
from governance.records.codes import book
from governance.records.files.errors import FileMissing, FileWaiting
from governance.records.registry.values import local
from governance.records.rows import Held
from governance.tasks.cases.desk import CaseUnknown, Wish, station_step
from governance.tasks.cases.selectors import case_at_desk, queue, queue_counts
from governance.tasks.cases.sheet import Sheet, case_file, sheet_of, sheet_trace, takers_of_steps
from governance.tasks.cases.writing import case_get
from governance.tasks.centres.queues import queue_tasks
from governance.tasks.centres.selectors import stands_at
from governance.tasks.models import ProxyService, Station
from gridmap.naming import grid_names

_PURPOSE = "代办件办理"
_PAGE = 50
_LATE = "late"


def queue_page(request: HttpRequest) -> HttpResponse:
    """Show the cases that lie at the user's desks."""
    actor = clerk_of(request, _PURPOSE)
    today = timezone.localdate()
    chosen = request.GET.get("state", "")
    area = desk_area(request, actor)
    rows = queue(actor, [chosen] if chosen in STATES else (), area)
    if chosen == _LATE:
        rows = rows.filter(due_on__lt=today)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    counts = queue_counts(actor, today, area)
    context = {
        **admin.site.each_context(request),
        "title": "办件窗口",
        **desk_choice(actor, area),
        "states": [(count.state, STATES[count.state], count.number) for count in counts],
        "late": sum(count.overdue for count in counts),
        "chosen": chosen,
        "tasks": queue_tasks(actor, area).count(),
        "lines": _lines(page.object_list, today),
        "page": page,
    }
    return TemplateResponse(request, "console/desk.html", context)


def case_page(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show a case; take a step with it, or show its values in full for a reason."""
    actor = clerk_of(request, _PURPOSE)
    if request.method == "POST" and "reveal" not in request.POST:
        return _step(request, actor, case)
    return _shown(request, actor, case)


def _shown(request: HttpRequest, actor: Actor, case: UUID, *, refused: bool = False) -> HttpResponse:
    """Show a case; where a step was refused, with what was put in for it."""
    held, whole = _held(actor, case), False
    if request.method == "POST" and not refused:
        actor, whole = revealing(request, actor)
    sheet = sheet_of(held, whole=whole)
    sheet_trace(actor, sheet, "cases.reveal" if whole else "cases.read")
    known = book()
    context = {
        **admin.site.each_context(request),
        "title": sheet.service.label,
        "sheet": sheet,
        "values": held.values,
        "whole": whole,
        "state": STATES[str(held.values["state"])],
        "grid": grid_names({held.grid}).get(held.grid, held.grid),
        "consent_at": _moment(held, "consent_at"),
        "missing": _names(held.values.get("missing"), known.get(MATERIALS, {})),
        "materials": [(line.material, line.label) for line in sheet.papers],
        "steps": _offered(sheet),
        "history": _history(sheet),
        "typed": request.POST,
        "ticked": request.POST.getlist("missing"),
    }
    return TemplateResponse(request, "console/case.html", context)


@require_GET
def file_page(request: HttpRequest, case: UUID, file: UUID) -> HttpResponse:
    """Give a photo of a material, or a signature."""
    actor = clerk_of(request, _PURPOSE)
    try:
        served = case_file(actor, _held(actor, case), file, thumb="thumb" in request.GET)
    except (FileMissing, FileWaiting) as error:
        raise Http404(error.reason) from error
    return HttpResponse(served.data, content_type=served.media_type)


@require_GET
def receipt_page(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show the receipt that the resident gets: to be printed, and naming him no more than he needs."""
    actor = actor_of(request, _PURPOSE)
    held = case_get(case)
    if held is None or not _may_receipt(actor, held):
        raise Http404
    try:
        sheet = sheet_of(held, whole=False)
    except CaseUnknown as error:
        raise Http404(error.reason) from error
    sheet_trace(actor, sheet, "cases.receipt")
    station = Station.objects.filter(pk=str(held.values.get("station") or "")).first()
    context = {
        "sheet": sheet,
        "values": held.values,
        "state": STATES[str(held.values["state"])],
        "station": station,
        "printed": local(timezone.now().isoformat()),
        "consent_at": _moment(held, "consent_at"),
        "papers": [line for line in sheet.papers if line.id],
    }
    return TemplateResponse(request, "console/receipt.html", context)


def clerk_of(request: HttpRequest, purpose: str) -> Actor:
    """Give who asks, for a purpose; only who handles what comes to a desk may.

    Raises
    ------
    PermissionDenied
    """
    actor = actor_of(request, purpose)
    if not actor.can("handle_cases"):
        raise PermissionDenied
    return actor


def revealing(request: HttpRequest, actor: Actor) -> tuple[Actor, bool]:
    """Give who asks to see all in full, for the reason he gave; and whether he gave one."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, "查看完整信息须写明理由")
    return actor.for_purpose(f"{actor.purpose}：{reason[:60]}"), bool(reason)


def _held(actor: Actor, case: UUID) -> Held:
    try:
        return case_at_desk(actor, case)
    except CaseUnknown as error:
        raise Http404(error.reason) from error


def _may_receipt(actor: Actor, held: Held) -> bool:
    if may_read(actor, "case", held.grid) and actor.can("read_records"):
        return True
    at_desk = actor.can("handle_cases")
    return at_desk and stands_at(actor, str(held.values.get("station") or ""))


def _step(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponse:
    wish = Wish(
        request.POST.get("step", ""),
        note=request.POST.get("note", "").strip(),
        reference=request.POST.get("reference", "").strip(),
        missing=request.POST.getlist("missing"),
    )
    try:
        held = station_step(actor=actor, case=case, wish=wish)
    except CaseUnknown as error:
        raise Http404(error.reason) from error
    except Refused as error:
        messages.error(request, error.reason)
        return _shown(request, actor, case, refused=True)
    messages.success(
        request, f"已{STATION_STEPS[wish.step].label}，现为“{STATES[str(held.values['state'])]}”"
    )
    if stands_at(actor, str(held.values.get("station") or "")):
        return redirect(reverse("admin:desk_case", args=[case]))
    return redirect(reverse("admin:desk"))


def _lines(rows: Any, today: Any) -> list[dict[str, Any]]:
    found = list(rows)
    labels = dict(ProxyService.objects.values_list("code", "label"))
    names = grid_names({row.grid for row in found}) if found else {}
    stations = dict(Station.objects.filter(pk__in={row.station for row in found}).values_list("code", "name"))
    return [
        {
            "url": reverse("admin:desk_case", args=[row.pk]),
            "number": row.number,
            "service": labels.get(row.service, row.service),
            "state": STATES.get(row.state, row.state),
            "due_on": row.due_on,
            "late": row.due_on is not None and row.due_on < today,
            "grid": names.get(row.grid, row.grid),
            "station": stations.get(row.station, row.station),
        }
        for row in found
    ]


def _offered(sheet: Sheet) -> list[dict[str, Any]]:
    """Give the steps that lead on from here, those that only a department takes left out."""
    state = str(sheet.held.values["state"])
    decided_above = sheet.service.department is not None
    hidden = {"approve", "refuse"} if decided_above else {"file"}
    return [
        {"name": name, "label": step.label, "reason": step.reason}
        for name, step in STATION_STEPS.items()
        if state in step.before and name not in hidden
    ]


def _history(sheet: Sheet) -> list[dict[str, str]]:
    people = takers_of_steps(sheet)
    return [
        {
            "at": local(step.at.isoformat()),
            "side": step.get_side_display(),
            "by": people[step.version],
            "after": STATES.get(step.after, step.after),
            "note": step.note,
        }
        for step in sheet.steps
    ]


def _moment(held: Held, name: str) -> str:
    value = held.values.get(name)
    return local(str(value)) if value else ""


def _names(codes: object, known: Any) -> str:
    listed = codes if isinstance(codes, list) else []
    return "、".join(known[code].label if code in known else str(code) for code in listed)
