"""Remote wipe: what is unsent goes to the hub first; then nothing is left, not even in a copy."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.errors import StoreError
from field_app.store.vault import Vault
from field_app.sync import recall
from field_app.sync.errors import Lost, Offline, Retired, Wiped
from field_app.work import session
from governance.access.actor import HUB
from governance.access.models import Device
from governance.access.services.devices import device_revoke
from governance.feed.models import Entry
from governance.feed.services import epoch_start
from governance.records.models import History, Person, StoredFile, Thing
from governance.sync.alarms import Alarm, of_alarm
from governance.sync.models import DeviceState
from tests import factories
from tests.pictures import picture
from tests.sync.desks import PIN, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(town: None) -> dict[str, str]:
    """A household of the first grid, and its worker."""
    factories.worker("wang")
    return factories.home(factories.hub_in(factories.GRID))


@pytest.fixture
def tablet(house: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A tablet of the worker's that has synced once."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    desk = Desk(tmp_path / "tablet", "wang")
    desk.sync()
    yield desk
    desk.session.close()


def revoke(*, lost: bool = False) -> None:
    device_revoke(actor=HUB, device=Device.objects.get(), lost=lost)


def test_nobody_looks_for_the_work_of_a_tablet_that_handed_in_all(
    tablet: Desk, house: dict[str, str]
) -> None:
    tablet.person(house["household"], "未送")
    revoke()
    with pytest.raises(Wiped):
        tablet.sync()
    state = DeviceState.objects.get()
    assert (state.unsent, state.files) == (0, 0)
    assert not of_alarm(Device.objects.all(), Alarm.REVOKED)


def test_the_hub_hears_of_changes_that_cannot_be_read_before_they_go_with_the_tablet(
    tablet: Desk, house: dict[str, str]
) -> None:
    for name in ("坏了", "也坏", "没坏"):
        tablet.person(house["household"], name)
    tablet.session.lock()
    tablet.session._vault._connection.execute("UPDATE outbox SET body = zeroblob(99) WHERE seq < 3")
    tablet.session.unlock(PIN)
    revoke()
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.filter(name="没坏").exists()
    assert DeviceState.objects.get().unsent == 2
    assert of_alarm(Device.objects.all(), Alarm.REVOKED)


def test_a_tablet_wanted_back_hands_in_and_is_empty(
    tablet: Desk, house: dict[str, str], tmp_path: Path
) -> None:
    made = tablet.person(house["household"], "未送")
    copy = {path: path.read_bytes() for path in (tmp_path / "tablet").rglob("*") if path.is_file()}
    (tmp_path / "tablet" / "pictures").mkdir()
    (tmp_path / "tablet" / "pictures" / "1.part").write_bytes(b"x")
    revoke()
    with pytest.raises(Wiped, match="全部清除"):
        tablet.sync()
    assert Person.objects.get(pk=made).name == "未送"
    assert tablet.session.state == "empty"
    left = {path.name for path in (tmp_path / "tablet").rglob("*")}
    assert left <= {"tablet.sqlite3", "tablet.sqlite3-wal", "tablet.sqlite3-shm", "tablet.lock"}
    tablet.session.close()
    for path, content in copy.items():
        if path.suffix not in (".secret", ".tries"):  # the folder is put back, the secret is gone for good
            path.write_bytes(content)
    vault = Vault(tmp_path / "tablet", SecretFile(tmp_path / "tablet"))
    with pytest.raises(StoreError, match="设备密钥"):
        vault.unlock(PIN)
    vault.close()


def test_nothing_is_wiped_before_the_hub_has_it(tablet: Desk, house: dict[str, str]) -> None:
    made = tablet.person(house["household"], "未送")
    revoke()
    tablet.transport.fault = lambda: "unanswered"
    with pytest.raises(Offline):
        tablet.sync()
    assert tablet.holds(made, house["household"])
    tablet.transport.fault = lambda: ""
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.filter(pk=made).count() == 1


def test_drafts_are_finished_or_dropped_before_the_wipe(tablet: Desk, house: dict[str, str]) -> None:
    desk = tablet.session.desk
    form = desk.collect.form("person", parent=house["household"])
    form.put("name", "半途")
    desk.collect.keep(form)
    revoke()
    with pytest.raises(Retired):
        tablet.sync()
    assert "没填完" in desk.today.overview().notice
    resumed = desk.collect.resume(desk.collect.drafts()[0].draft)
    for name, value in (("residence_kind", "1"), ("sex", "1")):
        resumed.put(name, value)
    desk.collect.save(resumed)
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.filter(name="半途").exists()


def test_a_lost_tablet_keeps_unsent_work_sealed_and_nothing_else(tablet: Desk, house: dict[str, str]) -> None:
    sent = tablet.person(house["household"], "已送")
    tablet.sync()
    made = tablet.person(house["household"], "未送")
    revoke(lost=True)
    with pytest.raises(Lost, match="挂失"):
        tablet.sync()
    assert tablet.holds(made)
    assert not tablet.holds(house["household"])
    assert not tablet.holds(sent)
    assert "已送" not in tablet.values()
    assert list(tablet._memory().trails) == []
    revoke()  # found again
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.get(pk=made).name == "未送"


def test_a_lost_tablet_without_unsent_work_is_empty_at_once(tablet: Desk) -> None:
    revoke(lost=True)
    with pytest.raises(Wiped):
        tablet.sync()
    assert tablet.session.state == "empty"


def restored(*records: str) -> None:
    """Set the hub back to before these records were made."""
    for model in (Person, Thing):
        model.objects.filter(pk__in=records).delete()
    History.objects.filter(record__in=records).delete()
    Entry.objects.filter(record__in=records).delete()
    epoch_start()


def test_a_tablet_wanted_back_gives_a_restored_hub_what_it_lost_before_it_is_empty(
    tablet: Desk, house: dict[str, str]
) -> None:
    """Fails where the epoch of a refusal goes unheard: all was answered, so all would be wiped."""
    made = tablet.person(house["household"], "已送")
    tablet.sync()
    restored(made)
    revoke()
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.get(pk=made).name == "已送"


def test_a_lost_tablet_keeps_what_a_restored_hub_lost(tablet: Desk, house: dict[str, str]) -> None:
    made = tablet.person(house["household"], "已送")
    tablet.sync()
    restored(made)
    revoke(lost=True)
    with pytest.raises(Lost):
        tablet.sync()
    revoke()  # found again
    with pytest.raises(Wiped):
        tablet.sync()
    assert Person.objects.get(pk=made).name == "已送"


@pytest.mark.usefixtures("file_folders")
def test_a_tablet_wanted_back_that_has_a_photo_to_send_keeps_what_a_restored_hub_may_want(
    tablet: Desk, tmp_path: Path
) -> None:
    (tmp_path / "camera.jpg").write_bytes(picture(colour=1))
    form = tablet.session.desk.collect.form("thing")
    form.put("category", factories.codes_of("part_category")[0])
    form.place(111.285, 30.695)
    photo = tablet.session.desk.photos.add(form, "photos", tmp_path / "camera.jpg")
    made = str(tablet.session.desk.collect.save(form).id)
    revoke()
    line = iter(["", ""])  # the push goes through and the pull is refused; then the line is down
    tablet.transport.fault = lambda: next(line, "lost")
    with pytest.raises(Retired):
        tablet.sync()
    assert Thing.objects.filter(pk=made).exists()
    tablet.transport.fault = lambda: ""
    restored(made)
    with pytest.raises(Wiped):
        tablet.sync()
    assert [str(each) for each in Thing.objects.get(pk=made).photos] == [photo]
    assert StoredFile.objects.filter(pk=photo).exists()


def test_nobody_saves_between_the_last_look_and_the_wipe(
    tablet: Desk, house: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker leaves a form just then: he is told that it was not stored."""
    desk, store = tablet.session.desk, tablet.session._store
    form = desk.collect.form("person", parent=house["household"])
    form.put("name", "最后")
    told: list[str] = []

    def keep() -> None:
        try:
            desk.collect.keep(form)
        except StoreError as error:
            told.append(str(error))

    pressed = threading.Thread(target=keep)
    look = recall.all_safe

    def looked(*given: Any) -> bool:
        safe = look(*given)
        pressed.start()
        pressed.join(0.3)
        return safe

    monkeypatch.setattr(session, "all_safe", looked)
    revoke()
    with pytest.raises(Wiped):
        tablet.sync()
    pressed.join()
    assert told == ["本机资料已清除，没有保存"]
    assert store is not None
    assert not store._connection.execute("SELECT 1 FROM draft").fetchall()
