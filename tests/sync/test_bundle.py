"""Bundles over HTTP, from a client that knows the protocol's page alone."""

import json
import os
import stat
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.models import Device, Post, User
from governance.access.services.devices import device_revoke
from governance.audit.models import AuditEntry
from governance.contract.envelope import MAX_FILE
from governance.records.models import History, Inbox, Person
from governance.sync.bundles.hub_keys import hub_key_newest
from governance.sync.models import BundlePart
from tests import factories
from tests.sync.stick import Stick
from tests.sync.tablet import JSON, Tablet, offer

BINARY = "application/octet-stream"


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.BUNDLE_KEYS = tmp_path / "bundle_keys.json"


def registered(token: str, device: object) -> Stick:
    """Register a tablet's keys."""
    stick = Stick(str(device))
    stick.hub = keys(token, stick).json()
    return stick


def keys(token: str, stick: Stick):
    return factories.client(token).post("/api/v1/devices/keys", stick.public(), content_type=JSON)


def hand_in(data: bytes, token: str = "carrier"):
    return factories.client(token).post("/api/v1/sync/bundle", data, content_type=BINARY)


@pytest.fixture
def stick(worker, home) -> Stick:
    """The keys of the worker's tablet."""
    return registered("token", worker.device_id)


@pytest.fixture
def carrier(stick):
    """Another worker's tablet, of another grid."""
    return factories.tablet(factories.worker("carrier", factories.NEXT), "carrier")


def person(home: dict[str, str], name: str = "王示例") -> dict[str, object]:
    return offer("person", household=home["household"], name=name, residence_kind="1")


def test_a_bundle_is_applied_as_its_senders_work_and_only_he_reads_the_receipt(stick, carrier, worker, home):
    change = person(home)
    edit = offer("person", change["id"], None, phone="10002138000")
    data = stick.bundle(change, edit)

    receipt = hand_in(data)

    assert receipt.status_code == 200, receipt.content
    assert receipt["Content-Type"] == BINARY
    head, content = stick.read(receipt.content)
    assert head["type"] == "receipt"
    assert (head["device"], head["part"], head["parts"]) == (stick.device, 1, 1)
    assert [result["change"] for result in content["results"]] == [change["change"], edit["change"]]
    assert [result["status"] for result in content["results"]] == ["created", "merged"]
    assert content["epoch"] == receipt["X-Epoch"]
    assert Person.objects.get(pk=change["id"]).phone == "10002138000"
    for row in History.objects.filter(record=change["id"]):
        assert (str(row.device), row.user) == (stick.device, worker.user_id)
    assert "王示例".encode() not in data + receipt.content
    assert home["household"].encode() not in data + receipt.content


def test_the_audit_names_carrier_and_sender(stick, carrier, home):
    data = stick.bundle(person(home))
    header = json.loads(data[12 : 12 + int.from_bytes(data[8:12], "big")])
    hand_in(data)

    entry = AuditEntry.objects.get(action="bundle.take")
    assert (entry.username, entry.device_id) == ("carrier", carrier.device_id)
    assert entry.chain == "user:worker"
    assert entry.detail["device"] == stick.device
    assert entry.detail["bundle"] == header["bundle"]
    assert entry.detail["results"] == {"created": 1}


def test_handed_in_again_the_answer_is_the_same_and_nothing_doubles(stick, carrier, home):
    data = stick.bundle(person(home), person(home, "李示例"))
    first, again = hand_in(data), hand_in(data)

    assert stick.read(first.content)[1] == stick.read(again.content)[1]
    assert Person.objects.count() == 2
    assert BundlePart.objects.get().changes == 2


def test_handed_in_after_the_tablet_pushed_by_itself_it_changes_nothing(stick, carrier, home):
    change = person(home)
    data = stick.bundle(change)
    (pushed,) = Tablet("token").push(change)
    newer = offer("person", change["id"], pushed["version"], phone="10002138000")
    Tablet("token").push(newer)

    (result,) = stick.read(hand_in(data).content)[1]["results"]

    assert result["status"] == "created"
    assert Person.objects.get(pk=change["id"]).phone == "10002138000"
    assert History.objects.filter(record=change["id"]).count() == 2


def test_two_bundles_of_one_tablet_may_come_in_either_order(stick, carrier, home):
    change = person(home)
    edit = offer("person", change["id"], None, phone="10002138000")
    older, newer = stick.bundle(change), stick.bundle(change, edit)

    for data in (newer, older, newer):
        assert hand_in(data).status_code == 200

    assert Person.objects.get(pk=change["id"]).phone == "10002138000"
    assert History.objects.filter(record=change["id"]).count() == 2


def test_one_bad_change_does_not_hinder_its_neighbours(stick, carrier, home):
    bad = person(home)
    bad["set"] = {"household": home["household"], "name": 5}
    results = stick.read(hand_in(stick.bundle(bad, person(home))).content)[1]["results"]

    assert [result["status"] for result in results] == ["rejected", "created"]
    assert str(Inbox.objects.get(status="rejected").device) == stick.device


@pytest.mark.parametrize(
    "value", ["NaN", r'"\ud800"', "9" * 5000, "[" * 5000 + "]" * 5000], ids=lambda v: v[:8]
)
def test_a_value_that_no_reader_takes_hinders_no_neighbour_and_is_kept(stick, carrier, home, value):
    first, bad, last = person(home), person(home, "HERE"), person(home)
    plain = json.dumps({"changes": [first, bad, last]}).replace('"HERE"', value).encode()
    results = stick.read(hand_in(stick.bundle(plain=plain)).content)[1]["results"]

    assert [result["status"] for result in results] == ["created", "rejected", "created"]
    assert [result["change"] for result in results] == [each["change"] for each in (first, bad, last)]
    assert home["household"] in Inbox.objects.get(change=bad["change"]).offered["text"]


@pytest.mark.parametrize("damage", ["cut", "flip", "longer", "emptied", "other"])
def test_a_damaged_file_is_refused_in_chinese_and_nothing_is_stored(stick, carrier, home, damage):
    data = stick.bundle(person(home))
    damaged = {
        "cut": data[:-1],
        "flip": data[:-80] + bytes([data[-80] ^ 1]) + data[-79:],
        "longer": data + b"\0",
        "emptied": b"",
        "other": b"%PDF-1.7 something else",
    }[damage]

    answer = hand_in(damaged)

    assert answer.status_code == 400
    assert answer.json()["code"].startswith("bundle_")
    assert answer.json()["reason"].startswith("数据包没有收下：")
    assert nothing_taken()
    assert AuditEntry.objects.get(action="bundle.refuse").username == "carrier"


def nothing_taken() -> bool:
    kept = Person.objects.exists() or Inbox.objects.exists() or BundlePart.objects.exists()
    return not kept and History.objects.filter(kind="person").count() == 0


def test_every_byte_counts(stick, carrier, home, settings):
    settings.BUNDLES_PER_MINUTE = 10_000
    data = stick.bundle(person(home))
    for at in range(0, len(data), 7):
        damaged = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        assert hand_in(damaged).status_code == 400, at
    assert nothing_taken()


def test_nobody_passes_off_anothers_work_as_his(stick, carrier, home):
    thief = registered("carrier", carrier.device_id)
    data = stick.bundle(person(home))
    length = int.from_bytes(data[8:12], "big")
    header = json.loads(data[12 : 12 + length])
    body = data[12 + length : -64]

    def dressed(**lies: object) -> bytes:
        named = json.dumps({**header, **lies}).encode()
        return data[:8] + len(named).to_bytes(4, "big") + named + body

    assert code(thief.signed(data[:-64])) == "bundle_signature"
    assert code(thief.signed(dressed(device=thief.device))) == "bundle_sealed"
    assert code(thief.bundle(person(home), device=stick.device)) == "bundle_signature"
    assert code(stick.signed(dressed(counter=9))) == "bundle_sealed"
    assert nothing_taken()


def code(data: bytes, token: str = "carrier") -> str:
    answer = hand_in(data, token)
    assert answer.status_code == 400
    return str(answer.json()["code"])


def test_a_file_for_another_hub_or_of_an_unknown_tablet_is_refused(stick, carrier, home):
    other = replace(stick, hub={**stick.hub, "id": "0" * 16})
    assert code(other.bundle(person(home))) == "bundle_key"
    stranger = replace(stick, device=str(carrier.device_id))
    assert code(stranger.bundle(person(home))) == "bundle_device"
    assert code(stick.bundle(plain=b"[1]")) == "bundle_form"
    assert code(stick.bundle(plain=b" " * (8 * 1024 * 1024 + 1))) == "bundle_too_large"
    assert nothing_taken()


def test_a_receipt_is_not_a_bundle(stick, carrier):
    assert code(hand_in(stick.bundle()).content) == "bundle_form"


def test_a_later_version_and_an_odd_header_are_refused(stick, carrier):
    assert code(stick.bundle(v=2)) == "bundle_version"
    for lie in ({"counter": True}, {"part": 2}, {"device": 5}, {"bundle": "x"}, {"more": 1}, {"type": "x"}):
        assert code(stick.bundle(**lie)) == "bundle_form"


def test_a_file_beyond_the_cap_is_not_read(stick, carrier):
    answer = hand_in(b"\0" * (MAX_FILE + 2))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_later_part_waits_for_the_one_before_it(stick, carrier, home):
    change = person(home)
    edit = offer("person", change["id"], None, phone="10002138000")
    one = stick.bundle(change, part=1, parts=2)
    bundle = json.loads(one[12 : 12 + int.from_bytes(one[8:12], "big")])["bundle"]
    two = stick.bundle(edit, part=2, parts=2, bundle=bundle)

    answer = hand_in(two)
    assert (answer.status_code, answer.json()["code"]) == (400, "bundle_order")
    assert "先交第1份" in answer.json()["reason"]
    assert hand_in(one).status_code == 200
    assert hand_in(two).status_code == 200
    assert Person.objects.get(pk=change["id"]).phone == "10002138000"


@pytest.mark.parametrize("away", ["lost", "grace over", "account", "post"])
def test_work_whose_right_is_gone_is_kept_under_the_workers_name(stick, carrier, worker, home, away):
    device = Device.objects.get(pk=worker.device_id)
    if away == "post":
        Post.objects.filter(worker=worker.user_id).update(ends_on=date(2026, 1, 2))
    elif away == "account":
        User.objects.filter(pk=worker.user_id).update(is_active=False)
    else:
        device_revoke(actor=HUB, device=device, lost=away == "lost")
        Device.objects.filter(pk=device.pk, push_until__isnull=False).update(push_until=timezone.now())
    change = person(home)

    (result,) = stick.read(hand_in(stick.bundle(change)).content)[1]["results"]

    assert result["status"] == "rejected"
    kept = Inbox.objects.get(change=change["change"])
    assert (str(kept.device), kept.user) == (stick.device, worker.user_id)
    assert kept.offered == change["set"]


def test_a_tablet_merely_replaced_hands_its_work_over_as_its_workers(stick, carrier, worker, home):
    device_revoke(actor=HUB, device=Device.objects.get(pk=worker.device_id))
    change, again = person(home), person(home)
    again["id"] = change["id"]
    results = stick.read(hand_in(stick.bundle(change, again)).content)[1]["results"]
    assert [result["status"] for result in results] == ["created", "identical"]
    assert all(result["record"] is None for result in results)
    assert str(History.objects.get(change=change["change"]).device) == stick.device


def test_only_an_active_tablet_hands_in_or_registers(stick, carrier, home):
    data = stick.bundle(person(home))
    assert hand_in(data, "nobody").status_code == 401
    Device.objects.filter(pk=carrier.device_id).update(revoked_at=timezone.now())
    assert hand_in(data).status_code == 401
    assert keys("carrier", Stick(str(carrier.device_id))).status_code == 401
    assert nothing_taken()


def test_a_tablet_has_one_pair_of_keys_for_good(stick):
    assert keys("token", stick).status_code == 200
    answer = keys("token", Stick(stick.device))
    assert (answer.status_code, answer.json()["code"]) == (409, "keys")


@pytest.mark.parametrize("lie", [{"sign": "AAAA"}, {"sign": "非"}, {"receipt": None}, {"more": "x"}])
def test_odd_keys_are_refused_and_an_enrolment_with_them_makes_no_device(stick, lie):
    given = {**Stick("").public(), **lie}
    answer = factories.client().post("/api/v1/devices/keys", given, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    before = Device.objects.count()
    factories.worker("third", factories.NEXT)
    enrolment = {"username": "third", "password": factories.PASSWORD, "device": "平板", "keys": given}
    answer = Client().post("/api/v1/devices/enrol", enrolment, content_type=JSON)
    assert answer.status_code == 400
    assert Device.objects.count() == before


def test_keys_given_at_enrolment_are_as_good(stick, home):
    factories.worker("third", factories.GRID)
    third = Stick("")
    enrolment = {
        "username": "third",
        "password": factories.PASSWORD,
        "device": "平板",
        "keys": third.public(),
    }
    told = Client().post("/api/v1/devices/enrol", enrolment, content_type=JSON).json()
    third.device, third.hub = told["device"], told["hub_key"]
    assert third.hub == stick.hub

    receipt = hand_in(third.bundle(person(home)), told["token"])

    assert third.read(receipt.content)[1]["results"][0]["status"] == "created"


def test_handing_in_is_throttled(stick, carrier, home, settings):
    settings.BUNDLES_PER_MINUTE = 1
    statuses = [hand_in(stick.bundle()).status_code for _ in range(3)]  # the minute may turn once
    assert set(statuses) == {200, 429}


def test_renewed_keys_are_told_and_the_old_ones_still_open(stick, carrier, home, settings):
    old = stick.bundle(person(home))
    call_command("bundle_keys", renew=True)
    told = keys("token", stick).json()
    assert told["id"] != stick.hub["id"]
    receipt = hand_in(old)
    stick.read(receipt.content)  # signed with the pair the bundle was sealed for

    call_command("bundle_keys", retire=stick.hub["id"])
    assert code(old) == "bundle_key"
    with pytest.raises(CommandError):
        call_command("bundle_keys", retire=told["id"])
    assert stat.S_IMODE(settings.BUNDLE_KEYS.stat().st_mode) == 0o600


def test_keys_that_tablets_were_told_outlive_a_power_cut(settings, monkeypatch):
    fsync, synced = os.fsync, []

    def watched(handle):
        fsync(handle)
        there = settings.BUNDLE_KEYS.exists()
        synced.append((os.fstat(handle).st_ino, there))

    monkeypatch.setattr(os, "fsync", watched)
    hub_key_newest()
    folder = settings.BUNDLE_KEYS.parent.stat().st_ino
    assert synced == [(settings.BUNDLE_KEYS.stat().st_ino, False), (folder, True)]
