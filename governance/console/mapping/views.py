"""The map page and what it asks for (地图接口); everything is held to the user's area."""

from typing import Any

import shapely
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Min
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from governance.access.actor import Actor
from governance.console.mapping import layers
from governance.console.mapping import points as point_layers
from governance.records.registry.areas import area_clean, looked_at, steps
from governance.records.registry.purpose import staff_actor
from gridmap.drafts import polygon_from_wkb
from gridmap.models import Grid, GridKind
from gridmap.selectors import code_range, geometry_json

_MODELS = {"building": ("records", "building"), "event": ("events", "event"), "task": ("tasks", "task")}


def page(request: HttpRequest) -> HttpResponse:
    """Show the map."""
    actor = _actor(request)
    kinds = [kind for kind in _MODELS if _sees(request, kind)]
    area = area_clean(request.GET.get("area", ""), actor.scope)
    setup = {
        "box": _box(actor, area),
        "area": area,
        "layers": reverse("admin:map_layer", args=["LEVEL"]),
        "points": reverse("admin:map_points", args=["KIND"]),
        "areas": reverse("admin:map_areas"),
        "kinds": kinds,
        "people": reverse("admin:records_person_changelist") if actor.sees_people else "",
        "grid": reverse("admin:gridmap_grid_change", args=["CODE"]),
    }
    context = {**admin.site.each_context(request), "title": "一张图", "setup": setup, "is_fullwidth": True}
    return TemplateResponse(request, "console/map.html", context)


def areas(request: HttpRequest) -> JsonResponse:
    """Give the levels to choose from, and the box around the chosen area."""
    actor = _actor(request)
    area = area_clean(request.GET.get("area", ""), actor.scope)
    levels = [
        {"label": step.label, "options": step.options, "chosen": step.chosen, "above": step.above}
        for step in steps(actor.scope, area)
    ]
    return JsonResponse({"area": area, "levels": levels, "box": _box(actor, area)})


def layer(request: HttpRequest, level: str) -> HttpResponse:
    """Give boundaries of a level below the prefix ``in``."""
    actor = _actor(request)
    prefix = request.GET.get("in", "")
    fits = level in layers.TOLERANCES and len(prefix) == layers.PREFIXES[level]
    if not fits or (prefix and not (prefix.isascii() and prefix.isdigit())):
        raise Http404
    body, tag = layers.layer(level, prefix, actor.scope)
    if request.headers.get("If-None-Match") == tag:
        return _kept(HttpResponse(status=304), tag)
    response = HttpResponse(body, content_type="application/geo+json")
    response["Content-Encoding"] = "gzip"
    return _kept(response, tag)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def points(request: HttpRequest, kind: str) -> JsonResponse:
    """Give points of a kind in the box ``box=west,south,east,north``."""
    actor = _actor(request)
    if kind not in point_layers.READERS:
        raise Http404
    if not _sees(request, kind):
        raise PermissionDenied
    return JsonResponse(point_layers.points(kind, _box_of(request.GET.get("box", "")), actor))


def grid(request: HttpRequest, code: str) -> JsonResponse:
    """Give a grid's polygon with those of its neighbours; property ``self`` marks it."""
    _actor(request)
    model_admin = admin.site.get_model_admin(Grid)
    found = model_admin.get_queryset(request).filter(pk=code).first()
    if found is None:
        raise Http404
    near = Grid.objects.filter(
        valid_to=None, max_lon__gte=found.min_lon, min_lon__lte=found.max_lon, max_lat__gte=found.min_lat,
        min_lat__lte=found.max_lat,
    ).exclude(pk=code)  # fmt: skip
    mine = polygon_from_wkb(found.polygon)
    rows = [(found, mine, True)]
    for row in near:
        outline = polygon_from_wkb(row.polygon)
        if shapely.intersects(mine, outline):
            rows.append((row, outline, False))
    return JsonResponse({"type": "FeatureCollection", "features": [_drawn(*row) for row in rows]})


def _drawn(row: Grid, outline: Any, mine: bool) -> dict[str, Any]:
    facts = {"code": row.code, "name": row.name, "kind": GridKind(row.kind).label, "self": mine}
    facts |= {"label": [row.label_lon, row.label_lat], "households": row.households}
    return {"type": "Feature", "geometry": geometry_json(outline), "properties": facts}


def _actor(request: HttpRequest) -> Actor:
    if not request.user.has_perm("gridmap.view_grid"):
        raise PermissionDenied
    return staff_actor(request)


def _sees(request: HttpRequest, kind: str) -> bool:
    app, name = _MODELS[kind]
    return request.user.has_perm(f"{app}.view_{name}") and staff_actor(request).may_read(kind)


def _box(actor: Actor, area: str) -> list[float] | None:
    """Give the box around an area, or around all that the actor serves."""
    inner = looked_at(area, actor.scope)
    rows = Grid.objects.filter(valid_to=None, code__range=code_range(inner))
    box = rows.aggregate(w=Min("min_lon"), s=Min("min_lat"), e=Max("max_lon"), n=Max("max_lat"))
    return list(box.values()) if box["w"] is not None else None


def _box_of(text: str) -> point_layers.Box:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Http404 from error
    return west, south, east, north
