"""The worker saves at the very moment at which a sync, in its thread, looks through what is held."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from field_app.store import files
from field_app.store.offer import change_dismiss
from field_app.store.photos import files_tidy, thumb_name
from field_app.store.state import Entry, RecordState
from field_app.store.store import Store
from field_app.sync.recovery import epoch_note
from field_app.sync.transport import Reply, Request
from field_app.work import outbox, photos
from field_app.work.errors import NotFound
from governance.contract import uuid7
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import NEXT, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.sync.test_photos import add, picture
from tests.field_app.town import Town


class Interrupted(dict[str, object]):
    """Has someone act in another thread whenever the main one has begun to look at each of its values."""

    def __init__(self, items: dict[str, object], act: Callable[[], object]) -> None:
        super().__init__(items)
        self._act = act
        self.looks = 0

    def values(self) -> Iterator[object]:  # type: ignore[override]
        for place, value in enumerate(super().values()):
            if place == 0 and threading.current_thread() is threading.main_thread():
                self.looks += 1
                thread = threading.Thread(target=self._act)
                thread.start()
                thread.join()
            yield value


def new_building(tablet: Tablet) -> str:
    return str(tablet.save("building", name="9栋", address="珍珠路", lon=111.285, lat=30.695).id)


def save_form(tablet: Tablet, _: Path) -> None:
    new_building(tablet)


def take_photo(tablet: Tablet, folder: Path) -> None:
    add(tablet, Town(*["unknown"] * 6), picture(1, 1000), folder, new_building(tablet))


@pytest.mark.parametrize(("held", "act"), [("entries", save_form), ("photos", take_photo)])
def test_a_sync_does_not_stumble_over_what_is_saved_meanwhile(
    tablet: Tablet, tmp_path: Path, held: str, act: Callable[[Tablet, Path], None]
) -> None:
    take_photo(tablet, tmp_path)
    store = tablet.session._store
    assert store is not None

    def act_unless_kept_waiting() -> None:
        if store.lock.acquire(blocking=False):
            try:
                act(tablet, tmp_path)
            finally:
                store.lock.release()

    interrupted = Interrupted(getattr(store.memory, held), act_unless_kept_waiting)
    setattr(store.memory, held, interrupted)
    tablet.session.sync()
    assert interrupted.looks
    assert tablet.desk.outbox.counts().unsent == 0


def test_a_small_picture_is_kept_that_was_fetched_while_a_sync_tidied_up(
    tablet: Tablet, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(tablet, town, picture(1, 1000), tmp_path)
    tablet.session.sync()
    store = tablet.session._store
    assert store is not None
    store.files.remove(thumb_name(made))
    tidying = threading.Thread(target=files_tidy, args=(store,))
    fsync = os.fsync

    def slow(handle: int) -> None:
        if not tidying.ident:
            tidying.start()
            tidying.join(0.2)
        fsync(handle)

    monkeypatch.setattr(files.os, "fsync", slow)
    assert tablet.session.photo(made, thumb=True)
    tidying.join()
    assert store.files.has(thumb_name(made))


class LetGo:
    """The store's lock, which has someone act in another thread once the main one let go of it so often."""

    def __init__(self, store: Store, times: int, act: Callable[[], object]) -> None:
        self._lock, self._left, self._act = store.lock, times, act
        self._depth = 0
        store.lock = self  # type: ignore[assignment]

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        free = self._depth == 0
        self._lock.release()
        if free and threading.current_thread() is threading.main_thread():
            self._left -= 1
            if self._left == 0:
                thread = threading.Thread(target=self._act)
                thread.start()
                thread.join()


@pytest.mark.parametrize("times", range(1, 8))
def test_what_is_saved_whenever_a_sync_lets_go_of_the_store_is_sent(
    tablet: Tablet, town: Town, hub: FakeHub, times: int
) -> None:
    store = tablet.session._store
    assert store is not None
    tablet.save("person", id=town.person, note="先写的")
    LetGo(store, times, lambda: tablet.save("person", id=town.person, note="后写的"))
    tablet.session.sync()
    tablet.session.sync()
    assert tablet.desk.outbox.counts().unsent == 0
    assert hub.records[town.person].values["note"] == "后写的"


class Unread(FakeTransport):
    """A hub that cannot read a push for as long as it holds a certain text."""

    def send(self, request: Request) -> Reply:
        if request.route == "sync/push" and "先写的" in str(request.body):
            return Reply(400, {"code": "malformed", "reason": "读不懂"}, epoch=self.hub.epoch)
        return super().send(request)


@pytest.mark.parametrize("times", range(1, 8))
def test_what_is_saved_whenever_a_sync_lets_go_of_the_store_outlives_that_the_hub_reads_nothing(
    tablet: Tablet, town: Town, hub: FakeHub, times: int
) -> None:
    store = tablet.session._store
    assert store is not None
    tablet.transport = Unread(hub)
    tablet.save("person", id=town.person, note="先写的")
    LetGo(store, times, lambda: tablet.save("person", id=town.person, note="后写的"))
    tablet.session.sync()
    tablet.session.sync()
    assert tablet.desk.outbox.counts().unsent == 0
    assert hub.records[town.person].values["note"] == "后写的"


@pytest.mark.parametrize("times", range(1, 8))
def test_what_is_withdrawn_whenever_a_sync_lets_go_of_the_store_is_gone(
    tablet: Tablet, hub: FakeHub, times: int
) -> None:
    store = tablet.session._store
    assert store is not None
    before = hub.open_records("building").keys()
    made = new_building(tablet)
    LetGo(store, times, lambda: tablet.desk.records.withdraw(made))
    tablet.session.sync()
    tablet.session.sync()
    assert hub.open_records("building").keys() == before
    assert tablet.desk.outbox.counts().unsent == 0


@pytest.mark.parametrize("times", range(1, 8))
def test_a_photo_taken_whenever_a_sync_lets_go_of_the_store_is_sent_though_its_record_left(
    tablet: Tablet, town: Town, hub: FakeHub, tmp_path: Path, times: int
) -> None:
    store = tablet.session._store
    assert store is not None
    hub.move(town.building, NEXT)
    made: list[str] = []

    def take() -> None:
        with suppress(NotFound):  # it has left by then
            made.append(add(tablet, town, picture(1, 1000), tmp_path))

    LetGo(store, times, take)
    tablet.session.sync()
    tablet.restart().session.sync()
    assert town.building not in tablet.session._store.memory.held
    assert hub.files.stored.keys() == set(made)


def test_a_contest_put_aside_while_a_restored_hub_is_noticed_is_sent_again(
    tablet: Tablet, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tablet.session._store
    assert store is not None
    made = Entry(0, str(uuid7()), town.person, "person", 1, {"note": "x"}, False, "", None, RecordState.SENT)
    with store.write() as unit:
        unit.put_entry(replace(unit.put_entry(made), state=RecordState.CONTESTED, status="contested"))

    def notice() -> None:
        with store.write() as unit:
            epoch_note(store, unit, "another")

    def put_aside(**given: Any) -> None:
        thread.start()
        thread.join(0.3)
        change_dismiss(**given)

    thread = threading.Thread(target=notice)
    monkeypatch.setattr(outbox, "change_dismiss", put_aside)
    tablet.desk.outbox.dismiss(made.change)
    thread.join()
    assert store.memory.entries[made.change].state is RecordState.SENT


def test_of_two_photos_that_are_sealed_at_once_both_are_in_the_form(
    tablet: Tablet, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = tablet.desk.collect.form("building", id=town.building)
    (tmp_path / "photo.jpg").write_bytes(picture(1, 1000))
    made: list[str] = []

    def meanwhile(_: Path) -> None:
        monkeypatch.undo()
        made.append(tablet.desk.photos.add(form, "photos", tmp_path / "photo.jpg"))

    monkeypatch.setattr(photos, "thumb_of", meanwhile)
    made.append(tablet.desk.photos.add(form, "photos", tmp_path / "photo.jpg"))
    assert form.values["photos"] == made
