"""A centre's computer hands in what came on a stick: who may, what comes back, who is named."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.audit.models import AuditEntry
from governance.console import bundles
from governance.records.models import History, Person
from tests import factories
from tests.sync.stick import Stick
from tests.sync.tablet import JSON, offer


@pytest.fixture
def stick(town, settings, tmp_path) -> Stick:
    """The keys of a worker's tablet."""
    settings.BUNDLE_KEYS = tmp_path / "bundle_keys.json"
    stick = Stick(str(factories.tablet(factories.worker()).device_id))
    told = factories.client().post("/api/v1/devices/keys", stick.public(), content_type=JSON)
    stick.hub = told.json()
    return stick


def person(town, name: str = "张示例"):
    return offer("person", household=town.home["household"], name=name, residence_kind="1")


def hand_in(client, *files: tuple[str, bytes]):
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post("/admin/bundles/", {"files": sent})


@pytest.mark.parametrize("role", ["grid_leader", "community_staff", "intake_clerk"])
def test_the_receipt_comes_back_for_the_sender(town, stick, role):
    change = person(town)
    clerk = town.staff(role)
    assert "代交" in clerk.get("/admin/bundles/").content.decode()

    answer = hand_in(clerk, ("outbox.bundle", stick.bundle(change)))

    assert answer["Content-Disposition"] == 'attachment; filename="outbox.bundle.receipt"'
    assert stick.read(answer.content)[1]["results"][0]["status"] == "created"
    assert str(History.objects.get(change=change["change"]).device) == stick.device
    entry = AuditEntry.objects.get(action="bundle.take")
    assert (entry.username, entry.device_id) == (f"{role}-420502001", None)
    assert entry.detail["device"] == stick.device


def test_several_files_give_several_receipts(town, stick):
    answer = hand_in(
        town.staff("community_staff"),
        ("二.bundle", stick.bundle(person(town))),
        ("一.bundle", stick.bundle(person(town, "李示例"))),
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == 2
        for name in archive.namelist():
            assert stick.read(archive.read(name))[1]["results"][0]["status"] == "created"


def test_what_is_not_taken_is_said_and_the_rest_stands(town, stick):
    good = stick.bundle(person(town))
    before = Person.objects.count()
    shown = hand_in(town.staff("community_staff"), ("good", good), ("bad", good[:-5])).content.decode()
    assert "bad：数据包没有收下：文件不完整" in shown
    assert "good：已收下" in shown
    assert Person.objects.count() == before + 1
    assert "请选择" in hand_in(town.staff("community_staff")).content.decode()


def test_who_hands_in_more_than_a_request_carries_is_told_so_and_nothing_of_it_is_taken(
    town, stick, monkeypatch
):
    monkeypatch.setattr(bundles, "_MOST_BYTES", 3000)
    one, other = (stick.bundle(person(town, name)) for name in ("李示例", "张示例"))
    before, clerk = Person.objects.count(), town.staff("community_staff")
    assert "分几次交" in hand_in(clerk, ("one", one), ("other", other + b"-" * 3000)).content.decode()
    assert Person.objects.count() == before
    assert hand_in(clerk, ("one", one))["Content-Disposition"] == 'attachment; filename="one.receipt"'


def test_who_gets_several_receipts_is_told_to_unpack_them(town):
    """A tablet looks for files that end in ``.receipt``."""
    assert "解压" in town.staff("community_staff").get("/admin/bundles/").content.decode()


@pytest.mark.parametrize("role", ["commander", "dispatcher", "department", "security_admin", "audit_admin"])
def test_nobody_else_may(town, stick, role):
    client = town.staff(
        role, None if role in ("department", "security_admin", "audit_admin") else "420502001"
    )
    assert client.get("/admin/bundles/").status_code == 403
    assert hand_in(client, ("x", stick.bundle(person(town)))).status_code == 403
    assert not History.objects.filter(kind="person", device=stick.device).exists()
