"""A hub restored from an old backup gets back from the tablets what it lost, and nothing twice."""

import csv
import http.client
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from field_app.store import keyring
from field_app.sync.errors import Revoked
from field_app.wiring import session_open
from field_app.work.session import Session
from tests import factories
from tests.hub_process import Hub, HubError, prepared_hub, running_hub
from tests.soak.wire.standing import database

pytestmark = pytest.mark.long
PIN = "246810"
TOWN = """
from tests import factories
factories.codes()
factories.grid()
for name in ("first", "second", "third"):
    factories.worker(name)
print(factories.home(factories.hub_in())["household"])
"""


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub of its own: it is set back."""
    with running_hub(tmp_path) as running:
        yield running


@pytest.fixture
def household(hub: Hub) -> str:
    return hub.manage("shell", "-v0", "-c", TOWN).strip().splitlines()[-1]


@pytest.fixture
def tablet(hub: Hub, tmp_path: Path) -> Iterator[Callable[[str], Session]]:
    """Make an enrolled tablet of a worker, synced once."""
    made = []

    def make(name: str) -> Session:
        session = session_open(tmp_path / name, searching=False)
        made.append(session)
        enrol(hub, session, name)
        session.sync()
        return session

    yield make
    for session in made:
        session.close()


def enrol(hub: Hub, session: Session, name: str) -> None:
    session.enrol(hub=hub.base, username=name, password=factories.PASSWORD, device=name, pin=PIN)


def save(session: Session, household: str, name: str) -> str:
    form = session.desk.collect.form("person", parent=household)
    form.put("name", name)
    form.put("residence_kind", "1")
    return session.desk.collect.save(form).id


def edit(session: Session, id: str, field: str, value: str) -> None:
    form = session.desk.collect.form("person", id=id)
    form.put(field, value)
    session.desk.collect.save(form)


def figures(hub: Hub) -> dict[str, object]:
    """Look at the hub's rows past the hub."""
    with database(hub.database) as rows:
        restores = rows.all("SELECT detail FROM audit_auditentry WHERE action = 'hub.restore' ORDER BY id")
        changes = "SELECT change FROM records_history UNION ALL SELECT change FROM records_inbox"
        return {
            "people": rows.all("SELECT name, phone, note FROM records_person ORDER BY name"),
            "changes": [change for (change,) in rows.all(changes)],
            "epoch": rows.all("SELECT value FROM feed_epoch")[0][0],
            "restores": [json.loads(each) if isinstance(each, str) else each for (each,) in restores],
        }


def epoch_told(hub: Hub) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    connection.request("GET", "/api/v1/sync/pull")
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply.headers["X-Epoch"]


def at_rest(*sessions: Session) -> None:
    for _ in range(3):
        for session in sessions:
            session.sync()
    assert [session.desk.outbox.counts().unsent for session in sessions] == [0] * len(sessions)
    assert [session.desk.outbox.counts().refused for session in sessions] == [0] * len(sessions)


def test_everything_comes_back_once(
    hub: Hub, household: str, tablet: Callable[[str], Session], tmp_path: Path
) -> None:
    first, second = tablet("first"), tablet("second")
    old = save(first, household, "王甲")
    first.sync()
    second.sync()
    backup = tmp_path / "monday.hub"
    hub.manage("hub_backup", str(backup))
    with pytest.raises(HubError, match="不覆盖"):
        hub.manage("hub_backup", str(backup))

    later = save(first, household, "王乙")
    edit(first, old, "phone", "10003001111")
    first.sync()
    second.sync()
    edit(second, later, "note", "第二台平板改的")
    second.sync()
    third = tablet("third")
    save(third, household, "王丙")
    third.sync()
    save(first, household, "王丁")  # never sent before the restore
    before = figures(hub)

    with pytest.raises(HubError, match="正在运行"):
        hub.manage("hub_restore", str(backup))
    hub.stop()
    said = hub.manage("hub_restore", str(backup))
    assert "新纪元" in said
    (kept,) = (hub.home / "var").glob("before-restore-*.hub")
    assert kept.name in said
    hub.start()
    lost = figures(hub)
    assert [name for name, *_ in lost["people"]] == ["王甲"]
    assert lost["epoch"] != before["epoch"]

    with pytest.raises(Revoked):  # its token is younger than the backup
        third.sync()
    enrol(hub, third, "third")
    at_rest(second, third, first)
    whole(hub)
    assert set(before["changes"]) <= set(figures(hub)["changes"])  # each under the id it always had
    hub.manage("audit_verify")
    (entry,) = figures(hub)["restores"]
    assert (entry["epoch_of_backup"], entry["replaced"]["epoch"]) == (before["epoch"], before["epoch"])
    assert entry["replaced"]["audited"] > 0

    forced(hub, backup)
    with pytest.raises(Revoked):
        third.sync()
    enrol(hub, third, "third")
    at_rest(third, first, second)
    whole(hub)


STAFF = """
from dataclasses import replace
from datetime import date
from governance.access.actor import HUB
from governance.access.models import Device
from governance.access.services.devices import device_revoke
from governance.rules.calendar_services import day_save
from governance.rules.models import SpecialDay
from tests import factories
user = factories.user("centre", "community_staff")
staff = replace(HUB, user_id=user.pk, username=user.username, source="community", by_hub=False)
made = factories.person(staff, "{household}", name="王戊", sex="1")
factories.apply(staff, factories.change("person", made, base=1, phone="10003002222"))
tablet = factories.tablet(factories.worker("fourth"))
factories.person(tablet, "{household}", name="王己")  # which the tablet will send again
former = factories.tablet(factories.worker("fifth"), "former")
factories.person(former, "{household}", name="王庚")  # which nobody will: the tablet is empty by now
device_revoke(actor=HUB, device=Device.objects.get(pk=former.device_id), lost=False)
planner = replace(staff, abilities=frozenset({"plan_tasks"}))
day_save(actor=planner, day=SpecialDay(day=date(2031, 5, 4), working=False, name="示例节"))
"""


def test_what_staff_did_is_listed_from_the_data_set_aside(tmp_path: Path) -> None:
    with prepared_hub(tmp_path) as hub:
        home = hub.manage("shell", "-v0", "-c", TOWN).strip().splitlines()[-1]
        lines = tmp_path / "lost.csv"
        kept, said = lost(hub, STAFF.replace("{household}", home), lines)
        assert "4 项" in said
        assert lines.stat().st_mode & 0o777 == 0o600
        first, second, former, third = listed_in(lines)
        assert (first["账号"], first["操作"], first["种类"]) == ("centre", "新登记", "人员")
        assert "姓名：王戊" in first["内容"]
        assert "性别：男" in first["内容"]
        assert (second["操作"], second["内容"]) == ("修改", "联系方式：10003002222")
        assert first["记录编号"] == second["记录编号"]
        assert (former["账号"], former["操作"]) == ("fifth", "新登记")
        assert "姓名：王庚" in former["内容"]
        assert (third["账号"], third["操作"]) == ("centre", "rules.day_save")
        assert "2031-05-04" in third["内容"]
        assert first["网格或区划"] == factories.GRID
        for file, reason in ((kept, "不覆盖"), (lines, "备份")):
            with pytest.raises(HubError, match=reason):
                hub.manage("hub_lost", str(file), str(lines))


WAITING = """
from dataclasses import replace
from governance.access.actor import HUB
from governance.access.models import Device
from governance.access.scope import Scope
from governance.access.services.devices import device_revoke
from tests import factories
user = factories.user("centre", "community_staff")
staff = replace(HUB, user_id=user.pk, username=user.username, source="community", by_hub=False)
made = factories.person(staff, "{household}", name="王戊", sex="1")
factories.apply(staff, factories.change("person", made, base=1, phone="10003002222", sex="2"))
former = factories.tablet(factories.worker("fifth"), "former")
other = factories.tablet(factories.worker("sixth"))
for tablet in (former, other):
    gone = replace(tablet, scope=Scope())
    new = factories.change("person", household="{household}", name="王辛", residence_kind="1")
    (late,) = factories.apply(gone, new)
    assert late.status == "rejected", late
factories.apply(former, factories.change("person", made, base=1, phone="10003009999"))
factories.apply(former, factories.change("person", made, base=1, sex="1", name="王午"))
device_revoke(actor=HUB, device=Device.objects.get(pk=former.device_id), lost=False)
"""


def test_what_waited_at_the_hub_from_tablets_that_are_empty_by_now_is_listed(tmp_path: Path) -> None:
    """Another tablet, in use, sends again what waits of it."""
    with prepared_hub(tmp_path) as hub:
        home = hub.manage("shell", "-v0", "-c", TOWN).strip().splitlines()[-1]
        lines = tmp_path / "lost.csv"
        lost(hub, WAITING.replace("{household}", home), lines)
        rows = [row for row in listed_in(lines) if row["账号"] == "fifth"]
        assert [row["操作"] for row in rows] == ["报送未采纳", "报送待核", "修改（部分待核）"]
        assert "姓名：王辛" in rows[0]["内容"]
        assert (rows[0]["网格或区划"], rows[1]["内容"]) == (factories.GRID, "联系方式：10003009999")
        assert rows[2]["内容"] == "姓名：王午；待核：性别：男性"
        assert not [row for row in listed_in(lines) if row["账号"] == "sixth"]


FILED = """
from governance.access.actor import HUB
from governance.access.models import Department
from governance.tasks.alarms.keys import source_save
from governance.tasks.models import AlarmSource
from tests import factories
from tests.tasks.desk import COMMUNITY_DESK, STREET_DESK, Door, at_station, clerk
factories.grid()
case = Door.make().handed_in()
community, street = clerk("community", COMMUNITY_DESK), clerk("street", STREET_DESK)
at_station(community, case, "accept")
at_station(community, case, "hand_up")
at_station(street, case, "accept")
at_station(street, case, "file")
told = {"name": "热线", "title": "来电", "text": "请查看", "event_category": "0101"}
source_save(actor=HUB, source=AlarmSource(code="hotline", kind="hotline", makes="event", **told))
print(case)
"""
OUTSIDE = """
from uuid import UUID
from django.utils import timezone
from governance.access.models import Department
from governance.audit.services import audit_append
from governance.publish.selectors import actor_for_department
from governance.tasks.alarms.keys import actor_for_source
from governance.tasks.alarms.reading import report_read
from governance.tasks.alarms.services import alarm_take
from governance.tasks.cases.desk import Wish, department_step
from governance.tasks.models import AlarmSource, ProxyService
from governance.tasks.plans.services import grid_follow
from django.db import transaction
from tests import factories
police = ProxyService.objects.get(pk="elder_card").department
actor = actor_for_department(police, "", "办理代办件", "127.0.0.1")
decided = Wish("approve", note="已办好", reference="证字1号")
department_step(actor=actor, department=police, case=UUID("{case}"), wish=decided)
source = AlarmSource.objects.get()
where = {"lon": factories.WEST + 0.005, "lat": factories.SOUTH + 0.005}
report = report_read({"id": "H1", "text": "路灯坏了", "caller_name": "王示例", **where})
alarm_take(actor=actor_for_source(source, ""), source=source, report=report, day=timezone.localdate())
with transaction.atomic():
    for action in ("items.targets", "records.reveal", "session.login"):
        audit_append(actor=actor, action=action, subjects=[UUID("{case}")], chain="420500")
seen = {"purpose": "02", "found": "5", "danger": True, "danger_found": ["04"]}  # a report follows by itself
home = str(factories.model("household").objects.get().pk)
visit = factories.change("visit", household=home, visited_at="2026-11-22T03:00:00Z", **seen)
(made,) = factories.apply(factories.hub_in(), visit)
assert made.status == "created", made
grid_follow(factories.GRID)
assert factories.model("event").objects.count() == 2
"""


def test_what_departments_and_callers_did_is_listed_too(tmp_path: Path) -> None:
    with prepared_hub(tmp_path) as hub:
        case = hub.manage("shell", "-v0", "-c", FILED).strip().splitlines()[-1]
        lines = tmp_path / "lost.csv"
        lost(hub, OUTSIDE.replace("{case}", case), lines)
        rows = listed_in(lines)
        listed = {row["操作"]: row for row in rows}
        assert len(rows) == len(listed)
        decided = listed["修改"]
        assert (decided["记录编号"], decided["账号"], decided["身份"]) == (case, "", "民政")
        assert "证字1号" in decided["内容"]
        assert "路灯坏了" in listed["新登记"]["内容"]
        assert "王示例" in listed["新登记"]["内容"]
        assert listed.keys() == {"修改", "新登记", "alarms.take", "items.targets"}


def lost(hub: Hub, acts: str, lines: Path) -> tuple[Path, str]:
    """Restore the hub to before some acts and list them; gives the data set aside, and what was said."""
    backup = hub.home / "monday.hub"
    hub.manage("hub_backup", str(backup))
    hub.manage("shell", "-v0", "-c", acts)
    hub.manage("hub_restore", str(backup))
    (kept,) = (hub.home / "var").glob("before-restore-*.hub")
    return kept, hub.manage("hub_lost", str(kept), str(lines))


def listed_in(lines: Path) -> list[dict[str, str]]:
    """Read a list of what was lost."""
    with lines.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def whole(hub: Hub) -> None:
    after = figures(hub)
    assert after["people"] == [
        ("王丁", None, None),
        ("王丙", None, None),
        ("王乙", None, "第二台平板改的"),
        ("王甲", "10003001111", None),
    ]
    assert max(Counter(after["changes"]).values()) == 1


def forced(hub: Hub, backup: Path) -> None:
    """Restore under the running hub: it tells the new epoch without a restart."""
    known = epoch_told(hub)
    said = hub.manage("hub_restore", str(backup), "--force")
    assert epoch_told(hub) != known
    assert epoch_told(hub) in said


def test_other_files_change_nothing(hub: Hub, tmp_path: Path) -> None:
    known = epoch_told(hub)
    hub.stop()
    strange = tmp_path / "strange.hub"
    strange.write_bytes(b"no backup at all" * 1000)
    backup = tmp_path / "cut.hub"
    hub.manage("hub_backup", str(backup))
    backup.write_bytes(backup.read_bytes()[:-5000])
    for file in (strange, backup, tmp_path / "missing.hub"):
        with pytest.raises(HubError, match="备份"):
            hub.manage("hub_restore", str(file))
    hub.start()
    assert epoch_told(hub) == known


def test_a_database_set_back_by_other_tools_gets_its_epoch_by_hand(hub: Hub) -> None:
    known = epoch_told(hub)
    with pytest.raises(HubError, match="--yes"):
        hub.manage("epoch_start")
    assert epoch_told(hub) == known
    said = hub.manage("epoch_start", "--yes")
    assert epoch_told(hub) != known
    assert epoch_told(hub) in said
    hub.manage("audit_verify")
