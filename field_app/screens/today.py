"""今日: what to do today, by due day or along the way from door to door, and what is not yet at the hub."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_app import theme
from field_app.ports.gps import Fix, Gps
from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.sync_runner import SyncRunner
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import day_words, state_chip
from field_app.screens.widgets.rows import heading
from field_app.work.route import Door
from field_app.work.session import Session
from field_app.work.tasks import TaskRow, When
from field_app.work.today import Overview

_ALONE = 1


class TodayScreen(View):
    """The first screen of the day."""

    day = StringProperty("")
    who = StringProperty("")
    unsent = StringProperty("")
    unsent_tone = StringProperty("warn")
    drafts = StringProperty("")
    notice = StringProperty("")
    clock = StringProperty("")
    last_sync = StringProperty("")
    walking = BooleanProperty(False)
    runner = ObjectProperty(None)

    def __init__(
        self, session: Session, *, ways: Ways, runner: SyncRunner, gps: Gps, **kwargs: object
    ) -> None:
        super().__init__(ways=ways, runner=runner, **kwargs)
        self._session, self._gps = session, gps
        self._here: tuple[float, float] | None = None

    def arrive(self, **_: object) -> None:
        """Show today."""
        self._show(from_top=True)

    def refresh(self) -> None:
        """Show it again where the worker was."""
        self._show(from_top=False)

    def walk(self, walking: bool) -> None:
        """Show the tasks door by door along a short way from where the worker is, or by due day again."""
        self.walking = walking
        self._show(from_top=True)
        if walking:
            errand.send(self._gps.fix, done=self._start, failed=lambda _: None)

    def _start(self, fix: Fix | None) -> None:
        if fix is not None and self.walking and self.manager is not None:
            self._here = (fix.lon, fix.lat)
            self._show(from_top=True)

    def _show(self, *, from_top: bool) -> None:
        overview = self._session.desk.today.overview()
        self.day = overview.day
        self.who = (
            f"{overview.worker} · {'、'.join(overview.grids)} · {overview.households}户 {overview.people}人"
        )
        self.unsent, self.unsent_tone = _unsent(overview)
        self.drafts = f"{overview.drafts} 份还没填完，点这里接着填" if overview.drafts else ""
        self.notice = overview.notice
        self.clock = f"{overview.clock}；请在平板的设置里校正" if overview.clock else ""
        self.last_sync = f"上次同步 {overview.last_sync}" if overview.last_sync else "还没有同步过"
        rows = list(self._doors() if self.walking else self._rows(overview))
        self.ids.rows.show(rows, from_top=from_top)
        self.ids.empty.opacity = 0 if rows else 1

    def _rows(self, overview: Overview) -> Iterator[dict[str, object]]:
        for group in overview.groups:
            if group.rows:
                yield heading(f"{group.label}　{len(group.rows)}")
            for door, tasks in by_door(group.rows):
                if door and len(tasks) > _ALONE:
                    yield heading(door, icon="house")
                for task in tasks:
                    yield self._row(task, under_door=bool(door) and len(tasks) > _ALONE)

    def _doors(self) -> Iterator[dict[str, object]]:
        doors = self._session.desk.route.doors(self._here)
        for building, stops in groupby(doors, key=lambda door: door.building or door.title):
            yield heading(building, icon="building")
            for door in stops:
                yield from self._door(door)

    def _door(self, door: Door) -> Iterator[dict[str, object]]:
        """Give one line for a door and, under it, all there is to do."""
        household = door.household
        yield {
            "title": f"{door.place}　{door.address or door.title}",
            "detail": _door_words(door),
            "icon": "house",
            "icon_color": theme.BAD if door.urgent else theme.ACCENT,
            "chip": f"{len(door.tasks)}件" if door.tasks else "走访",
            "tone": "bad" if door.urgent else "plain",
            "open": (lambda: self.ways.record(household)) if household else None,
        }
        for task in door.tasks:
            yield self._row(task, under_door=True) | {"detail": task.stage}

    def _row(self, task: TaskRow, *, under_door: bool) -> dict[str, object]:
        chip, tone = state_chip(task.state)
        if not chip:
            chip, tone = (
                day_words(task.due),
                "bad" if task.when is When.OVERDUE else "warn" if task.urgent else "plain",
            )
        return {
            "title": task.title,
            "detail": task.subject,
            "icon": "event" if task.urgent else "today",
            "icon_color": theme.BAD if task.urgent else theme.ACCENT,
            "chip": chip,
            "tone": tone,
            "indent": under_door,
            "open": lambda: self.ways.task(task.id),
        }


def by_door(tasks: Sequence[TaskRow]) -> list[tuple[str, list[TaskRow]]]:
    """Put tasks at one door together, doors in the order of their first task."""
    doors: dict[str, tuple[str, list[TaskRow]]] = {}
    for task in tasks:
        doors.setdefault(task.household or task.id, (task.door, []))[1].append(task)
    return list(doors.values())


def _door_words(door: Door) -> str:
    parts = [door.title if door.address else ""]
    if door.walk:
        parts.append(f"再走约{door.walk}米")
    parts += [f"约好{day_words(day)}走访" for day in door.visits]
    return " · ".join(part for part in parts if part)


def _unsent(overview: Overview) -> tuple[str, str]:
    counts = overview.unsent
    parts = []
    if counts.here:
        parts.append(f"{counts.here} 条只在本机")
    if counts.sent:
        parts.append(f"{counts.sent} 条已送出待回执")
    if counts.refused:
        parts.append(f"{counts.refused} 条被退回，要修正")
    if counts.contested:
        parts.append(f"{counts.contested} 条有争议")
    return "；".join(parts), "bad" if counts.refused else "warn"


load_kv(__file__)
