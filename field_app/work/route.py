"""今天要走的门 (走访路线): one line a door, with all its tasks and visits, in the order of a short walk.

Buildings come by the distance walked from one to the next, doors in a building by floor and number, and on
one floor the most pressing first.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.geometry import Local, Point
from field_app.work.homes import natural_order
from field_app.work.labels import Labels, is_open
from field_app.work.task_state import When, pressing
from field_app.work.tasks import TaskRow, Tasks
from field_app.work.times import today

_NUMBER = re.compile(r"([0-9]+)[0-9]{2}(?![0-9])")
_TODAY = frozenset({When.OVERDUE, When.TODAY, When.WEEK})


@dataclass(frozen=True, slots=True)
class Door:
    """One stop: ``place`` is its number on the way, ``walk`` metres from the stop before (None unknown).

    ``household`` is its id, empty for a place that is no household; ``visits`` are dates of visits due here.
    """

    place: int
    household: str
    title: str
    address: str
    building: str
    floor: int | None
    walk: int | None
    tasks: tuple[TaskRow, ...]
    visits: tuple[str, ...]
    urgent: bool


@dataclass(slots=True)
class _Stop:
    """A door before it has its place."""

    view: View | None
    building: View | None
    room: View | None
    tasks: list[View]
    visits: list[str]

    @property
    def point(self) -> Point | None:
        """Degrees of the building, or of the first task that has a point."""
        for view in (self.building, *self.tasks):
            lon, lat = (view.values.get("lon"), view.values.get("lat")) if view is not None else (None, None)
            if isinstance(lon, (int, float)) and isinstance(lat, (int, float)):
                return float(lon), float(lat)
        return None

    @property
    def floor(self) -> int | None:
        """Floor of the room; where none is registered, the one its number tells (502 is on the fifth)."""
        if self.room is None:
            return None
        floor = self.room.values.get("floor")
        if isinstance(floor, int):
            return floor
        match = _NUMBER.search(str(self.room.values.get("number") or ""))
        return int(match[1]) if match is not None else None

    @property
    def number(self) -> tuple[tuple[int, int, str], ...]:
        """Key of the room's number."""
        values = self.room.values if self.room is not None else {}
        return natural_order(f"{values.get('unit') or ''} {values.get('number') or ''}")

    @property
    def urgency(self) -> tuple[str, str, str]:
        """Key of the most pressing task."""
        return min((pressing(task) for task in self.tasks), default=("9999", "9", ""))


class Route:
    """Got as ``desk.route``."""

    def __init__(self, store: Store, labels: Labels, tasks: Tasks) -> None:
        self._store = store
        self._labels = labels
        self._tasks = tasks

    def doors(self, start: Point | None = None) -> tuple[Door, ...]:
        """Give the doors of today: where something is due within the week, urgent, or planned as a visit.

        Parameters
        ----------
        start : tuple of float, optional
            Where the worker stands, degrees (lon, lat); without, the way begins at the most pressing door.
        """
        with self._store.lock:
            day = today(self._store.clock)
            stops = _by_building(self._stops(day))
            walked = enumerate(_walk(stops, start), 1)
            return tuple(self._door(place, stop, metres, day) for place, (stop, metres) in walked)

    def _stops(self, day: date) -> list[_Stop]:
        """Gather what is to do by door; a door counts when something there is for today."""
        memory = self._store.memory
        stops: dict[str, _Stop] = {}
        wanted: set[str] = set()
        for row in self._tasks.rows():
            task = memory.view(row.id)
            if task is None or row.when is When.OTHERS or str(task.values.get("opens_on") or "") > str(day):
                continue
            key = row.household or row.id
            stop = stops.get(key) or self._stop(row.household)
            stop.tasks.append(task)
            stops[key] = stop
            if row.urgent or row.when in _TODAY:
                wanted.add(key)
        for household, days in self._visits(day).items():
            stop = stops.get(household) or self._stop(household)
            stop.visits.extend(days)
            stops[household] = stop
            wanted.add(household)
        return [stop for key, stop in stops.items() if key in wanted]

    def _stop(self, household: str) -> _Stop:
        view = self._store.memory.view(household) if household else None
        path = self._labels.path(view) if view is not None else []
        building = next((step for step in path if step.kind == "building"), None)
        room = next((step for step in path if step.kind == "room"), None)
        return _Stop(view, building, room, [], [])

    def _visits(self, day: date) -> dict[str, list[str]]:
        """Give the days on which the last visit to a household said to come again, up to today."""
        last: dict[str, View] = {}
        for visit in filter(is_open, self._store.memory.views("visit")):
            household = str(visit.values.get("household"))
            known = last.get(household)
            if known is None or str(known.values["visited_at"]) <= str(visit.values.get("visited_at")):
                last[household] = visit
        days = {key: str(view.values.get("next_on") or "") for key, view in last.items()}
        return {key: [due] for key, due in days.items() if due and due <= day.isoformat()}

    def _door(self, place: int, stop: _Stop, metres: int | None, day: date) -> Door:
        rows = tuple(self._tasks.row(task, day) for task in sorted(stop.tasks, key=pressing))
        title = self._labels.title(stop.view, masked=True) if stop.view is not None else rows[0].title
        return Door(
            place=place,
            household=stop.view.id if stop.view is not None else "",
            title=title,
            address=self._labels.where(stop.view) if stop.view is not None else "",
            building=self._labels.title(stop.building, masked=True) if stop.building is not None else "",
            floor=stop.floor,
            walk=metres,
            tasks=rows,
            visits=tuple(stop.visits),
            urgent=any(row.urgent or row.when is When.OVERDUE for row in rows),
        )


def _by_building(stops: Iterable[_Stop]) -> list[list[_Stop]]:
    """Put the doors of one building together: by floor, then the most pressing, then by number."""
    groups: dict[str, list[_Stop]] = {}
    for number, stop in enumerate(stops):
        groups.setdefault(stop.building.id if stop.building is not None else f"place {number}", []).append(
            stop
        )
    for group in groups.values():
        group.sort(key=lambda stop: (stop.floor is None, stop.floor or 0, stop.urgency, stop.number))
    return sorted(groups.values(), key=lambda group: min(stop.urgency for stop in group))


def _walk(groups: Sequence[list[_Stop]], start: Point | None) -> list[tuple[_Stop, int | None]]:
    """Go to the nearest building each time; what has no point comes last, the most pressing first."""
    left = [group for group in groups if group[0].point is not None]
    found: list[tuple[_Stop, int | None]] = []
    at = start
    while left:
        here = at
        nearest = left[0] if here is None else min(left, key=lambda group: _metres(here, group[0].point))
        left.remove(nearest)
        metres = None if at is None else round(_metres(at, nearest[0].point))
        found += [(stop, metres if place == 0 else 0) for place, stop in enumerate(nearest)]
        at = nearest[0].point
    placeless = (stop for group in groups if group[0].point is None for stop in group)
    return [*found, *((stop, None) for stop in placeless)]


def _metres(one: Point, other: Point | None) -> float:
    return math.hypot(*Local(*one).metres(*other)) if other is not None else math.inf
