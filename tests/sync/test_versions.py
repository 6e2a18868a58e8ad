"""One version behind keeps syncing; older and newer ones are told so and lose nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.errors import TooOld
from field_app.sync.transport import Request
from field_app.work.session import Session
from governance.access.actor import Actor
from governance.contract.wire import MAX_BATCH, MAX_BODY, PROTOCOL
from governance.records.models import Person
from governance.sync import views
from governance.sync.admission import Admission
from governance.sync.versions import OLDEST
from tests import factories
from tests.sync.django_transport import DjangoTransport
from tests.sync.tablet import JSON, Tablet, offer

PIN = "246810"


class TestOne:
    """`Tablet` speaks version 1 as it was: it names none."""

    def test_one_is_still_spoken(self) -> None:
        assert (OLDEST, PROTOCOL) == (1, 2)

    @pytest.mark.parametrize("named", [{}, {"X-Protocol": "1"}])
    def test_a_whole_day(self, worker: Actor, home: dict[str, str], named: dict[str, str]) -> None:
        given = {"username": "second", "password": factories.PASSWORD, "device": "平板"}
        factories.worker("second")
        enrolled = Client(headers=named).post("/api/v1/devices/enrol", given, content_type=JSON)
        assert enrolled.headers["X-Protocol"] == "1"
        tablet = Tablet(enrolled.json()["token"])
        tablet.client = Client(headers={"Authorization": f"Token {enrolled.json()['token']}", **named})
        *lines, end = tablet.snapshot()
        assert home["household"] in {line.get("id") for line in lines}
        assert end["end"]
        tablet.cursor = end["cursor"]
        made = offer("person", household=home["household"], name="王", residence_kind="1")
        (result,) = tablet.push(made)
        assert (result["status"], result["version"]) == ("created", 1)
        factories.person(worker, home["household"], name="李")
        assert "李" in {item["record"].get("name") for item in tablet.pull()}

    def test_it_is_told_to_wait_in_its_own_words(
        self, worker: Actor, home: dict[str, str], full: None
    ) -> None:
        reply = Tablet().client.get("/api/v1/sync/snapshot")
        assert (reply.status_code, reply.json()["code"]) == (429, "throttled")
        assert int(reply.headers["Retry-After"]) > 0
        newer = Tablet().client.get("/api/v1/sync/snapshot", headers={"X-Protocol": "2"})
        assert (newer.status_code, newer.json()["code"]) == (503, "busy")
        assert (reply.headers["X-Protocol"], newer.headers["X-Protocol"]) == ("1", "2")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """All seats for long snapshots are taken, and every snapshot is long."""
    monkeypatch.setattr(views, "LONG", 0)
    monkeypatch.setattr(views, "ADMISSION", Admission(0))


@pytest.mark.parametrize(
    ("named", "said"), [("0", "太旧"), ("3", "等平台升级"), ("one", "有效"), ("", "有效"), ("²", "有效")]
)
def test_other_versions_are_refused_with_a_reason(worker: Actor, named: str, said: str) -> None:
    for path in ("pull", "snapshot"):
        reply = Tablet().client.get(f"/api/v1/sync/{path}", headers={"X-Protocol": named})
        assert (reply.status_code, reply.json()["code"]) == (426, "protocol")
        assert said in reply.json()["reason"]
        assert reply.headers["X-Protocol"] == "2"


class Dated(DjangoTransport):
    """A program of another version."""

    version = ""

    def headers(self, request: Request) -> dict[str, str]:
        found = super().headers(request)
        return {**found, "X-Protocol": self.version} if self.version else found


@pytest.fixture
def session(worker: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A real tablet, enrolled and synced once; its transport is `Dated`."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("second")
    session = Session(Vault(tmp_path, SecretFile(tmp_path)), lambda _: Dated(), searching=False)
    session.enrol(
        hub="https://hub.example", username="second", password=factories.PASSWORD, device="平板", pin=PIN
    )
    session.sync()
    yield session
    session.close()


@pytest.mark.parametrize(("version", "said"), [("0", "太旧"), ("3", "等平台升级")])
def test_a_tablet_of_a_strange_version_keeps_its_work(
    session: Session, home: dict[str, str], monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    session.sync()
    form = session.desk.collect.form("person", parent=home["household"])
    form.put("name", "王示例")
    form.put("residence_kind", "1")
    session.desk.collect.save(form)
    monkeypatch.setattr(Dated, "version", version)
    with pytest.raises(TooOld, match=said):
        session.sync()
    assert session.desk.outbox.counts().unsent == 1
    monkeypatch.setattr(Dated, "version", "")
    session.sync()
    assert session.desk.outbox.counts().unsent == 0
    assert Person.objects.count() == 1


def test_a_request_beyond_a_cap_is_told_which(worker: Actor) -> None:
    many = Tablet().client.post("/api/v1/sync/push", {"changes": [{}] * (MAX_BATCH + 1)}, content_type=JSON)
    large = Tablet().client.post("/api/v1/sync/push", b" " * (MAX_BODY + 1), content_type=JSON)
    assert [reply.json()["problems"][0]["code"] for reply in (many, large)] == ["count", "bytes"]
    assert [reply.json()["problems"][0]["field"] for reply in (many, large)] == ["changes"] * 2
