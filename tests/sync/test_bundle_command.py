"""The hub's command that takes in what came on a stick."""

import errno
import json
import os

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from governance.access.models import Device
from governance.audit.models import AuditEntry
from tests import factories
from tests.sync.stick import Stick
from tests.sync.tablet import JSON, offer


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.BUNDLE_KEYS = tmp_path / "bundle_keys.json"


@pytest.fixture
def stick(worker, home) -> Stick:
    """The keys of the worker's tablet."""
    made = Stick(str(worker.device_id))
    told = factories.client("token").post("/api/v1/devices/keys", made.public(), content_type=JSON)
    made.hub = told.json()
    return made


def person(home: dict[str, str]) -> dict[str, object]:
    return offer("person", household=home["household"], name="王示例", residence_kind="1")


def test_the_command_takes_files_from_a_stick(stick, home, tmp_path, capsys):
    change = person(home)
    edit = offer("person", change["id"], None, phone="10002138000")
    one = stick.bundle(change, parts=2)
    bundle = json.loads(one[12 : 12 + int.from_bytes(one[8:12], "big")])["bundle"]
    two = stick.bundle(edit, part=2, parts=2, bundle=bundle, counter=1)
    files = {"b-2.bundle": two, "c.bundle": one[:50], "z-1.bundle": one}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    with pytest.raises(CommandError, match="1个文件没有收下"):
        call_command("bundle_take", *(str(tmp_path / name) for name in files), receipts=tmp_path / "out")

    said = capsys.readouterr()
    assert "c.bundle：数据包没有收下：文件不完整" in said.err
    assert "worker" in said.out
    receipts = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert receipts.keys() == {"b-2.bundle.receipt", "z-1.bundle.receipt"}
    assert stick.read(receipts["b-2.bundle.receipt"])[1]["results"][0]["status"] == "merged"
    assert AuditEntry.objects.filter(action="bundle.take", username="hub").count() == 2


def test_bundles_of_one_name_from_two_sticks_have_a_receipt_each(stick, home, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "out.bundle").write_bytes(stick.bundle(person(home)))

    call_command("bundle_take", *map(str, tmp_path.glob("*/out.bundle")), receipts=tmp_path / "receipts")

    receipts = [stick.read(path.read_bytes()) for path in (tmp_path / "receipts").iterdir()]
    assert [answer["results"][0]["status"] for _, answer in receipts] == ["created", "created"]
    assert receipts[0] != receipts[1]


def test_a_receipt_that_the_disk_has_no_room_for_leaves_no_part_of_it(stick, home, tmp_path, monkeypatch):
    """A tablet would take it for a sign that the bundle was handed in."""
    (tmp_path / "out.bundle").write_bytes(stick.bundle(person(home)))
    receipts = tmp_path / "receipts"

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CommandError, match="写不下"):
            call_command("bundle_take", str(tmp_path / "out.bundle"), receipts=receipts)
    assert list(receipts.iterdir()) == []
    call_command("bundle_take", str(tmp_path / "out.bundle"), receipts=receipts)
    assert [path.name for path in receipts.iterdir()] == ["out.bundle.receipt"]


def test_a_receipt_that_cannot_be_written_is_told_in_words(stick, home, tmp_path):
    bundle = tmp_path / "out.bundle"
    bundle.write_bytes(stick.bundle(person(home)))
    (tmp_path / "receipts" / "out.bundle.receipt").mkdir(parents=True)

    with pytest.raises(CommandError, match="建不成"):
        call_command("bundle_take", str(bundle), receipts=bundle)
    with pytest.raises(CommandError, match="写不下"):
        call_command("bundle_take", str(bundle), receipts=tmp_path / "receipts")


def test_a_damaged_file_of_keys_is_told_in_chinese_and_stays(stick, home, tmp_path, settings):
    (tmp_path / "a.bundle").write_bytes(stick.bundle(person(home)))
    settings.BUNDLE_KEYS.write_text("garbage")
    devices = Device.objects.count()

    with pytest.raises(CommandError, match="密钥文件已损坏"):
        call_command("bundle_keys")
    with pytest.raises(CommandError, match="1个文件没有收下"):
        call_command("bundle_take", str(tmp_path / "a.bundle"), receipts=tmp_path / "out")
    factories.worker("third", factories.NEXT)
    enrolment = {"username": "third", "password": factories.PASSWORD, "device": "平板"}
    answer = Client().post("/api/v1/devices/enrol", enrolment, content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert Device.objects.count() == devices
    assert settings.BUNDLE_KEYS.read_text() == "garbage"
