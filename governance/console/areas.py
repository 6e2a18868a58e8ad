"""Searching for an area by name or code (区划、网格查找): forms offer it instead of codes to be typed."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance.access.actor import Actor
from governance.access.models import Department
from governance.access.requests import actor_of
from governance.access.scope import Scope, division_prefix
from governance.publish.items.grant import grant_of
from gridmap.models import Division, Grid
from gridmap.naming import grid_names

_MOST = 20
_LEVELS = (2, 3, 4, 5)


@require_POST
def page(request: HttpRequest) -> JsonResponse:
    """Give the divisions and grids of the user's area whose name or code fits ``q``; ``only=grid`` for grids.

    A department's area is what its agreements cover.

    Answers ``{"choices": [{"id", "text"}], "more": bool}``; ``id`` is what all codes within begin with.
    """
    actor = actor_of(request, "选择区划")
    scope = _scope(actor, getattr(request.user, "department", None))
    if scope is None:
        raise PermissionDenied
    words = request.POST.get("q", "").split()
    found: list[tuple[str, str]] = []
    if words and request.GET.get("only") != "grid":
        found += _divisions(scope, words)
    if words and len(found) <= _MOST:
        found += _grids(scope, words)
    shown = [{"id": code, "text": f"{name}（{code}）"} for code, name in found[:_MOST]]
    return JsonResponse({"choices": shown, "more": len(found) > _MOST})


def _scope(actor: Actor, department: Department | None) -> Scope | None:
    if actor.can("manage_system") or actor.can("manage_accounts"):
        return Scope.everything()
    if actor.can("plan_tasks") or actor.can("place_alarms"):
        return actor.scope
    if department is None or not actor.can("define_items"):
        return None
    return Scope.of((), grant_of(department, timezone.localdate()).areas.values())


def _divisions(scope: Scope, words: list[str]) -> list[tuple[str, str]]:
    rows = Division.objects.filter(scope.q("code"), level__in=_LEVELS)
    for word in words:
        rows = rows.filter(Q(name__contains=word) | Q(code__startswith=word) | Q(parent__name__contains=word))
    chosen = rows.select_related("parent").order_by("level", "code")[: _MOST + 1]
    return [
        (division_prefix(row.code, row.level), f"{row.parent.name if row.parent else ''}{row.name}")
        for row in chosen
    ]


def _grids(scope: Scope, words: list[str]) -> list[tuple[str, str]]:
    rows = Grid.objects.filter(scope.q("code"), valid_to=None)
    for word in words:
        fits = Q(name__contains=word) | Q(code__startswith=word) | Q(community__name__contains=word)
        rows = rows.filter(fits)
    codes = list(rows.order_by("code").values_list("code", flat=True)[: _MOST + 1])
    names = grid_names(set(codes))
    return [(code, names.get(code, code)) for code in codes]
