"""What a restored hub lost and a tablet brings back late, because it stands on what another brings back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from field_app.store import keyring
from field_app.store.state import RecordState
from field_app.sync.errors import Offline, Retired, Wiped
from governance.access.actor import HUB
from governance.access.models import Device, Post, User
from governance.access.services.devices import device_revoke
from governance.feed.services import epoch_start
from governance.records.models import Inbox
from tests import factories
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Desk]]:
    """Make a worker of the first grid with a tablet."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    made = []

    def make(name: str) -> Desk:
        factories.worker(name)
        made.append(Desk(tmp_path / name, name))
        made[-1].sync()
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@contextmanager
def forgotten() -> Iterator[None]:
    """Set the hub back to where the block began."""
    began = transaction.savepoint()
    yield
    transaction.savepoint_rollback(began)
    epoch_start()


def made_on_anothers(first: Desk, second: Desk, room: str) -> str:
    """Have one tablet register a household, and the other somebody in it; gives the latter."""
    household = first.collect("household", parent=room, head_name="新来的")
    first.sync()
    second.sync()
    made = second.person(household, "赵敏")
    second.sync()
    return made


def made_for_both(first: Desk, second: Desk, household: str) -> str:
    """Have one tablet register somebody whom the other then holds too."""
    made = first.person(household, "赵敏")
    first.sync()
    second.sync()
    return made


@pytest.mark.parametrize("edited", [False, True])
def test_what_had_to_wait_stays_on_the_tablet_that_made_it(desk: Callable[[str], Desk], edited: bool) -> None:
    room = factories.home(factories.hub_in())["room"]
    first, second = desk("first"), desk("second")
    with forgotten():
        made = made_on_anothers(first, second, room)
        if edited:
            second.collect("person", id=made, phone="10003001111")
            second.sync()
    people = factories.model("person").objects.filter(pk=made)
    second.sync()
    assert not people.exists()
    first.sync()
    for _ in range(3):
        second.sync()
    assert people.get().phone == ("10003001111" if edited else None)
    assert second.session.desk.outbox.counts().unsent == 0
    view = second.view(made)
    assert view is not None
    assert (view.state, view.version) == (RecordState.HUB, people.get().version)
    assert view.values.get("phone") == people.get().phone


def test_a_change_waits_no_longer_when_its_own_tablet_brings_back_what_it_stands_on(
    desk: Callable[[str], Desk],
) -> None:
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    home, there = factories.home(hub), factories.home(hub, factories.WEST + 0.015)
    person = factories.person(hub, home["household"])
    first = desk("first")
    with forgotten():
        first.collect("person", id=person, phone="10003001111")
        first.sync()
    first.collect("person", id=person, workplace="示例厂")
    line = iter(["", ""])  # the later edit is refused, the earlier one brought back, then nothing more passes
    first.transport.fault = lambda: next(line, "lost")
    with pytest.raises(Offline):
        first.sync()
    assert factories.model("person").objects.get(pk=person).phone == "10003001111"
    (moved,) = factories.apply(hub, factories.change("household", home["household"], 1, room=there["room"]))
    assert moved.status == "updated"
    first.transport.fault = lambda: ""
    for _ in range(3):
        first.sync()
    assert first.unsent() == 0
    assert not first.holds(person)
    kept = {(row.offered["workplace"], row.errors[0]["code"]) for row in Inbox.objects.filter(record=person)}
    assert ("示例厂", "scope") in kept


def test_what_was_brought_back_and_withdrawn_before_the_snapshot_is_waited_for_no_more(
    desk: Callable[[str], Desk],
) -> None:
    household = factories.home(factories.hub_in())["household"]
    first, second = desk("first"), desk("second")
    with forgotten():
        made = made_for_both(first, second, household)
    second.collect("person", id=made, phone="10003001111")
    line = iter([""])  # the push goes through and tells of the restore; then the line is down
    second.transport.fault = lambda: next(line, "lost")
    with pytest.raises(Offline):
        second.sync()
    first.sync()
    first.session.desk.records.withdraw(made)
    first.sync()
    assert factories.model("person").objects.get(pk=made).deleted
    second.transport.fault = lambda: ""
    second.sync()
    assert second._memory().held.get(made) is None
    assert second.unsent() == 0
    assert Inbox.objects.filter(record=made, status="rejected", offered__phone="10003001111").exists()


@pytest.mark.parametrize("back", [True, False])
def test_a_tablet_wanted_back_waits_for_nobody_and_is_empty(desk: Callable[[str], Desk], back: bool) -> None:
    """It hears no more what others bring back, so it offers its work once more: taken, or for the inbox."""
    room = factories.home(factories.hub_in())["room"]
    first, second = desk("first"), desk("second")
    with forgotten():
        made = made_on_anothers(first, second, room)
    device_revoke(actor=HUB, device=Device.objects.get(worker__username="second"))
    with pytest.raises(Retired):
        second.sync()
    if back:
        first.sync()
    with pytest.raises(Wiped):
        second.sync()
    assert factories.model("person").objects.filter(pk=made).exists() is back
    assert back or Inbox.objects.filter(record=made, offered__name="赵敏").exists()


def test_what_stands_on_work_that_went_to_the_inbox_goes_there_too(desk: Callable[[str], Desk]) -> None:
    """The restored hub lost the record, and its household has moved away before its maker brings it back."""
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    home, there = factories.home(hub), factories.home(hub, factories.WEST + 0.015)
    first = desk("first")
    with forgotten():
        made = first.person(home["household"], "赵敏")
        first.sync()
    first.collect("person", id=made, phone="10003001111")
    (moved,) = factories.apply(hub, factories.change("household", home["household"], 1, room=there["room"]))
    assert moved.status == "updated"
    first.sync()
    assert not first.holds(made)
    assert first.unsent() == 0
    assert first.session.desk.outbox.counts().refused == 0
    kept = {(row.offered.get("phone"), row.errors[0]["code"], row.grid) for row in Inbox.objects.all()}
    assert {(None, "scope", factories.NEXT), ("10003001111", "scope", factories.NEXT)} <= kept


def test_what_nobody_brings_back_is_waited_for_as_long_as_tablets_keep_it(
    desk: Callable[[str], Desk],
) -> None:
    household = factories.home(factories.hub_in())["household"]
    first, second = desk("first"), desk("second")
    with forgotten():
        made = made_for_both(first, second, household)
    second.collect("person", id=made, phone="10003001111")
    for _ in range(3):
        second.sync()
    counts = second.session.desk.outbox.counts()
    assert (counts.unsent, counts.refused) == (1, 0)
    store = second.session._store
    assert store is not None
    with store.write() as unit:
        (entry,) = unit.entries_of(made)
        long_ago = store.clock.told() - timedelta(days=31)
        unit.put_entry(replace(entry, answered_on=long_ago.date().isoformat()))
    second.sync()
    counts = second.session.desk.outbox.counts()
    assert (counts.unsent, counts.refused) == (0, 1)
    assert second._memory().held.get(made) is None
    assert Inbox.objects.filter(record=made, offered__phone="10003001111", errors__0__code="missing").exists()


def test_what_the_restored_hub_holds_closed_in_another_grid_is_waited_for_too(
    desk: Callable[[str], Desk],
) -> None:
    """Staff had reopened somebody and moved his household to a grid that the worker then served as well."""
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    home, there = factories.home(hub), factories.home(hub, factories.WEST + 0.015)
    person = factories.person(hub, home["household"])
    closed = {"closed_on": "2026-11-01", "closed_reason": factories.close_reason("person")}
    factories.apply(hub, factories.change("person", person, 1, **closed))
    first = desk("first")
    reopened = dict.fromkeys(closed)
    with forgotten():
        move = factories.change("household", home["household"], 1, room=there["room"])
        factories.apply(hub, factories.change("person", person, 2, **reopened), move)
        worker = User.objects.get(username="first")
        Post.objects.create(worker=worker, grid=factories.NEXT, kind="stand_in", starts_on=date(2026, 1, 1))
        first.sync()
    first.collect("person", id=person, phone="10003001111")
    first.sync()
    kept = Inbox.objects.filter(record=person).count()
    first.sync()
    assert (Inbox.objects.filter(record=person).count(), first.unsent()) == (kept, 1)
    factories.apply(hub, factories.change("person", person, 2, **reopened))
    first.sync()
    assert factories.model("person").objects.get(pk=person).phone == "10003001111"
    assert first.unsent() == 0
