"""Photos on the tablet: sealed, after records, resumed where cut, wiped only when the hub has them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from field_app.store.files import PIECE
from field_app.store.state import PhotoState
from field_app.sync import photos
from field_app.sync.errors import Offline
from field_app.sync.transport import Reply, Request
from field_app.work.errors import Refused
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town

JPEG = b"\xff\xd8\xff"


def picture(seed: int, size: int = 400_000) -> bytes:
    """Give bytes that begin as a photo does, each differently."""
    blocks = (hashlib.sha256(f"{seed}:{place}".encode()).digest() for place in range(size // 32 + 1))
    return (JPEG + b"".join(blocks))[:size]


def add(tablet: Tablet, town: Town, data: bytes, where: Path, record: str = "") -> str:
    """Add a photo to the building as the form does; give its id."""
    source = where / "photo.jpg"
    source.write_bytes(data)
    form = tablet.desk.collect.form("building", id=record or town.building)
    made = tablet.desk.photos.add(form, "photos", source)
    tablet.desk.collect.save(form)
    return made


def lying(tablet: Tablet) -> set[str]:
    folder = tablet.folder / "files"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_photo_follows_its_record_and_both_are_at_the_hub(tablet, town, hub, tmp_path):
    data = picture(1)
    made = add(tablet, town, data, tmp_path)
    (row,) = tablet.desk.photos.rows()
    assert (row.state, row.state_label, row.saved) == (PhotoState.HERE, "只在本机", True)
    report = tablet.session.sync()
    assert (report.photos.sent, report.photos.left, report.photos.note) == (1, 0, "")
    assert hub.files.stored == {made: data}
    assert hub.records[town.building].values["photos"] == [made]
    assert tablet.desk.photos.row(made).state_label == "已到平台"
    assert tablet.desk.photos.thumb(made) == b"thumb of " + made.encode()
    asked = tablet.transport.requests
    assert asked.index("sync/pull") < asked.index("files/")
    hub.files.asked.clear()
    assert tablet.session.sync().photos.sent == 0
    assert hub.files.asked == []


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_sealed_file_comes_back_at_every_place_and_shows_nothing(tablet, town, hub, tmp_path, size):
    data = (JPEG + b"SECRET HOUSE NUMBER" * 20_000)[: max(size, 3)]
    made = add(tablet, town, data, tmp_path)
    files = tablet.session._store.files
    for start in (0, 1, size // 2, max(0, size - 1)):
        assert files.read(made, len(data), start, PIECE) == data[start : start + PIECE]
    assert files.whole(made) == data
    for path in (tablet.folder / "files").iterdir():
        assert b"SECRET" not in path.read_bytes()


@pytest.mark.parametrize("harm", ["cut", "flipped", "swapped", "renamed"])
def test_a_sealed_file_that_was_altered_is_not_sent_and_the_others_are(tablet, town, hub, tmp_path, harm):
    bad, good = add(tablet, town, picture(1), tmp_path), add(tablet, town, picture(2), tmp_path)
    path = tablet.folder / "files" / bad
    sealed = path.read_bytes()
    stride = PIECE + 28
    path.write_bytes(
        {
            "cut": sealed[:stride],
            "flipped": sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
            "swapped": sealed[stride : 2 * stride] + sealed[:stride] + sealed[2 * stride :],
            "renamed": (tablet.folder / "files" / good).read_bytes(),
        }[harm]
    )
    report = tablet.session.sync()
    assert set(hub.files.stored) == {good}
    assert (report.photos.sent, report.photos.left) == (1, 1)
    assert "损坏" in tablet.desk.photos.row(bad).reason


class Cutting(FakeTransport):
    """Breaks off before or after the hub has answered a request for files, after so many of them."""

    def __init__(self, hub: FakeHub) -> None:
        super().__init__(hub)
        self.after, self.answered = -1, False

    def send(self, request: Request) -> Reply:
        cut = request.route.startswith("files/") and self.after == 0
        if request.route.startswith("files/"):
            self.after -= 1
        if cut and not self.answered:
            raise Offline("线路断了")
        reply = super().send(request)
        if cut:
            raise Offline("线路断了")
        return reply


@pytest.mark.parametrize("answered", [False, True], ids=["request lost", "answer lost"])
def test_cut_at_every_request_it_goes_on_where_it_was(
    tablet_make: Callable[..., Tablet], town, hub, tmp_path, monkeypatch, answered
):
    monkeypatch.setattr(photos, "SMALLEST", PIECE)
    monkeypatch.setattr(photos, "LARGEST", PIECE)
    transport = Cutting(hub)
    tablet = tablet_make(transport).enrol()
    tablet.session.sync()
    transport.answered = answered
    data = picture(3, 5 * PIECE + 17)
    for cut in range(9):
        made = add(tablet, town, data, tmp_path)
        transport.after = cut
        report = tablet.session.sync()
        assert hub.records[town.building].values["photos"][-1] == made, (
            "the record went, whatever befell the photo"
        )
        if report.photos.note:
            assert "下次接着送" in report.photos.note
            assert (tablet.folder / "files" / made).exists() or made in hub.files.stored
        transport.after = -1
        tablet.restart()
        hub.files.asked.clear()
        tablet.session.sync()
        assert hub.files.stored[made] == data
        assert hub.files.asked.count("PATCH") <= max(0, 6 - max(0, cut - 1)) + 1
        tablet.save("building", id=town.building, photos=None)


def test_a_file_whose_name_is_no_utf8_goes_out_too(tablet, town, hub, tmp_path):
    """As of a stick that another system wrote."""
    source = tmp_path / "\udcb5\udcd8.jpg"
    source.write_bytes(picture(1))
    form = tablet.desk.collect.form("building", id=town.building)
    made = tablet.desk.photos.add(form, "photos", source)
    tablet.desk.collect.save(form)
    assert tablet.session.sync().photos.sent == 1
    assert tablet.desk.photos.row(made).name == "??.jpg"


def test_one_bad_photo_blocks_neither_the_others_nor_records(tablet, town, hub, tmp_path):
    bad = picture(1)
    hub.files.refuse.add(hashlib.sha256(bad).hexdigest())
    first = add(tablet, town, bad, tmp_path)
    second = add(tablet, town, picture(2), tmp_path)
    report = tablet.session.sync()
    assert (report.photos.sent, report.photos.refused, report.photos.left) == (1, 1, 0)
    assert set(hub.files.stored) == {second}
    row = tablet.desk.photos.row(first)
    assert (row.state, row.state_label) == (PhotoState.REFUSED, "平台不收：平台答复unacceptable")
    assert (tablet.folder / "files" / first).exists()
    assert tablet.session.sync().photos.refused == 0


def test_a_record_saved_while_photos_go_out_goes_first(tablet, town, hub, tmp_path):
    """Fails when photos are sent to the end before the outbox is looked at again."""
    for seed in range(3):
        add(tablet, town, picture(seed), tmp_path)
    seen = []
    send = tablet.transport.send

    def busy(request: Request) -> Reply:
        if request.method == "PATCH" and not seen:
            tablet.save("person", id=town.person, phone="10009998888")
        reply = send(request)
        if request.method == "PATCH":
            seen.append(hub.records[town.person].values["phone"])
        return reply

    tablet.transport.send = busy
    report = tablet.session.sync()
    assert report.photos.sent == 3
    assert seen[1] == "10009998888"


def test_after_a_while_records_have_their_turn(tablet, town, hub, tmp_path, monkeypatch):
    monkeypatch.setattr(photos.PhotoSender.__init__, "__defaults__", (iter(range(10**6)).__next__,))
    monkeypatch.setattr(photos, "AT_A_STRETCH", 2.0)
    for seed in range(3):
        add(tablet, town, picture(seed), tmp_path)
    tablet.transport.requests.clear()
    assert tablet.session.sync().photos.sent == 3
    assert tablet.transport.requests.count("sync/pull") > 2


def test_the_copy_goes_only_after_the_hub_has_it(tablet, town, hub, tmp_path, monkeypatch):
    monkeypatch.setattr(photos.originals_thin, "__defaults__", (500_000,))
    made = [add(tablet, town, picture(seed), tmp_path) for seed in range(3)]
    hub.files.full = True
    assert "答复quota" in tablet.session.sync().photos.note
    assert lying(tablet) == set(made)
    hub.files.full = False
    tablet.session.sync()
    thumbs = {f"{id}.thumb" for id in made}
    assert lying(tablet) == {made[-1]} | thumbs, "the latest stays for a hub restored from a backup"
    assert [row.copy for row in tablet.desk.photos.rows()] == [True, False, False]


def test_a_restored_hub_gets_its_photos_again(tablet, town, hub, tmp_path):
    old = hub.backup()
    made = add(tablet, town, picture(1), tmp_path)
    tablet.session.sync()
    hub.restore(old)
    assert made not in hub.files.stored
    tablet.session.sync()
    assert hub.files.stored[made] == picture(1)
    assert hub.records[town.building].values["photos"] == [made]


def test_what_was_never_saved_is_never_sent_and_goes_at_the_next_unlock(tablet, town, hub, tmp_path):
    source = tmp_path / "photo.jpg"
    source.write_bytes(picture(1))
    form = tablet.desk.collect.form("building", id=town.building)
    kept, dropped = (tablet.desk.photos.add(form, "photos", source) for _ in range(2))
    tablet.session.sync()
    assert lying(tablet) == {kept, dropped}, "the form is still open"
    assert tablet.desk.photos.counts().waiting == 0
    tablet.desk.photos.remove(form, "photos", dropped)
    tablet.desk.collect.keep(form)
    tablet.restart()
    assert lying(tablet) == {kept}
    assert hub.files.stored == {}
    tablet.desk.collect.save(tablet.desk.collect.resume(form.draft))
    tablet.session.sync()
    assert set(hub.files.stored) == {kept}


def test_photos_of_records_that_left_go_once_they_are_at_the_hub(tablet, town, hub, tmp_path):
    made = add(tablet, town, picture(1), tmp_path)
    hub.files.full = True
    tablet.session.sync()
    hub.move(town.building, "420502001001002")
    tablet.session.sync()
    assert town.building not in {view.id for view in tablet.desk.records.views("building")}
    assert lying(tablet) == {made}, "not at the hub yet"
    hub.files.full = False
    tablet.session.sync()
    assert set(hub.files.stored) == {made}
    assert lying(tablet) == set()
    assert tablet.desk.photos.rows() == ()


def test_a_photo_that_the_hub_refused_leaves_with_its_record(tablet, town, hub, tmp_path):
    hub.files.refuse.add(hashlib.sha256(picture(1)).hexdigest())
    made = add(tablet, town, picture(1), tmp_path)
    tablet.session.sync()
    assert lying(tablet) == {made}
    hub.move(town.building, "420502001001002")
    tablet.session.sync()
    assert lying(tablet) == set()
    assert tablet.desk.photos.rows() == ()


def test_erasing_the_tablet_erases_its_photos(tablet, town, hub, tmp_path):
    add(tablet, town, picture(1), tmp_path)
    tablet.session.erase()
    assert lying(tablet) == set()


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [(b"GIF89a....", "photos", "type"), (JPEG, "name", "unknown_field"), (JPEG, "other", "unknown_field")],
)
def test_what_is_no_photo_is_not_taken(tablet, town, tmp_path, data, field, code):
    source = tmp_path / "photo.jpg"
    source.write_bytes(data)
    form = tablet.desk.collect.form("building", id=town.building)
    with pytest.raises(Refused) as refused:
        tablet.desk.photos.add(form, field, source)
    assert refused.value.problems[0].code == code
    assert lying(tablet) == set()


def test_a_record_takes_nine_photos(tablet, town, tmp_path):
    source = tmp_path / "photo.jpg"
    source.write_bytes(picture(1, 100))
    form = tablet.desk.collect.form("building", id=town.building)
    for _ in range(9):
        tablet.desk.photos.add(form, "photos", source)
    with pytest.raises(Refused, match="最多9张"):
        tablet.desk.photos.add(form, "photos", source)
    tablet.desk.collect.save(form)


def test_the_cameras_plain_file_is_gone(tablet, town, tmp_path):
    form, seen = tablet.desk.collect.form("building", id=town.building), []

    def camera(target: Path) -> Path:
        target.write_bytes(picture(1))
        seen.append(target)
        return target

    assert tablet.desk.photos.take(form, "photos", camera) in lying(tablet)
    assert not seen[0].exists()
    assert tablet.desk.photos.take(form, "photos", lambda _: None) is None


def test_a_store_of_the_former_format_takes_photos(tablet, town, hub, tmp_path):
    connection = tablet.session._vault._connection
    connection.execute("DROP TABLE photo")
    connection.execute("ALTER TABLE keyring DROP COLUMN opened")
    connection.execute("PRAGMA user_version = 2")
    tablet.restart()
    assert add(tablet, town, picture(1), tmp_path)


def test_a_revoked_tablet_wipes_what_the_hub_has(tablet, town, hub, tmp_path):
    add(tablet, town, picture(1), tmp_path)
    tablet.session.sync()
    photo = tablet.session._store.memory.photos.copy().popitem()[1]
    assert photo == replace(photo, state=PhotoState.HUB, sent=photo.size, bound=True)
    for device in hub.devices.values():
        device.revoked = True
    with pytest.raises(Exception, match="停用"):
        tablet.session.sync()
    assert lying(tablet) == set()
