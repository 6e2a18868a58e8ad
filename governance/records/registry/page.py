"""A record's page (记录页): form, sources, history, relations; a form that is sent is offered as a change."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from governance.access.actor import Actor
from governance.contract import Problem, Status, uuid7
from governance.records.codes import Lists, lists
from governance.records.registry.host import Host
from governance.records.registry.labels import joins, place, rows_of, short
from governance.records.registry.late import is_late
from governance.records.registry.lines import Drawing, Line, drawn_of, lines
from governance.records.registry.offered import offered
from governance.records.registry.photos import photos_lay
from governance.records.registry.purpose import PURPOSES
from governance.records.registry.sections import divided
from governance.records.registry.tabs import change_url, history, reference_names, related, sources
from governance.records.registry.traces import read_trace
from governance.records.registry.values import code_label
from governance.records.registry.writes import problems_of, save, say, target_of, uuid_of
from governance.records.rows import Held
from gridmap.naming import grid_names

TABS = {"base": "基本信息", "sources": "来源", "history": "历史", "related": "关联"}


def new_page(admin: Host, request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the form of a new record, or offer the record it was filled in with."""
    if request.method == "POST":
        return _save(admin, request, actor, None)
    given: dict[str, object] = {
        item.name: request.GET[item.name] for item in admin.kind.references if item.name in request.GET
    }
    return _answer(admin, request, actor, None, given, [])


def record_page(admin: Host, request: HttpRequest, actor: Actor, held: Held) -> HttpResponse:
    """Show a record, or offer the change that its form was sent with."""
    if request.method == "POST" and admin.has_change_permission(request):
        return _save(admin, request, actor, held)
    tab = request.GET.get("tab", "")
    read_trace(actor, held, "records.read", {"tab": tab if tab in TABS else "base"})
    return _answer(admin, request, actor, held, {}, [])


def _save(admin: Host, request: HttpRequest, actor: Actor, held: Held | None) -> HttpResponse:
    kind, values = admin.kind, whole(held) if held else None
    target = target_of(request, kind, uuid_of(held.id) if held else None)
    changed = offered(kind, request.POST, values or {})
    problems = problems_of(kind, changed, values)
    if not problems:
        result = save(actor, target, changed)
        if result.status is not Status.REJECTED:
            say(request, result)
            return redirect(admin.address("change", target.id))
        problems = result.errors
    return _answer(admin, request, actor, held, changed, problems)


def whole(held: Held) -> dict[str, object]:
    """Give a record's values with its grid, where the kind names one."""
    return {**held.values, "grid": held.grid} if "grid" in held.kind.by_name else dict(held.values)


def _answer(
    admin: Host,
    request: HttpRequest,
    actor: Actor,
    held: Held | None,
    sent: dict[str, object],
    problems: list[Problem],
) -> HttpResponse:
    known = lists()
    tab = request.GET.get("tab", "base") if held is not None and not problems else "base"
    context = {
        **admin.admin_site.each_context(request),
        **_head(admin, request, held),
        "tab": tab if tab in TABS else "base",
        "tabs": TABS.items(),
        "media": admin.media,
        "change": uuid7(),
    }
    names = reference_names(admin.kind, {**(whole(held) if held else {}), **sent})
    context |= _body(admin, request, actor, held, known, names, context["tab"], sent, problems)
    request.current_app = admin.admin_site.name
    return TemplateResponse(request, "console/record.html", context)


def _head(admin: Host, request: HttpRequest, held: Held | None) -> dict[str, Any]:
    kind = admin.kind
    head: dict[str, Any] = {"kind": kind, "list_url": admin.address("changelist"), "held": held}
    if held is None:
        return {**head, "title": f"新增{kind.label}", "name": f"新增{kind.label}"}
    row = rows_of(kind.name).select_related(*joins(kind.name)).get(pk=held.id)
    name = short(row)
    return {
        **head,
        "title": f"{kind.label} {name}",
        "name": name,
        "place": place(row) if place(row) != name else "",
        "grid": grid_names({held.grid}).get(held.grid, held.grid),
        "late": is_late(row),
        "page_url": change_url(row),
        "closed": held.values.get("closed_on"),
    }


def _body(
    admin: Host,
    request: HttpRequest,
    actor: Actor,
    held: Held | None,
    known: Lists,
    names: dict[str, str],
    tab: str,
    sent: dict[str, object],
    problems: list[Problem],
) -> dict[str, Any]:
    if held is not None and tab == "sources":
        return {"sources": sources(held, known.book, names)}
    if held is not None and tab == "history":
        return {"history": history(held, known.book)}
    if held is not None and tab == "related":
        return {"groups": related(admin.admin_site, request, actor, held)}
    return _form(admin, request, actor, held, known, names, sent, problems)


def _form(
    admin: Host,
    request: HttpRequest,
    actor: Actor,
    held: Held | None,
    known: Lists,
    names: dict[str, str],
    sent: dict[str, object],
    problems: list[Problem],
) -> dict[str, Any]:
    kind = admin.kind
    writable = admin.has_add_permission(request) if held is None else admin.has_change_permission(request)
    closed = held is not None and (held.deleted or held.values.get("closed_on") is not None)
    drawing = Drawing(kind, known.book, known.switched_on, names, writable and not closed)
    drawn = lines(drawing, whole(held) if held else {}, sent)
    if held is not None:
        photos_lay(actor, held, drawn, admin.address)
    general = _place_problems(drawn, problems)
    closing = known.book.get(kind.closing, {})
    reason = str(held.values.get("closed_reason", "")) if held else ""
    return {
        "sections": [(heading, [drawn[name] for name in names_]) for heading, names_ in divided(kind, drawn)],
        "drawn": drawn_of(drawn) if held is not None else "",
        "problems": general,
        "faulty": bool(problems),
        "writable": drawing.writable,
        "may_close": held is not None and drawing.writable and admin.closes,
        "may_reopen": closed and writable and held is not None and not held.deleted and admin.closes,
        "may_reveal": held is not None and actor.can("reveal_values"),
        "reveal_reasons": PURPOSES,
        "close_reasons": [(code.code, code.label) for code in closing.values() if not code.retired],
        "closed_reason": code_label(kind.by_name["closed_reason"], reason, known.book) if reason else "",
    }


def _place_problems(drawn: dict[str, Line], problems: list[Problem]) -> list[str]:
    """Put each problem at its line; give those that have none."""
    general = []
    for problem in problems:
        line = drawn.get(problem.field)
        if line is None:
            general.append(problem.reason)
        else:
            line.problem, line.open = problem.reason, True
    return general
