"""Random days of two tablets and a hub from one seed: work, bad network, crashes, restored backups.

`run` plays a day and gives what is wrong at its end, as sentences; an empty list is a good day.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from field_app.store import store as store_module
from field_app.sync.errors import SyncError
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import GRID, NEXT, FakeHub
from tests.field_app.faulty import FaultyTransport
from tests.field_app.town import Town, town_make

_FIELDS = {"wang": ("phone", "workplace"), "li": ("occupation", "former_name")}
"""Each worker writes fields of his own, so that the last value written must be the hub's in the end."""

Spoil = Callable[[], None]

_FAULTS = ("", "", "", "lost", "unanswered", "twice", "cut")


class Crash(BaseException):
    """The program is killed here."""


@dataclass
class Day:
    """What was done, to be held against the hub in the end."""

    dice: random.Random
    hub: FakeHub
    town: Town
    tablets: dict[str, Tablet]
    made: set[str] = field(default_factory=set)
    wrote: dict[tuple[str, str], object] = field(default_factory=dict)
    crashes: float = 0.25
    calm: bool = False
    crash_in: int = -1

    def fault(self, _: str) -> str:
        """Say what befalls the next request."""
        return "" if self.calm else self.dice.choice(_FAULTS)

    def people(self, tablet: Tablet) -> list[str]:
        """People that the tablet shows and that may be edited."""
        views = tablet.desk.records.views("person")
        return sorted(view.id for view in views if view.id in {self.town.person, self.town.child, *self.made})


def run(
    seed: int,
    folder: Path,
    *,
    steps: int = 30,
    restores: bool = False,
    crashes: float = 0.25,
    spoil: Spoil | None = None,
) -> list[str]:
    """Play a day; ``spoil`` breaks the program first, to see that the checks would notice."""
    dice = random.Random(seed)
    hub = FakeHub()
    town = town_make(hub)
    hub.posts["wang"] = [GRID]
    day = Day(dice, hub, town, {}, crashes=crashes)
    for username in ("wang", "li"):
        tablet = Tablet(folder / username, FaultyTransport(hub, day.fault))
        day.calm = True
        tablet.enrol(username).session.sync()
        day.calm = False
        day.tablets[username] = tablet
    if spoil is not None:
        spoil()
    backup = hub.backup()
    try:
        for step in range(steps):
            _step(day)
            if restores and step == steps // 2:
                hub.restore(backup)
        return _end(day)
    finally:
        for tablet in day.tablets.values():
            tablet.session.close()


def _step(day: Day) -> None:
    username = day.dice.choice(("wang", "li"))
    tablet = day.tablets[username]
    what = day.dice.choice(("add", "edit", "edit", "edit", "sync", "sync", "sync", "hub", "grid"))
    day.crash_in = day.dice.randrange(1, 6) if day.dice.random() < day.crashes else -1
    try:
        with _crashes(day):
            _ACTS[what](day, username, tablet)
    except SyncError:
        pass
    except Crash:
        tablet.restart()
        _reconcile(day, tablet)


def _add(day: Day, username: str, tablet: Tablet) -> None:
    form = tablet.desk.collect.form("person", parent=day.town.household)
    form.put("name", f"新人{len(day.made)}")
    form.put("residence_kind", "1")
    day.made.add(form.id)
    tablet.desk.collect.save(form)


def _edit(day: Day, username: str, tablet: Tablet) -> None:
    people = day.people(tablet)
    if not people:
        return
    id, name = day.dice.choice(people), day.dice.choice(_FIELDS[username])
    value = str(day.dice.randrange(10**6, 10**7))
    before, day.wrote[id, name] = day.wrote.get((id, name)), value
    try:
        tablet.save("person", id=id, **{name: value})
    except Crash:
        day.wrote[id, name] = (before, value)  # either may have been stored
        raise


def _sync(day: Day, username: str, tablet: Tablet) -> None:
    tablet.session.sync()


def _hub(day: Day, username: str, tablet: Tablet) -> None:
    day.hub.edit(day.dice.choice([day.town.person, day.town.child]), note=str(day.dice.random()))


def _grid(day: Day, username: str, tablet: Tablet) -> None:
    day.hub.posts["li"] = day.dice.choice(([GRID, NEXT], [GRID], [NEXT, GRID]))


_ACTS = {"add": _add, "edit": _edit, "sync": _sync, "hub": _hub, "grid": _grid}


@contextmanager
def _crashes(day: Day) -> Iterator[None]:
    """Kill the program before or after one of the next commits."""
    proper = store_module.transaction

    @contextmanager
    def transaction(connection):
        day.crash_in -= 1
        late = day.dice.random() < 0.5
        with proper(connection):
            yield
            if day.crash_in == 0 and not late:
                raise Crash
        if day.crash_in == 0:
            raise Crash

    store_module.transaction = transaction
    try:
        yield
    finally:
        store_module.transaction = proper


def _reconcile(day: Day, tablet: Tablet) -> None:
    """A save that was killed may or may not be stored; the worker looks, as he would."""
    for key, value in list(day.wrote.items()):
        if isinstance(value, tuple):
            view = tablet.session._store.memory.view(key[0])
            now = view.values.get(key[1]) if view else None
            day.wrote[key] = now if now in value else value[0]
            if day.wrote[key] is None:
                del day.wrote[key]
    shown = {id for each in day.tablets.values() for id in each.session._store.memory.ids()}
    day.made &= shown | set(day.hub.records)


def _end(day: Day) -> list[str]:
    """Let the network be good, sync all, and compare."""
    day.calm = True
    for _ in range(3):
        for tablet in day.tablets.values():
            tablet.session.sync()
    wrong = [f"{id} 没有到平台" for id in sorted(day.made) if id not in day.hub.records]
    for (id, name), value in day.wrote.items():
        record = day.hub.records.get(id)
        if record is None or record.values.get(name) != value:
            got = record.values.get(name) if record else None
            wrong.append(f"{id} 的 {name} 应为 {value}，平台上是 {got}")
    if len(day.hub.applied) != len(set(day.hub.applied)):
        wrong.append("有修改被做了两次")
    names = [values["name"] for values in day.hub.open_records("person").values()]
    if len(names) != len(set(names)):
        wrong.append("有记录重复")
    for username, tablet in day.tablets.items():
        wrong += [f"{username}：{line}" for line in _apart(day, tablet)]
    return wrong


def _apart(day: Day, tablet: Tablet) -> list[str]:
    """Say where tablet and hub do not agree."""
    counts = tablet.desk.outbox.counts()
    wrong = [f"还有未了结的 {counts}"] if counts.unsent or counts.refused or counts.contested else []
    grids = {row.grid for row in tablet.desk.records.views("grid")}
    there = {
        id: values
        for id, values in day.hub.open_records("person").items()
        if day.hub.records[id].grid in grids
    }
    here = {view.id: dict(view.values) for view in tablet.desk.records.views("person")}
    wrong += [f"{id} 只在一边" for id in here.keys() ^ there.keys()]
    return wrong + [f"{id} 两边不同" for id in here.keys() & there.keys() if here[id] != there[id]]
