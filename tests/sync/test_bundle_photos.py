"""Photos in a bundle over HTTP, from a client that knows the protocol's page alone."""

import json
from base64 import b64encode

import pytest
from django.test import Client

from governance.access.actor import HUB
from governance.access.models import Device
from governance.access.services.devices import device_revoke
from governance.audit.models import AuditEntry
from governance.contract import uuid7
from governance.records.models import Content, StoredFile, Thing
from governance.sync.files.parts import part_path
from governance.sync.models import BundlePart, Upload
from tests import factories
from tests.pictures import picture
from tests.sync.files import Sender, sha256
from tests.sync.stick import Stick
from tests.sync.tablet import JSON, offer

PHOTO = picture(side=256)
HALF = len(PHOTO) // 2
pytestmark = pytest.mark.usefixtures("file_folders")


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.BUNDLE_KEYS = tmp_path / "bundle_keys.json"


@pytest.fixture
def stick(worker) -> Stick:
    """The keys of the worker's tablet; another worker's carries."""
    made = Stick(str(worker.device_id))
    made.hub = factories.client("token").post("/api/v1/devices/keys", made.public(), content_type=JSON).json()
    factories.tablet(factories.worker("carrier", factories.NEXT), "carrier")
    return made


def piece(id_: str, data: bytes = PHOTO, start: int = 0, end: int | None = None, **told: str) -> dict:
    return {
        "id": id_,
        "size": len(data),
        "offset": start,
        "data": b64encode(data[start:end]).decode(),
        "told": {"sha256": sha256(data), "filename": "照片.jpg", **told},
    }


def bundle(stick: Stick, *pieces: object, changes: tuple = (), **header: object) -> bytes:
    return stick.bundle(plain=json.dumps({"changes": changes, "files": pieces}).encode(), **header)


def hand_in(stick: Stick, data: bytes) -> list[dict]:
    """Hand a file in as the carrier; give what the sender reads of files."""
    reply = Client(headers={"Authorization": "Token carrier"}).post(
        "/api/v1/sync/bundle", data, content_type="application/octet-stream"
    )
    assert reply.status_code == 200, reply.content
    files: list[dict] = stick.read(reply.content)[1]["files"]
    return files


def thing(*photos: str) -> dict:
    category = factories.codes_of("part_category")[0]
    return offer("thing", category=category, lon=111.285, lat=30.695, crs="4490", photos=list(photos))


def test_record_and_photo_arrive_in_one_file_as_the_senders(stick, worker):
    made = str(uuid7())
    told = hand_in(stick, bundle(stick, piece(made), changes=(thing(made),)))
    assert told == [{"id": made, "status": "stored", "offset": len(PHOTO), "reason": ""}]
    stored = StoredFile.objects.get()
    assert (str(stored.device), stored.user) == (stick.device, worker.user_id)
    assert stored.name == "照片.jpg"
    assert Thing.objects.get().photos == [made]
    assert Sender().get(made).status_code == 200
    assert Sender("carrier").get(made).status_code == 404, "who carries it does not read it"
    taken = AuditEntry.objects.get(action="bundle.take")
    assert taken.detail["files"] == {"stored": 1}
    assert AuditEntry.objects.filter(action="files.keep", username="worker").exists()


def test_a_large_photo_goes_in_pieces_of_several_parts(stick):
    made, whole = str(uuid7()), str(uuid7())
    first = bundle(stick, piece(made, end=HALF), bundle=whole, part=1, parts=2)
    second = bundle(stick, piece(made, start=HALF), bundle=whole, part=2, parts=2)
    (told,) = hand_in(stick, first)
    assert (told["status"], told["offset"]) == ("waiting", HALF)
    (told,) = hand_in(stick, second)
    assert (told["status"], told["offset"]) == ("stored", len(PHOTO))
    for again in (first, second, first):
        (told,) = hand_in(stick, again)
        assert told["status"] == "stored"
    assert (StoredFile.objects.count(), Content.objects.count()) == (1, 1)
    assert not part_path(made).exists()


def test_a_photo_half_sent_by_network_goes_on_where_it_stopped(stick):
    sender, made = Sender(), str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[: HALF + 7])
    (told,) = hand_in(stick, bundle(stick, piece(made, end=HALF)))
    assert (told["status"], told["offset"]) == ("waiting", HALF + 7), "what was there already is kept"
    (told,) = hand_in(stick, bundle(stick, piece(made, start=HALF)))
    assert told["status"] == "stored"
    assert sender.head(made)["Upload-Offset"] == str(len(PHOTO))


def test_a_piece_whose_forerunner_is_missing_waits_and_hinders_none(stick):
    late, good = str(uuid7()), str(uuid7())
    gap, stored = hand_in(stick, bundle(stick, piece(late, start=HALF), piece(good)))
    assert (gap["status"], gap["offset"]) == ("waiting", 0)
    assert "缺前面" in gap["reason"]
    assert stored["status"] == "stored"


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"no picture at all", {}), (PHOTO, {"sha256": "ff"}), (PHOTO, {"record": "nobody"})],
    ids=["content", "digest", "told"],
)
def test_what_will_never_be_taken_is_refused_in_chinese_beside_the_changes(stick, data, told):
    made, change = str(uuid7()), thing()
    (fate,) = hand_in(stick, bundle(stick, piece(made, data, **told), changes=(change,)))
    assert (fate["status"], bool(fate["reason"])) == ("refused", True)
    assert not StoredFile.objects.exists()
    assert Thing.objects.filter(pk=change["id"]).exists()


def test_bytes_that_are_not_those_meant_begin_anew(stick):
    made = str(uuid7())
    (told,) = hand_in(stick, bundle(stick, piece(made, sha256=sha256(b"another"))))
    assert (told["status"], told["offset"]) == ("waiting", 0)
    assert not StoredFile.objects.exists()


def test_nobody_gives_an_id_of_another_worker_a_content(stick):
    mine = Sender("carrier").whole(picture(colour=9))
    (told,) = hand_in(stick, bundle(stick, piece(mine)))
    assert told["status"] == "refused"
    assert Content.objects.count() == 1


def test_over_the_quota_the_photo_waits_and_the_changes_do_not(stick, settings):
    settings.FILES_DEVICE_DAILY_MB = 0
    change = thing()
    (told,) = hand_in(stick, bundle(stick, piece(str(uuid7())), changes=(change,)))
    assert told["status"] == "waiting"
    assert "24小时" in told["reason"]
    assert Thing.objects.filter(pk=change["id"]).exists()


def test_a_lost_tablets_photo_is_kept_and_opens_to_nobody_until_its_record_is_taken(stick, worker):
    device_revoke(actor=HUB, device=Device.objects.get(pk=worker.device_id), lost=True)
    made = str(uuid7())
    (told,) = hand_in(stick, bundle(stick, piece(made), changes=(thing(made),)))
    assert told["status"] == "stored"
    assert not Thing.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"size": 0}, {"size": -5}, {"offset": -1}, {"data": "不是"}, {"id": "x"}, {"told": None}],
    ids=str,
)
def test_pieces_of_another_form_are_refused_and_nothing_is_stored(stick, wrong):
    change = thing()
    data = bundle(stick, {**piece(str(uuid7())), **wrong}, changes=(change,))
    reply = factories.client("carrier").post(
        "/api/v1/sync/bundle", data, content_type="application/octet-stream"
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "bundle_form")
    assert not Thing.objects.exists()
    assert not Upload.objects.exists()
    assert not BundlePart.objects.exists()


def test_every_byte_of_a_photo_counts(stick):
    data = bundle(stick, piece(str(uuid7())))
    for place in range(0, len(data), 97):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        reply = factories.client("carrier").post(
            "/api/v1/sync/bundle", changed, content_type="application/octet-stream"
        )
        assert reply.status_code == 400
    assert not StoredFile.objects.exists()
