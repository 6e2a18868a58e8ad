"""A tablet's working day on the shim: what its worker was promised, and what the power leaves of it."""

import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from field_app.ports.secret import SecretFile, Tries
from field_app.store.memory import Memory
from field_app.store.store import Store
from field_app.store.vault import Vault
from field_app.sync.transport import Reply, Request
from field_app.work.session import Session
from tests.field_app.fake_hub import PASSWORD, FakeHub
from tests.field_app.fake_transport import FakeLines, FakeTransport
from tests.field_app.town import Town, town_make
from tests.soak.storage.adapter import Rewrite, as_it_is, through
from tests.soak.storage.pins import quick_pins
from tests.soak.storage.trace import Event
from tests.soak.storage.vfs import shim

PIN = "246810"
_LONG_LIST = 30


@dataclass
class Day:
    """What was recorded.

    Parameters
    ----------
    events : list of Event
    states : list of str
        What the tablet held at each promise, the first before any.
    hubs : list of (int, bytes)
        The hub after each request, and the number of events until then.
    made : list of (int, str)
        Records the worker made, and the promise with which each was saved.
    secrets : Path
        Folder of the device's secrets, which lie apart from the store.
    tries : list of (int, str, Tries)
        What was kept beside a store's secret, and the number of events until then.
    """

    events: list[Event]
    secrets: Path
    tries: list[tuple[int, str, Tries]] = field(default_factory=list)
    states: list[str] = field(default_factory=lambda: [""])
    hubs: list[tuple[int, bytes]] = field(default_factory=list)
    made: list[tuple[int, str]] = field(default_factory=list)


def state_of(memory: Memory) -> str:
    """Write down everything a tablet holds."""
    parts = (memory.held, memory.entries, memory.drafts, memory.meta)
    return repr([sorted(part.items()) for part in parts])


class _Noting(FakeTransport):
    """Keeps the hub as it was after each request."""

    def __init__(self, hub: FakeHub, note: Callable[[], None]) -> None:
        super().__init__(hub)
        self._note = note

    def send(self, request: Request) -> Reply:
        reply = super().send(request)
        self._note()
        return reply

    @contextmanager
    def lines(self, request: Request) -> Iterator[FakeLines]:
        with super().lines(request) as lines:
            self._note()
            yield lines


def small_hub() -> tuple[FakeHub, Town]:
    """Give a hub with a street and the shorter code lists: the tablet's file stays small."""
    hub = FakeHub()
    for id_, record in list(hub.records.items()):
        items = record.values.get("items")
        if isinstance(items, list) and len(items) > _LONG_LIST:
            del hub.records[id_]
    hub.feed = [entry for entry in hub.feed if entry[2] in hub.records]
    town = town_make(hub)
    for record in hub.records.values():
        record.values.pop("nation", None)
    return hub, town


def record(folder: Path, seed: int, steps: int, rewrite: Rewrite = as_it_is, *, late: bool = False) -> Day:
    """Live through a day; ``rewrite`` and ``late`` make known-wrong ones of it (see `through`)."""
    hub, town = small_hub()
    with shim() as disk, ExitStack() as stack:
        day = Day(disk.trace.events, folder.with_name("secrets"))

        class Secrets(SecretFile):
            """Notes what is kept beside a secret, which no cut takes back."""

            def count(self, store: str, tries: Tries) -> None:
                super().count(store, tries)
                day.tries.append((len(disk.trace.events), store, tries))

        def note_hub() -> None:
            day.hubs.append((len(disk.trace.events), pickle.dumps(hub)))

        def promise(store: Store) -> None:
            disk.trace.promise()
            day.states.append(state_of(store.memory))

        note_hub()
        stack.enter_context(through(disk, rewrite, late=late))
        stack.enter_context(_promising(promise))
        stack.enter_context(quick_pins())

        def open_() -> Session:
            vault = Vault(folder, Secrets(day.secrets))
            return Session(vault, lambda _: _Noting(hub, note_hub), searching=False)

        worker = _Worker(random.Random(seed), open_, hub, town, day)
        try:
            worker.work(steps)
        finally:
            worker.session.close()
        return day


@contextmanager
def _promising(promise: Callable[[Store], None]) -> Iterator[None]:
    """Note each return of ``Store.write`` as a promise."""
    write = Store.write

    @contextmanager
    def noted(store: Store) -> Iterator[object]:
        with write(store) as unit:
            yield unit
        promise(store)

    with patch.object(Store, "write", noted):
        yield


class _Worker:
    """One who does what workers do, by chance."""

    def __init__(
        self, chance: random.Random, open_: Callable[[], Session], hub: FakeHub, town: Town, day: Day
    ) -> None:
        self.chance, self.hub, self.town = chance, hub, town
        self.session = open_()
        self._open, self._day = open_, day

    def work(self, steps: int) -> None:
        """Enrol, then do so many things."""
        self.session.enrol(
            hub="https://hub.example", username="wang", password=PASSWORD, device="平板1", pin=PIN
        )
        self.session.sync()
        often = (self._collect, self._edit, self._sync)
        for _ in range(steps):
            self.chance.choice([*often, *often, self._draft, self._others, self._restart])()
        self._sync()

    def _collect(self) -> None:
        form = self.session.desk.collect.form("person", parent=self.town.household)
        form.put("name", f"王示{len(self._day.made)}")
        form.put("residence_kind", "1")
        self.session.desk.collect.save(form)
        self._day.made.append((len(self._day.states) - 1, form.id))

    def _edit(self) -> None:
        people = sorted(view.id for view in self.session.desk.records.views("person"))
        form = self.session.desk.collect.form("person", id=self.chance.choice(people))
        form.put("workplace", f"示例厂{self.chance.randrange(10**4)}")
        self.session.desk.collect.save(form)

    def _draft(self) -> None:
        form = self.session.desk.collect.form("person", parent=self.town.household)
        form.put("name", "还没填完")
        self.session.desk.collect.keep(form)

    def _others(self) -> None:
        """Somebody else adds a few people and corrects one, so that pages come."""
        for number in range(self.chance.randrange(1, 6)):
            person = {"household": self.town.household, "name": f"王他{number}", "residence_kind": "1"}
            self.hub.add("person", person)
        self.hub.edit(self.town.child, note=str(self.chance.randrange(10**6)))
        self._sync()

    def _sync(self) -> None:
        self.session.sync()

    def _restart(self) -> None:
        """Close the program and open it again: the log is copied and its file removed."""
        self.session.close()
        self.session = self._open()
        self.session.unlock(PIN)
