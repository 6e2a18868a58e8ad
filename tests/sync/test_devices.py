"""How the hub sees its tablets: what they say, what it knows, which ones someone must look after."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import formats, timezone

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.work.session import Session
from governance.access.actor import Actor
from governance.access.models import Device
from governance.access.services.devices import device_revoke
from governance.access.services.posts import post_end
from governance.audit.models import AuditEntry
from governance.sync import http, monitor
from governance.sync.alarms import Alarm, alarms
from governance.sync.models import BundlePart, DeviceRule, DeviceState
from governance.sync.monitor import Monitor
from tests import factories
from tests.pictures import picture
from tests.sync.django_transport import DjangoTransport
from tests.sync.tablet import Tablet, offer

PIN = "246810"
SAID = "v=0.1.0;unsent=3;oldest=2026-11-20;files=2;free=11520;used=40"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A web process that has just begun."""
    monkeypatch.setattr(http, "MONITOR", Monitor())


def pull(tablet: Tablet, said: str = "", protocol: str = "2") -> None:
    headers = {"X-Protocol": protocol, **({"X-Tablet": said} if said else {})}
    reply = tablet.client.get("/api/v1/sync/pull", {"cursor": tablet.cursor}, headers=headers)
    assert reply.status_code in (200, 204, 426)


class TestNoting:
    def test_what_a_tablet_says_is_kept_and_its_clock_compared(self, worker: Actor) -> None:
        slow = int(timezone.now().timestamp()) - 3600
        pull(Tablet(), f"{SAID};clock={slow}")
        state = DeviceState.objects.get()
        assert (state.program, state.protocol, state.unsent, state.files) == ("0.1.0", 2, 3, 2)
        assert (str(state.oldest), state.free, state.used) == ("2026-11-20", 11520, 40)
        assert -3610 < state.skew <= -3600
        assert state.pulled_at is not None
        assert state.pushed_at is None

    def test_idle_syncs_cost_the_same_and_write_nothing(self, worker: Actor, home: dict[str, str]) -> None:
        tablet = Tablet()
        tablet.pull()
        pull(tablet, SAID)
        counts = []
        for said in ("", SAID, ""):
            with CaptureQueriesContext(connection) as captured:
                pull(tablet, said)
            assert not [
                query for query in captured if not query["sql"].lstrip().startswith(("SELECT", "WITH"))
            ]
            counts.append(len(captured))
        assert len(set(counts)) == 1

    def test_a_change_is_written_at_once_and_the_same_again_after_a_minute(
        self, worker: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tablet = Tablet()
        pull(tablet, SAID)
        pull(tablet, "v=0.1.0;unsent=0")
        assert DeviceState.objects.get().unsent == 0
        first = DeviceState.objects.get().pulled_at
        pull(tablet)
        assert DeviceState.objects.get().pulled_at == first
        monkeypatch.setattr(monitor, "EVERY", 0.0)
        pull(tablet)
        assert DeviceState.objects.get().pulled_at > first
        assert DeviceState.objects.get().unsent == 0  # said nothing new: what it said last stands

    def test_what_one_route_heard_does_not_outlive_what_another_heard_later(
        self, worker: Actor, home: dict[str, str]
    ) -> None:
        tablet = Tablet()
        for unsent, path in ((0, "pull"), (1, "snapshot"), (0, "pull")):
            tablet.client.get(f"/api/v1/sync/{path}", headers={"X-Tablet": f"unsent={unsent}"})
            assert DeviceState.objects.get().unsent == unsent

    def test_pushing_is_noted_apart(self, worker: Actor, home: dict[str, str]) -> None:
        Tablet().push(offer("person", household=home["household"], name="王", residence_kind="1"))
        state = DeviceState.objects.get()
        assert state.pushed_at is not None
        assert state.pulled_at is None
        assert state.protocol == 1

    def test_a_tablet_too_old_is_known_by_it(self, worker: Actor) -> None:
        pull(Tablet(), protocol="0")
        assert DeviceState.objects.get().protocol == 0
        assert [found.alarm for found in alarms(Device.objects.all())] == [Alarm.VERSION]

    def test_a_note_that_fails_keeps_nobody_from_his_data(
        self, worker: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def away(*_: object) -> None:
            raise monitor.DatabaseError

        monkeypatch.setattr(monitor, "_store", away)
        pull(Tablet(), SAID)
        assert "could not be noted" in caplog.text


@pytest.fixture
def session(worker: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A real tablet of a second worker, enrolled and synced."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("second")
    folder = tmp_path / "tablet"
    folder.mkdir()
    session = Session(Vault(folder, SecretFile(folder)), lambda _: Spoken(), searching=False)
    session.enrol(
        hub="https://hub.example", username="second", password=factories.PASSWORD, device="平板", pin=PIN
    )
    Spoken.said.clear()
    session.sync()
    yield session
    session.close()


class Spoken(DjangoTransport):
    """Remembers what the tablet said of itself."""

    said: list[str] = []

    def headers(self, request: object) -> dict[str, str]:
        self.said.append(request.report)  # type: ignore[attr-defined]
        return super().headers(request)  # type: ignore[arg-type]


def test_a_real_tablet_tells_its_backlog_and_then_is_silent(session: Session, home: dict[str, str]) -> None:
    state = DeviceState.objects.get(device__worker__username="second")
    assert (state.unsent, state.program, state.skew is not None) == (0, "0.1.0", True)
    assert len([said for said in Spoken.said if said]) == 1
    session.sync()
    Spoken.said.clear()
    session.sync()
    assert Spoken.said == [""]
    form = session.desk.collect.form("person", parent=home["household"])
    form.put("name", "王示例")
    form.put("residence_kind", "1")
    session.desk.collect.save(form)
    Spoken.said.clear()
    session.sync()
    told = [said for said in Spoken.said if said]
    assert [said.split(";")[1] for said in told] == ["unsent=1", "unsent=0"]
    assert "oldest=" in told[0]
    state.refresh_from_db()
    assert (state.unsent, state.oldest) == (0, None)


def test_a_tablet_enrolled_anew_tells_that_it_holds_what_was_unsent(
    session: Session, worker: Actor, home: dict[str, str]
) -> None:
    """What the old device had unsent comes from the new one: nobody looks for it for ever."""
    old = DeviceState.objects.get(device__worker__username="second")
    DeviceState.objects.filter(pk=old.pk).update(unsent=3, oldest="2026-11-20", files=2)
    device_revoke(actor=factories.HUB, device=old.device)
    assert told() == ["revoked"]
    pull(Tablet(), f"unsent=0;was={old.pk}")
    assert told() == ["revoked"], "another worker's tablet says nothing of it"
    session.enrol(
        hub="https://hub.example", username="second", password=factories.PASSWORD, device="平板", pin=PIN
    )
    session.sync()
    assert told() == []
    new = DeviceState.objects.get(device__worker__username="second", device__revoked_at=None)
    assert (new.unsent, new.files, new.program) == (0, 0, "0.1.0")
    Spoken.said.clear()
    session.sync()
    assert Spoken.said == [""]


@pytest.mark.usefixtures("file_folders")
@pytest.mark.parametrize("content", [picture(), picture()[:200]], ids=["taken", "refused"])
def test_the_last_photo_sent_is_not_told_as_waiting(session: Session, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "camera.jpg").write_bytes(content)
    form = session.desk.collect.form("building")
    form.put("name", "样楼")
    form.place(111.285, 30.695)
    session.desk.photos.add(form, "photos", tmp_path / "camera.jpg")
    session.desk.collect.save(form)
    report = session.sync().photos
    assert report.sent + report.refused == 1
    state = DeviceState.objects.get(device__worker__username="second")
    assert (state.unsent, state.files) == (0, 0)
    Spoken.said.clear()
    session.sync()
    assert Spoken.said == [""]


@pytest.fixture
def stand(worker: Actor) -> Callable[..., Device]:
    """Set how the worker's tablet stands, last heard some days ago."""

    def make(days: float = 0, **values: object) -> Device:
        device = Device.objects.get()
        device.last_seen_at = timezone.now() - timedelta(days=days)
        device.save()
        DeviceState.objects.update_or_create(device=device, defaults={"protocol": 2, **values})
        return device

    return make


def told() -> list[str]:
    return [found.alarm.value for found in alarms(Device.objects.all())]


class TestAlarms:
    def test_silence_with_unsent_work(self, stand: Callable[..., Device]) -> None:
        stand(days=4, unsent=2)
        assert told() == ["silent"]
        stand(days=4, unsent=0, files=1)
        assert told() == ["silent"]
        stand(days=4, unsent=0, files=0)
        assert told() == []
        stand(days=2, unsent=2)
        assert told() == []
        DeviceRule.objects.update_or_create(pk=1, defaults={"silent_days": 1})
        assert told() == ["silent"]

    def test_revoked_old_and_wrong_clocks(self, worker: Actor, stand: Callable[..., Device]) -> None:
        stand(skew=3600, protocol=0)
        assert told() == ["version", "clock"]
        stand(skew=-599, protocol=1)
        assert told() == []
        device_revoke(actor=factories.HUB, device=stand(unsent=1))
        assert told() == ["revoked"]

    def test_the_command_is_fit_for_cron(self, stand: Callable[..., Device]) -> None:
        stand()
        out = StringIO()
        call_command("devices_alarms", stdout=out)
        assert "没有" in out.getvalue()
        stand(days=9, unsent=2)
        for arguments in ([], ["--json"]):
            out = StringIO()
            with pytest.raises(SystemExit) as ended:
                call_command("devices_alarms", *arguments, stdout=out)
            assert ended.value.code == 2
        (line,) = out.getvalue().splitlines()
        assert (json.loads(line)["alarm"], json.loads(line)["unsent"]) == ("silent", 2)


@pytest.fixture
def browser(worker: Actor) -> Callable[[str], Client]:
    """Sign someone of a role in; a grid leader has a post on the first grid."""

    def make(role: str) -> Client:
        account = factories.user(f"staff_{role}", role)
        if role == "grid_leader":
            factories.Post.objects.create(
                worker=account, grid=factories.GRID, kind="stand_in", starts_on="2026-01-01"
            )
        client = Client()
        client.force_login(account)
        return client

    return make


LIST = "admin:access_device_changelist"


class TestConsole:
    def test_the_list_shows_how_each_stands(
        self, browser: Callable[[str], Client], home: dict[str, str], stand: Callable[..., Device]
    ) -> None:
        tablet = Tablet()
        tablet.pull()
        tablet.push(offer("person", household=home["household"]))  # refused: no name
        pull(tablet, f"{SAID};clock=0")
        factories.person(factories.hub_in(), home["household"])
        reply = browser("security_admin").get(reverse(LIST))
        page = reply.content.decode()
        for text in ("3条（最早11-20），文件2个", "余11,520MiB，占40MiB", "慢", "0.1.0 协议2"):
            assert text in page
        (device,) = reply.context["cl"].result_list
        assert (device.standing.refused, device.standing.contested, device.standing.behind) == (1, 0, 1)
        detail = browser("grid_leader").get(
            reverse("admin:access_device_change", args=[Device.objects.get().pk])
        )
        assert "最近取回" in detail.content.decode()

    def test_what_a_bundle_brought_since_a_tablet_spoke_is_told_beside_its_backlog(
        self, browser: Callable[[str], Client], stand: Callable[..., Device]
    ) -> None:
        """Nobody need look for what has long come on a stick; what there is beside it the hub cannot know."""
        security, came = browser("security_admin"), timezone.now() - timedelta(days=1)
        brought = {"counter": 1, "part": 1, "parts": 1, "changes": 3, "first_at": came, "last_at": came}
        for days, said in ((9, True), (0, False)):
            spoke = timezone.now() - timedelta(days=days)
            device = stand(days=days, unsent=3, reported_at=spoke)
            BundlePart.objects.get_or_create(device=device, bundle=device.pk, defaults=brought)
            for page in (LIST, "admin:access_device_change"):
                address = reverse(page, args=[] if page == LIST else [device.pk])
                shown = security.get(address).content.decode()
                assert (f"{timezone.localtime(came):%m-%d}代交过数据包" in shown) is said

    def test_a_tablets_page_tells_all_its_times_in_local_time(
        self, browser: Callable[[str], Client], stand: Callable[..., Device]
    ) -> None:
        night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        device = stand(pulled_at=night, pushed_at=night)
        page = browser("security_admin").get(reverse("admin:access_device_change", args=[device.pk]))
        text = page.content.decode()
        assert text.count(formats.localize(timezone.localtime(night))) == 2
        assert "23:30" not in text
        assert "07:30" in text

    @pytest.mark.parametrize("wanted", [*Alarm.values, "quiet"])
    def test_filters_leave_what_needs_someone(
        self, browser: Callable[[str], Client], stand: Callable[..., Device], wanted: str
    ) -> None:
        security = browser("security_admin")
        stand()
        assert "0 个终端" in _count(security, wanted)
        device = stand(days=9, unsent=2, protocol=0, skew=9000)
        if wanted == "revoked":
            device_revoke(actor=factories.HUB, device=device)
        assert "1 个终端" in _count(security, wanted)

    def test_a_leader_sees_his_own_area(
        self, browser: Callable[[str], Client], stand: Callable[..., Device]
    ) -> None:
        stand(days=9, unsent=2)
        elsewhere = factories.device(factories.worker("far", factories.NEXT), "far")
        elsewhere.name = "远处的平板"
        elsewhere.save()
        leader = browser("grid_leader")
        page = leader.get(reverse(LIST), {"alarm": "quiet"}).content.decode()
        assert "远处的平板" not in page
        assert "1 个终端" in _count(leader, "quiet")
        waiting = leader.get(reverse("admin:index")).context["waiting"]
        assert {item["label"]: item["number"] for item in waiting}["失联且有未上传的终端"] == 1
        (post,) = factories.Post.objects.filter(worker__username="worker")
        post_end(actor=factories.HUB, post=post, ends_on=timezone.localdate() - timedelta(days=1))
        assert "0 个终端" in _count(leader, "quiet")

    def test_administrators_set_from_when(
        self, browser: Callable[[str], Client], stand: Callable[..., Device]
    ) -> None:
        DeviceRule.objects.get_or_create(pk=1)
        address = reverse("admin:sync_devicerule_change", args=[1])
        assert browser("grid_leader").get(address).status_code == 403
        reply = browser("system_admin").post(address, {"silent_days": 7, "clock_minutes": 5})
        assert reply.status_code == 302
        assert DeviceRule.objects.get().silent_days == 7
        assert AuditEntry.objects.get(action="devices.rule").detail == {"silent_days": 7, "clock_minutes": 5}
        stand(days=5, unsent=1)
        assert told() == []

    def test_the_list_costs_the_same_however_long(
        self, browser: Callable[[str], Client], stand: Callable[..., Device]
    ) -> None:
        security = browser("security_admin")
        stand()
        security.get(reverse(LIST))
        counts = []
        for number in range(2):
            with CaptureQueriesContext(connection) as captured:
                security.get(reverse(LIST))
            counts.append(len(captured))
            for each in range(5):
                factories.device(factories.User.objects.get(username="worker"), f"more{number}{each}")
        assert counts[0] == counts[1]


def _count(client: Client, alarm: str) -> str:
    page = client.get(reverse(LIST), {"alarm": alarm})
    return f"{page.context['cl'].result_count} 个终端"
