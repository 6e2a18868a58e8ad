"""Splitting and merging grids in the console (网格调整): looked at first, then done."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from governance.access.actor import Actor
from governance.contract import KINDS
from governance.records.registry.purpose import staff_actor
from governance.records.services.reshape import (
    Preview,
    merge_do,
    merge_preview,
    split_do,
    split_preview,
)
from gridmap.models import Grid
from gridmap.services import MapError

MOST_POINTS = 500
_POST_KINDS = {"main": "主责", "stand_in": "代班"}


def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what may be done with a grid; with a form sent, what it would bring, or do it."""
    actor = staff_actor(request)
    if not actor.can("manage_system"):
        raise PermissionDenied
    grid = Grid.objects.filter(code=code, valid_to=None).select_related("community").first()
    if grid is None:
        raise Http404
    shown: dict[str, Any] = {"line": request.POST.get("line", ""), "name": request.POST.get("name", "")}
    if request.method == "POST":
        try:
            if request.POST.get("sure") == "1":
                return _do(request, actor, grid)
            shown["preview"] = _told(_preview(request, actor, grid))
        except MapError as error:
            messages.error(request, str(error))
    chosen = set(request.POST.getlist("with"))
    beside = Grid.objects.filter(community=grid.community, valid_to=None).exclude(code=code).order_by("code")
    context = {
        **admin.site.each_context(request),
        **shown,
        "title": f"调整{grid}",
        "grid": grid,
        "act": request.POST.get("act", ""),
        "beside": [(row.code, row.name, row.code in chosen) for row in beside],
        "drawn": reverse("admin:map_grid", args=[code]),
    }
    return TemplateResponse(request, "console/reshape.html", context)


def _preview(request: HttpRequest, actor: Actor, grid: Grid) -> Preview:
    if request.POST.get("act") == "merge":
        return merge_preview(actor=actor, codes=_codes(request, grid), name=request.POST.get("name", ""))
    return split_preview(actor=actor, code=grid.code, line=_line(request))


def _do(request: HttpRequest, actor: Actor, grid: Grid) -> HttpResponse:
    if request.POST.get("act") == "merge":
        made = [merge_do(actor=actor, codes=_codes(request, grid), name=request.POST.get("name", "").strip())]
    else:
        made = split_do(actor=actor, code=grid.code, line=_line(request))
    names = "、".join(str(each) for each in made)
    messages.success(request, f"已调整为{names}；记录和岗位随即迁入，终端下次同步时更新")
    return redirect(reverse("admin:gridmap_grid_change", args=[made[0].code]))


def _codes(request: HttpRequest, grid: Grid) -> list[str]:
    return [grid.code, *(code for code in request.POST.getlist("with") if code != grid.code)]


def _line(request: HttpRequest) -> list[tuple[float, float]]:
    """Read the cutting line: a point a line, longitude and latitude."""
    points = []
    for text in request.POST.get("line", "").replace("，", ",").splitlines()[:MOST_POINTS]:
        if not text.strip():
            continue
        lon, _, lat = text.partition(",")
        try:
            points.append((float(lon), float(lat)))
        except ValueError:
            raise MapError(f"“{text[:40]}”不是“经度,纬度”") from None
    if not points:
        raise MapError("请在地图上点出分割线")
    return points


def _told(preview: Preview) -> dict[str, Any]:
    return {
        "grids": [(grid.code, grid.name, preview.households.get(grid.code, 0)) for grid in preview.grids],
        "moves": [(KINDS[kind].label, to, number) for (kind, to), number in sorted(preview.moves.items())],
        "posts": [
            (str(each.post.worker), each.post.grid, each.grid, _POST_KINDS[each.kind])
            for each in preview.posts
        ],
    }
