"""Whole days from one seed: real tablets and the real hub, a bad network, restarts, moves, staff edits.

At rest nothing is lost, doubled, divergent or stuck. A failing seed replays by itself:
``pytest tests/sync/test_simulation.py -k seed17``.
"""

import random
from collections import Counter
from pathlib import Path

import pytest

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.errors import Offline
from field_app.work.session import Session
from governance.records.models import History, Inbox, Person
from governance.records.rows import rows_read
from governance.records.services import apply
from tests import factories
from tests.sync.django_transport import DjangoTransport

PIN = "246810"
SEEDS = range(12)
ROUNDS = 40
FORGETFUL_SEED = 1
CALM = ("",)
STORMY = ("", "", "", "lost", "unanswered", "twice", "cut")


class Simulation:
    """One schedule: two workers' tablets on two grids, and the hub's own people."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.weather = STORMY
        self.made: dict[str, str] = {}
        self.transport = DjangoTransport(lambda: self.chance.choice(self.weather))
        self.folders = [folder / "first", folder / "second"]
        users = ("first", "second")
        factories.worker("first", factories.GRID)
        factories.worker("second", factories.NEXT, factories.GRID)
        self.homes = [
            factories.home(factories.hub_in()),
            factories.home(factories.hub_in(factories.NEXT), lon=factories.EAST + 0.005),
        ]
        self.weather = CALM
        self.sessions = [self._open(path) for path in self.folders]
        for session, user in zip(self.sessions, users, strict=True):
            session.enrol(
                hub="https://hub.example", username=user, password=factories.PASSWORD, device=user, pin=PIN
            )
            session.sync()
        self.weather = STORMY

    def _open(self, folder: Path) -> Session:
        return Session(Vault(folder, SecretFile(folder)), lambda _: self.transport, searching=False)

    def step(self) -> None:
        """Do one thing."""
        often = (self._collect, self._edit, self._sync)
        act = self.chance.choice([*often, *often, self._restart, self._staff_edits, self._move])
        act(self.chance.randrange(2))

    def _collect(self, tablet: int) -> None:
        desk = self.sessions[tablet].desk
        homes = [row.id for row in desk.records.rows("household")]
        if not homes:
            return
        form = desk.collect.form("person", parent=self.chance.choice(homes))
        name = f"王示{len(self.made)}"
        for field, value in (("name", name), ("residence_kind", "1"), ("sex", "1")):
            form.put(field, value)
        self.made[name] = desk.collect.save(form).id

    def _edit(self, tablet: int) -> None:
        desk = self.sessions[tablet].desk
        people = [row.id for row in desk.records.rows("person")]
        if people:
            form = desk.collect.form("person", id=self.chance.choice(people))
            field = self.chance.choice(["phone", "workplace", "note"])
            form.put(field, f"1000{self.chance.randrange(10**7):07d}")
            desk.collect.save(form)

    def _sync(self, tablet: int) -> None:
        try:
            self.sessions[tablet].sync()
        except Offline:
            assert self.weather is not CALM

    def _restart(self, tablet: int) -> None:
        self.sessions[tablet].close()
        self.sessions[tablet] = self._open(self.folders[tablet])
        self.sessions[tablet].unlock(PIN)

    def _staff_edits(self, _: int) -> None:
        person = Person.objects.order_by("?").first() if Person.objects.exists() else None
        if person is not None:
            change = factories.change(
                "person", person.pk, base=person.version, phone=f"1000{self.chance.randrange(10**7):07d}"
            )
            factories.apply(factories.hub_in(person.grid), change)

    def _move(self, which: int) -> None:
        """Move the first household to the other grid's room, or back."""
        home, target = self.homes[0]["household"], self.homes[which]["room"]
        held = rows_read("household", [home])[home]
        if held.values["room"] != target:
            both = factories.hub_in(factories.GRID, factories.NEXT)
            (result,) = factories.apply(
                both, factories.change("household", home, base=held.version, room=target)
            )
            assert result.status == "updated"

    def rest(self) -> None:
        """Let the weather clear and everyone sync until nothing changes any more."""
        self.weather = CALM
        for _ in range(4):
            for session in self.sessions:
                session.sync()

    def close(self) -> None:
        """Free the folders."""
        for session in self.sessions:
            session.close()


@pytest.fixture
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed{seed}")
@pytest.mark.usefixtures("town", "_quick_pins")
def test_a_day_ends_with_everything_in_its_place(seed: int, tmp_path: Path) -> None:
    play(seed, tmp_path)


@pytest.mark.usefixtures("town", "_quick_pins")
def test_a_hub_that_forgets_what_it_answered_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "answers", lambda _: {})
    with pytest.raises(AssertionError):
        play(FORGETFUL_SEED, tmp_path)


def play(seed: int, folder: Path) -> None:
    """Play a day and hold it to what a day owes."""
    day = Simulation(seed, folder)
    try:
        for _ in range(ROUNDS):
            day.step()
        day.rest()
        _nothing_waits(day)
        _nothing_lost_or_doubled(day)
        _nothing_diverges(day)
    finally:
        day.close()


def _nothing_waits(day: Simulation) -> None:
    for session in day.sessions:
        counts = session.desk.outbox.counts()
        assert counts.here == counts.sent == 0


def _nothing_lost_or_doubled(day: Simulation) -> None:
    """Each person collected is at the hub once, or in the inbox with a reason; no change counts twice."""
    at_hub = Counter(Person.objects.values_list("name", flat=True))
    refused = {str(row.record) for row in Inbox.objects.filter(status="rejected")}
    for name, record in day.made.items():
        assert at_hub[name] == 1 or (at_hub[name] == 0 and record in refused), name
    changes = list(History.objects.values_list("change", flat=True))
    changes += Inbox.objects.values_list("change", flat=True)
    assert len(changes) == len(set(changes))
    for record in Person.objects.values_list("pk", "version"):
        applied = History.objects.filter(record=record[0]).values_list("version", flat=True)
        assert len(applied) == len(set(applied))
        assert max(applied) <= record[1]


def _nothing_diverges(day: Simulation) -> None:
    scopes = [{factories.GRID}, {factories.GRID, factories.NEXT}]
    for session, scope in zip(day.sessions, scopes, strict=True):
        for kind in ("household", "person"):
            at_hub = {
                str(row.pk): rows_read(kind, [str(row.pk)])[str(row.pk)].values
                for row in factories.model(kind).objects.filter(grid__in=scope, deleted=False)
            }
            held = {row.id: dict(session.desk.records.view(row.id).values) for row in _rows(session, kind)}
            for row in session.desk.outbox.rows():  # refused work stays in view until it is repaired
                held.pop(row.id, None)
                at_hub.pop(row.id, None)
            differing = {id_ for id_ in held.keys() | at_hub.keys() if held.get(id_) != at_hub.get(id_)}
            assert not differing, [(held.get(id_), at_hub.get(id_)) for id_ in differing]


def _rows(session: Session, kind: str) -> list[object]:
    return list(session.desk.records.rows(kind))
