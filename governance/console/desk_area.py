"""Whose desks are looked at (窗口所在区划): chosen by those who oversee all desks, their own for others."""

from typing import Any

from django.http import HttpRequest

from governance.access.actor import Actor
from governance.console.dashboard import area_levels
from governance.records.registry.areas import LEVELS, area_clean
from governance.tasks.centres.selectors import oversees_desks, stations_of

_SHOWN = 3
_GRID = LEVELS[max(LEVELS)]


def desk_area(request: HttpRequest, actor: Actor) -> str:
    """Give the division whose desks the address names; "" for one's own, and for whoever may not choose."""
    return area_clean(request.GET.get("area", ""), actor.scope) if oversees_desks(actor) else ""


def desk_choice(actor: Actor, area: str) -> dict[str, Any]:
    """Give what both queues show about it: the division's choice, and the names of the desks looked at."""
    levels = area_levels(actor, area) if oversees_desks(actor) else []
    found = stations_of(actor, area=area)
    return {
        "area": area,
        "levels": [level for level in levels if level["label"] != _GRID],
        "stations": [] if area else list(found[:_SHOWN]),
        "desks": found.count(),
    }
