"""Locking, unlocking, changing the PIN; what is reached while locked."""

import threading

import pytest

from field_app.errors import TabletError
from field_app.store.errors import NotEnrolled
from field_app.store.vault import Vault
from field_app.sync.errors import Offline, Revoked, SyncError
from field_app.sync.transport import Reply, Request
from field_app.work import session as session_module
from field_app.work.errors import Locked, Refused, StoreError, WrongPin
from field_app.work.session import SessionState
from tests.field_app.conftest import PIN, Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town


def test_states_of_a_session(hub: FakeHub, tablet_make) -> None:
    session = tablet_make(FakeTransport(hub)).session
    assert (session.state, session.identity, session.revision) == (SessionState.EMPTY, None, 0)
    with pytest.raises(Locked, match="登记"):
        _ = session.desk
    with pytest.raises(Refused, match="PIN"):
        session.enrol(hub="x", username="wang", password="x", device="x", pin="12")
    remarks = session.enrol(hub="x", username="wang", password="Wangge-2026-e", device="平板1", pin="123456")
    assert len(remarks) == 1
    assert session.state is SessionState.OPEN
    assert (session.identity.name, session.identity.device_name) == ("王秀英", "平板1")
    session.lock()
    assert session.state is SessionState.LOCKED
    assert session.identity.name == "王秀英"
    with pytest.raises(Locked, match="PIN"):
        _ = session.desk
    with pytest.raises(Locked):
        session.sync()
    with pytest.raises(WrongPin):
        session.unlock("654321")
    session.unlock("123456")
    assert session.desk.today.overview().worker == "王秀英"


def test_the_pin_is_changed_while_a_sync_writes(tablet: Tablet) -> None:
    store = tablet.session._store
    assert store is not None
    writing = threading.Event()

    def write() -> None:
        with store.write() as unit:
            unit.put_meta("told", 1)
            writing.set()
            threading.Event().wait(0.3)

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait()
    tablet.session.change_pin(PIN, "13572468")
    thread.join()
    tablet.kill()
    tablet.session.unlock("13572468")
    assert tablet.session.meta["told"] == 1


def test_a_tablet_is_not_enrolled_anew_under_a_sync_that_is_told_of_the_old_token(
    tablet: Tablet, hub: FakeHub
) -> None:
    """What that sync is told would take the new registration for the one that was revoked."""
    for device in hub.devices.values():
        device.revoked = True

    class Hasty(FakeTransport):
        def send(self, request: Request) -> Reply:
            reply = super().send(request)
            if request.route == "sync/pull":
                with pytest.raises(SyncError, match="正在同步"):
                    tablet.enrol()
            return reply

    tablet.transport = Hasty(hub)
    with pytest.raises(Revoked):
        tablet.session.sync()
    assert tablet.session.meta["revoked"]
    tablet.enrol()
    assert not tablet.session.meta["revoked"]
    assert tablet.session.sync().pulled


def test_an_enrolment_cut_short_begins_anew(
    hub: FakeHub, tablet_make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power went after the key was made and before what the hub said of the tablet was kept."""
    tablet = tablet_make(FakeTransport(hub))
    words = {"hub": "x", "username": "wang", "password": "Wangge-2026-e", "device": "平板1"}

    def cut(*_: object) -> None:
        raise StoreError("断电")

    with monkeypatch.context() as patched:
        patched.setattr(session_module, "keys_keep", cut)
        with pytest.raises(StoreError):
            tablet.session.enrol(**words, pin="13572468")
    assert tablet.session.state is SessionState.EMPTY
    tablet.kill()
    again = tablet.session
    assert again.state is SessionState.EMPTY
    with pytest.raises(NotEnrolled, match="登记"):
        again.unlock("13572468")
    again.enrol(**words, pin="24681357")
    again.lock()
    with pytest.raises(WrongPin):
        again.unlock("13572468")
    again.unlock("24681357")
    assert again.identity.name == "王秀英"


def test_changing_the_pin(tablet: Tablet, town: Town) -> None:
    with pytest.raises(Refused):
        tablet.session.change_pin(PIN, "12")
    tablet.session.change_pin(PIN, "13572468")
    tablet.session.lock()
    tablet.session.unlock("13572468")
    assert len(tablet.desk.records.views("person")) == 2


def test_watchers_hear_of_every_change_through_lock_and_unlock(tablet: Tablet, town: Town) -> None:
    heard: list[int] = []
    stop = tablet.session.watch(lambda: heard.append(tablet.session.revision))
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.session.lock()
    tablet.session.unlock(PIN)
    tablet.save("person", id=town.person, phone="10003002222")
    stop()
    tablet.save("person", id=town.person, phone="10003003333")
    assert len(heard) == 2


def test_a_tablet_that_locked_itself_opens_while_its_sync_goes_on(tablet: Tablet, town: Town) -> None:
    """A hundred photos on a thin line take hours: nobody waits before a closed tablet for that."""
    heard: list[int] = []
    tablet.session.watch(lambda: heard.append(tablet.session.revision))
    opened: list[str] = []

    class Slow(FakeTransport):
        def send(self, request: Request) -> Reply:
            if request.route == "sync/push" and not opened:
                tablet.session.lock()
                with pytest.raises(WrongPin):
                    tablet.session.unlock("000000")
                assert tablet.session.state is SessionState.LOCKED
                tablet.session.unlock(PIN)
                tablet.save("person", id=town.person, phone="10003002222")
                opened.append(tablet.session.identity.name)
            return super().send(request)

    tablet.save("person", id=town.child, phone="10003001111")
    tablet.transport = Slow(tablet.transport.hub)
    report = tablet.session.sync()
    assert opened
    assert report.pushed.total() == 2
    assert tablet.session.desk.outbox.counts().unsent == 0
    heard.clear()
    tablet.save("person", id=town.person, phone="10003003333")
    assert len(heard) == 1, "what was watched before the lock is told once, not twice"
    phone = tablet.restart().desk.records.view(town.person).values["phone"]
    assert phone == "10003003333"


def test_a_tablet_wiped_under_its_lock_does_not_open(tablet: Tablet, hub: FakeHub) -> None:
    told: list[type[BaseException]] = []

    class Taking(FakeTransport):
        def send(self, request: Request) -> Reply:
            tablet.session.lock()
            tablet.session.erase()
            with pytest.raises(TabletError) as refused:
                tablet.session.unlock(PIN)
            told.append(refused.type)
            raise Offline("断线")

    tablet.transport = Taking(hub)
    with pytest.raises((Offline, StoreError)):
        tablet.session.sync()
    assert told == [NotEnrolled]
    assert tablet.session.state is SessionState.EMPTY


def test_of_a_tablet_that_was_wiped_nothing_held_comes_back(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    """As when the camera was open meanwhile."""
    let_go = tablet.session.hold()
    tablet.session.erase()
    for device in hub.devices.values():
        device.revoked = True
    tablet.enrol().session.lock()
    tablet.session.unlock(PIN)
    assert tablet.desk.records.views("person") == ()
    let_go()


def test_a_tablet_wiped_between_its_pin_and_its_screen_does_not_open(
    tablet: Tablet, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Vault.check

    def slow(vault: Vault, pin: str) -> None:
        check(vault, pin)
        wiping = threading.Thread(target=tablet.session.erase)
        wiping.start()
        wiping.join(0.3)
        threads.append(wiping)

    class Cut(FakeTransport):
        def send(self, request: Request) -> Reply:
            tablet.session.lock()
            tablet.session.unlock(PIN)
            threads[0].join()
            raise Offline("断线")

    threads: list[threading.Thread] = []
    monkeypatch.setattr(Vault, "check", slow)
    tablet.transport = Cut(hub)
    with pytest.raises((Offline, StoreError)):
        tablet.session.sync()
    assert tablet.session.state is SessionState.EMPTY


def test_closing_in_the_middle_of_a_sync_loses_nothing(tablet: Tablet, town: Town) -> None:
    saved = tablet.save("person", id=town.person, phone="10003001111")
    proper = tablet.transport

    class Closing:
        def send(self, request):
            tablet.session.close()
            return proper.send(request)

    tablet.transport = Closing()
    with pytest.raises(StoreError):
        tablet.session.sync()
    tablet.transport = proper
    assert dict(tablet.restart().session.sync().pushed) == {"updated": 1}
    assert tablet.desk.records.view(saved.id).values["phone"] == "10003001111"


def test_a_tablet_locked_while_it_syncs_closes_between_two_transactions(tablet: Tablet) -> None:
    store = tablet.session._store
    assert store is not None
    writing, done = threading.Event(), threading.Event()
    order: list[str] = []

    def write() -> None:
        with store.write() as unit:
            writing.set()
            done.wait(0.3)
            unit.put_meta("last_sync", "x")
            order.append("written")

    class Locking(FakeTransport):
        def send(self, request: Request) -> Reply:
            if not writing.is_set():
                tablet.session.lock()
                thread = threading.Thread(target=write)
                thread.start()
                writing.wait()
                tablet.session.close()
                order.append("closed")
                thread.join()
            raise Offline("关机")

    tablet.transport = Locking(tablet.transport.hub)
    with pytest.raises((Offline, StoreError)):
        tablet.session.sync()
    assert order == ["written", "closed"]
