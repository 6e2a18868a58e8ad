"""Visit plans in the console (走访计划): one register at a time, behind its right, each page with a trace."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.console.dashboard import area_levels
from governance.contract import KINDS
from governance.records.codes import book
from governance.records.registry.areas import area_clean
from governance.records.registry.labels import place, short
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.records.registry.traces import list_trace
from governance.tasks.models.plans import REGISTERS
from governance.tasks.plans.schedule import Visited
from governance.tasks.plans.selectors import last_visits
from governance.tasks.plans.standing import Due, people_due
from gridmap.naming import grid_names

_PER_PAGE = 50
_DUE = {Due.LATE: "已逾期", Due.WEEK: "七天内", Due.ALL: "全部"}


def page(request: HttpRequest) -> HttpResponse:
    """Show whose visit is due in the chosen register and area."""
    actor = staff_actor(request)
    registers = {name: label for name, label in REGISTERS.items() if name in actor.rights}
    if not actor.can("plan_tasks") or not registers:
        raise PermissionDenied
    register = request.GET.get("register", "")
    register = register if register in registers else next(iter(registers))
    missing = purpose_missing(request, register)
    if missing is not None:
        return missing
    area = area_clean(request.GET.get("area", ""), actor.scope)
    due = Due(request.GET["due"]) if request.GET.get("due") in set(Due) else Due.LATE
    rows = people_due(actor, register, area, due, timezone.localdate())
    shown = Paginator(rows, _PER_PAGE).get_page(request.GET.get("p"))
    found = list(shown.object_list)
    list_trace(actor, KINDS[register], found, area, {"for": "visits"})
    kept = {"register": register, "due": due.value}
    context = {
        **admin.site.each_context(request),
        "title": "走访计划",
        "rows": _rows(found),
        "page": shown,
        "further": "?" + urlencode({**kept, "area": area}),
        "levels": area_levels(actor, area, kept),
        "registers": [(name, label, _query(area, name, due)) for name, label in registers.items()],
        "register": register,
        "dues": [(name, label, _query(area, register, name)) for name, label in _DUE.items()],
        "due": due,
    }
    return TemplateResponse(request, "console/visit_plans.html", context)


def _query(area: str, register: str, due: Due) -> str:
    return "?" + urlencode({"register": register, "due": due.value, "area": area})


def _rows(found: list[Any]) -> list[dict[str, Any]]:
    """Give the lines: person masked, door, level, days; three queries for all of them."""
    today = timezone.localdate()
    names = grid_names({row.grid for row in found})
    visits: dict[Any, Visited] = last_visits({row.person_id for row in found}, today) if found else {}
    levels = book().get("care_level", {})
    lines = []
    for row in found:
        late = (today - row.next_visit_on).days if row.next_visit_on else 0
        level = levels.get(row.care_level or "")
        lines.append(
            {
                "who": short(row.person),
                "door": place(row.person),
                "where": names.get(row.grid, row.grid),
                "level": level.label if level else "未定",
                "next": row.next_visit_on,
                "late": max(late, 0),
                "last": visits[row.person_id].day if row.person_id in visits else None,
                "url": reverse(f"admin:records_{row._meta.model_name}_change", args=[row.pk]),
            }
        )
    return lines
