"""The worker saves at the very moment at which a sync, in its thread, looks through what is held."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from field_app.store import files
from field_app.store.photos import files_tidy, thumb_name
from tests.field_app.conftest import Tablet
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
