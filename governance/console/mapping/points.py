"""Points of the map page (点位): houses, open events and tasks in a box, within the user's area."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from governance.access.actor import Actor
from governance.contract import KINDS, CodeBook
from governance.contract.kinds.task_states import OPEN_STATES
from governance.events.models import Event
from governance.records.codes import book
from governance.records.models import Building
from governance.records.registry.labels import place
from governance.records.registry.tabs import change_url
from governance.records.registry.values import code_label
from governance.records.veil import unveiled
from governance.tasks.models import Task
from gridmap.models import Grid

Box = tuple[float, float, float, float]
MOST = 2000
"""Points that one answer holds at most."""

MOST_GRIDS = 400
"""Grids that a box may touch; a larger box is answered with nothing but ``more``."""


def points(kind: str, box: Box, actor: Actor) -> dict[str, Any]:
    """Give a GeoJSON FeatureCollection; ``more`` says that some were left off.

    Parameters
    ----------
    kind : str
        A key of :data:`READERS`.
    box : tuple of float
        West, south, east, north in degrees.
    actor : Actor
    """
    west, south, east, north = box
    grids = Grid.objects.filter(
        actor.scope.q("code"), valid_to=None, max_lon__gte=west, min_lon__lte=east, max_lat__gte=south,
        min_lat__lte=north,
    )  # fmt: skip
    codes = list(grids.order_by("code").values_list("code", flat=True)[: MOST_GRIDS + 1])
    if len(codes) > MOST_GRIDS:
        return {"type": "FeatureCollection", "features": [], "more": True}
    within = {"x__range": (west, east), "y__range": (south, north)}
    rows = READERS[kind](codes).filter(unveiled(actor, KINDS[kind]), **within)
    found = list(rows.order_by("pk")[: MOST + 1])
    known = book()
    features = [_feature(row, known) for row in found[:MOST]]
    return {"type": "FeatureCollection", "features": features, "more": len(found) > MOST}


def _buildings(codes: list[str]) -> "QuerySet[Any]":
    rows = Building.objects.filter(grid__in=codes, deleted=False, closed_on=None)
    return rows.annotate(x=F("lon"), y=F("lat"))


def _events(codes: list[str]) -> "QuerySet[Any]":
    rows = Event.objects.filter(grid__in=codes, deleted=False, closed_on=None)
    return rows.annotate(x=F("lon"), y=F("lat"))


def _tasks(codes: list[str]) -> "QuerySet[Any]":
    rows = Task.objects.filter(grid__in=codes, deleted=False, closed_on=None, state__in=OPEN_STATES)
    door = "household__room__building__"
    return rows.select_related("household__room__building").annotate(
        x=Coalesce("lon", f"{door}lon"), y=Coalesce("lat", f"{door}lat")
    )


READERS: dict[str, Callable[[list[str]], "QuerySet[Any]"]] = {
    "building": _buildings,
    "event": _events,
    "task": _tasks,
}
"""Kind → its rows in some grids, with ``x`` and ``y``."""


def _feature(row: Any, known: CodeBook) -> dict[str, Any]:
    title, note = _words(row, known)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.x, row.y]},
        "properties": {"title": title, "note": note, "url": change_url(row)},
    }


def _words(row: Any, known: CodeBook) -> tuple[str, str]:
    names = row.contract.by_name
    if isinstance(row, Building):
        return place(row), getattr(row, "address", None) or ""
    state = code_label(names["state"], row.state or "", known)
    if isinstance(row, Event):
        category = code_label(names["category"], getattr(row, "category", None) or "", known)
        return getattr(row, "title", None) or category, f"{category} · {state}"
    due = f" · {row.due_on:%Y-%m-%d}前" if row.due_on else ""
    return row.title, f"{place(row)} · {state}{due}".strip(" ·")
