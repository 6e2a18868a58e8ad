"""Push before pull, and what each answer does to the worker's change."""

from collections.abc import Callable

import pytest

from field_app.store.errors import WrongPin
from field_app.store.state import RecordState
from field_app.sync.errors import (
    BadCredentials,
    DeviceLimit,
    HubTrouble,
    Revoked,
    SyncError,
)
from field_app.sync.transport import Reply, Request
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import GRID, NEXT, PASSWORD, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town, citizen_number

HERE, SENT, HUB = RecordState.HERE, RecordState.SENT, RecordState.HUB
REFUSED = RecordState.REFUSED


def state(tablet: Tablet, id: str) -> RecordState:
    return tablet.desk.records.view(id).state


def test_the_first_sync_brings_the_grid_its_code_lists_and_its_records(tablet: Tablet, town: Town) -> None:
    assert {view.id for view in tablet.desk.records.views("person")} == {town.person, town.child}
    assert tablet.desk.codes.label("residence_kind", "1") == "户籍人口"
    assert [view.grid for view in tablet.desk.records.views("grid")] == [GRID]


def test_a_new_record_is_pushed_then_at_the_hub_and_comes_back_whole(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    number = citizen_number(birth="19900101", sequence=7)
    saved = tablet.save("person", parent=town.household, name="赵敏", citizen_number=number)
    assert saved.state is HERE
    report = tablet.session.sync()
    assert dict(report.pushed) == {"created": 1}
    assert state(tablet, saved.id) is HUB
    view = tablet.desk.records.view(saved.id)
    assert (view.version, view.grid, view.values["birth_date"]) == (1, GRID, "1990-01-01")
    assert hub.records[saved.id].values["nation"] == "15"


def test_only_changed_fields_and_the_version_they_were_changed_on_are_sent(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    tablet.save("person", id=town.person, phone="10003001111", name="王建国")
    (entry,) = tablet.session._store.memory.entries.values()
    assert (dict(entry.set), entry.base) == ({"phone": "10003001111"}, 1)
    assert dict(tablet.session.sync().pushed) == {"updated": 1}
    assert hub.records[town.person].version == 2


def test_edits_before_a_sync_are_one_change_and_undoing_them_leaves_none(tablet: Tablet, town: Town) -> None:
    first = tablet.save("person", id=town.person, phone="10003001111")
    second = tablet.save("person", id=town.person, note="常住")
    assert first.change == second.change
    third = tablet.save("person", id=town.person, phone="10002345678", note=None)
    assert third.change == ""
    assert tablet.desk.outbox.counts().unsent == 0
    assert state(tablet, town.person) is HUB


def test_a_stale_edit_of_another_field_is_merged(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    hub.edit(town.person, note="他人改的")
    assert dict(tablet.session.sync().pushed) == {"merged": 1}
    values = tablet.desk.records.view(town.person).values
    assert (values["phone"], values["note"]) == ("10003001111", "他人改的")


def test_the_same_value_offered_by_two_is_identical(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    hub.edit(town.person, phone="10003001111")
    assert dict(tablet.session.sync().pushed) == {"identical": 1}
    assert state(tablet, town.person) is HUB


def test_a_refused_change_stays_with_its_reason_until_it_is_repaired(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    hub.delete(town.room)
    saved = tablet.save("household", parent=town.room, kind="1")
    report = tablet.session.sync()
    assert dict(report.pushed) == {"rejected": 1}
    assert report.refused[0]["change"] == saved.change
    (row,) = tablet.desk.outbox.rows()
    assert (row.state, row.reasons, row.may_repair) == (REFUSED, ("所住房屋：这条记录已注销",), True)
    assert tablet.desk.records.view(saved.id).state is REFUSED
    form = tablet.desk.outbox.repair(saved.change)
    assert [line.problem for line in form.fields if line.name == "room"] == ["所住房屋：这条记录已注销"]
    room = tablet.save("room", parent=town.building, number="503")
    form.put("room", room.id)
    again = tablet.desk.collect.save(form)
    assert again.change != saved.change
    assert dict(tablet.session.sync().pushed) == {"created": 2}
    assert tablet.desk.outbox.rows() == ()
    assert list(hub.inbox) == [saved.change]
    assert hub.records[saved.id].values == {"room": room.id, "kind": "1"}


def test_retry_and_dismiss(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    hub.delete(town.room)
    saved = tablet.save("household", parent=town.room, kind="1")
    tablet.session.sync()
    again = tablet.desk.outbox.retry(saved.change)
    assert again.change != saved.change
    tablet.session.sync()
    tablet.desk.outbox.dismiss(again.change)
    assert tablet.desk.outbox.rows() == ()
    assert [view.id for view in tablet.desk.records.views("household")] == [town.household]


def test_what_was_refused_for_its_parent_alone_follows_when_the_parent_is_stored(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    hub.delete(town.room)
    household = tablet.save("household", parent=town.room, kind="1")
    person = tablet.save("person", parent=household.id, name="赵敏", residence_kind="1")
    assert dict(tablet.session.sync().pushed) == {"rejected": 2}
    room = tablet.save("room", parent=town.building, number="503")
    tablet.save("household", id=household.id, room=room.id)
    assert dict(tablet.session.sync().pushed) == {"created": 3}
    assert hub.records[person.id].values["household"] == household.id


def test_a_record_goes_out_before_what_refers_to_it(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    household = tablet.save("household", parent=town.room, kind="1")
    room = tablet.save("room", parent=town.building, number="601")
    tablet.save("household", id=household.id, room=room.id)
    assert dict(tablet.session.sync().pushed) == {"created": 2, "updated": 1}
    assert hub.records[household.id].values["room"] == room.id


def test_a_record_made_and_withdrawn_before_a_sync_never_goes_out(tablet: Tablet, town: Town) -> None:
    saved = tablet.save("household", parent=town.room, kind="1")
    tablet.desk.records.withdraw(saved.id)
    assert dict(tablet.session.sync().pushed) == {}
    assert [view.id for view in tablet.desk.records.views("household")] == [town.household]


def test_a_record_at_the_hub_is_withdrawn_there(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.desk.records.withdraw(town.child)
    assert town.child not in {view.id for view in tablet.desk.records.views("person")}
    assert dict(tablet.session.sync().pushed) == {"updated": 1}
    assert hub.records[town.child].deleted
    assert tablet.session._store.memory.held.get(town.child) is None


def test_a_sync_with_nothing_to_do_asks_once(tablet: Tablet) -> None:
    transport = tablet.transport
    transport.requests.clear()
    report = tablet.session.sync()
    assert transport.requests == ["sync/pull"]
    assert (dict(report.pushed), report.pulled) == ({}, 0)


def test_more_than_a_page_is_pulled_to_the_end(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    for number in range(1203):
        hub.add("person", {"household": town.household, "name": f"人{number}", "residence_kind": "1"})
    assert tablet.session.sync().pulled == 1203
    assert len(tablet.desk.records.views("person")) == 1205


def test_many_changes_go_out_in_pushes_of_a_hundred(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    for number in range(230):
        tablet.save("visit", parent=town.household, purpose="01", content=f"第{number}次")
    tablet.transport.requests.clear()
    assert dict(tablet.session.sync().pushed) == {"created": 230}
    assert tablet.transport.requests.count("sync/push") == 3
    assert len(hub.open_records("visit")) == 230


class Fussy(FakeTransport):
    """A hub that answers pushes with errors until they are small enough, or free of one change."""

    def __init__(self, hub: FakeHub, most: int, poison: str = "") -> None:
        super().__init__(hub)
        self.most = most
        self.poison = poison

    def send(self, request: Request) -> Reply:
        if request.route == "sync/push":
            changes = request.body["changes"]
            if any(self.poison and self.poison in str(change["set"]) for change in changes):
                problem = {"field": "content", "code": "control", "reason": "走访内容：含有坏字"}
                data = {"code": "malformed", "reason": "读不懂", "problems": [problem]}
                return Reply(400, data, self.hub.epoch)
            if len(changes) > self.most:
                return Reply(413, {"code": "too_large", "reason": "太大"}, self.hub.epoch)
        return super().send(request)


def test_a_push_that_is_too_large_is_split(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    for number in range(9):
        tablet.save("visit", parent=town.household, purpose="01", content=f"第{number}次")
    tablet.transport = Fussy(hub, 2)
    assert dict(tablet.session.sync().pushed) == {"created": 9}


def test_one_change_the_hub_cannot_read_does_not_hold_up_the_others(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    for number in range(9):
        tablet.save("visit", parent=town.household, purpose="01", content=f"第{number}次")
    tablet.transport = Fussy(hub, 500, poison="第4次")
    report = tablet.session.sync()
    assert dict(report.pushed) == {"created": 8, "rejected": 1}
    (row,) = tablet.desk.outbox.rows()
    assert row.reasons == ("走访内容：含有坏字",)


def test_nobody_need_repair_what_was_refused_of_a_record_that_is_withdrawn(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    tablet.save("person", id=town.child, note="坏字")
    tablet.desk.records.withdraw(town.child)
    tablet.transport = Fussy(hub, 500, poison="坏字")
    assert dict(tablet.session.sync().pushed) == {"rejected": 1, "updated": 1}
    assert hub.records[town.child].deleted
    assert tablet.desk.outbox.counts().refused == 0


class Answering(FakeTransport):
    """Something that answers every request alike."""

    def __init__(self, hub: FakeHub, reply: Reply) -> None:
        super().__init__(hub)
        self.reply = reply

    def send(self, request: Request) -> Reply:
        return self.reply


ODD = [
    Reply(200, None, ""),
    Reply(502, None, ""),
    Reply(500, {"code": "x"}, "epoch-1"),
    Reply(200, {"results": []}, "epoch-1"),
    Reply(200, {"results": [{"change": "x", "status": "created"}]}, "epoch-1"),
    Reply(200, ["changes"], "epoch-1"),
]


@pytest.mark.parametrize("reply", ODD)
def test_something_that_is_not_the_hub_changes_nothing(tablet: Tablet, town: Town, reply: Reply) -> None:
    saved = tablet.save("person", id=town.person, phone="10003001111")
    proper, tablet.transport = tablet.transport, Answering(tablet.transport.hub, reply)
    with pytest.raises(HubTrouble):
        tablet.session.sync()
    assert state(tablet, saved.id) is SENT
    tablet.transport = proper
    assert dict(tablet.session.sync().pushed) == {"updated": 1}


ERRORS = [
    (403, "forbidden"),
    (426, "protocol"),
    (429, "throttled"),
]


@pytest.mark.parametrize(("status", "code"), ERRORS)
def test_an_error_on_pull_is_told_and_nothing_is_lost(tablet: Tablet, status: int, code: str) -> None:
    data = {"code": code, "reason": "平台说的原因"}
    tablet.transport = Answering(tablet.transport.hub, Reply(status, data, "epoch-1"))
    before = dict(tablet.session._store.memory.held)
    with pytest.raises(SyncError, match="平台说的原因"):
        tablet.session.sync()
    assert tablet.session._store.memory.held == before


def test_a_cursor_the_hub_cannot_read_leads_to_a_snapshot(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", '{"epoch": "another", "seqs": {}}')
    hub.edit(town.person, note="新")
    tablet.session.sync()
    assert "sync/snapshot" in tablet.transport.requests[-3:]
    assert tablet.desk.records.view(town.person).values["note"] == "新"


def test_enrolling_tells_why_not(hub: FakeHub, tablet_make: Callable[..., Tablet]) -> None:
    tablet = tablet_make(FakeTransport(hub))
    with pytest.raises(BadCredentials, match="用户名或密码"):
        tablet.session.enrol(hub="x", username="wang", password="no", device="平板", pin="246810")
    assert tablet.session.state == "empty"
    tablet.enrol().session.sync()
    other = tablet_make(FakeTransport(hub))
    with pytest.raises(DeviceLimit, match="平板"):
        other.enrol()


def test_a_revoked_tablet_wipes_what_it_may_and_keeps_unsent_work(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    hub.devices["token-0"].revoked = True
    saved = tablet.save("person", id=town.person, phone="10003001111")
    with pytest.raises(Revoked, match="停用"):
        tablet.session.sync()
    assert tablet.session.identity.revoked
    assert set(tablet.session._store.memory.held) == {town.person}
    with pytest.raises(SyncError, match="重新登记"):
        tablet.session.sync()
    tablet.restart().enrol()
    assert dict(tablet.session.sync().pushed) == {"updated": 1}
    assert hub.records[town.person].values["phone"] == "10003001111"
    assert state(tablet, saved.id) is HUB
    assert len(tablet.desk.records.views("person")) == 2


def test_another_worker_cannot_take_over_a_tablet(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    with pytest.raises(Exception, match="未送出"):
        tablet.enrol("li")
    tablet.session.sync()
    with pytest.raises(Exception, match="清空"):
        tablet.enrol("li")
    tablet.session.erase()
    tablet.enrol("li").session.sync()
    assert {view.grid for view in tablet.desk.records.views("grid")} == {GRID, NEXT}


def test_all_tries_used_up_the_password_gives_new_ones(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.session.lock()
    for _ in range(10):
        tablet.session._vault._keyring._uptime = lambda at=_: 1e9 + at * 1e4
        with pytest.raises(Exception, match="PIN"):
            tablet.session.unlock("000000")
    with pytest.raises(Exception, match="已满"):
        tablet.session.unlock("246810")
    hub.devices["token-0"].revoked = True
    tablet.session.enrol(hub="x", username="wang", password=PASSWORD, device="平板", pin="246810")
    assert dict(tablet.session.sync().pushed) == {"updated": 1}


def test_a_forgotten_pin_gives_way_to_a_new_one_only_after_the_hubs_yes(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    """Fails where the tablet is emptied before the hub has looked at the password."""
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.session.lock()
    given = {"hub": "x", "username": "wang", "device": "平板", "pin": "999999", "erase": True}
    with pytest.raises(BadCredentials):
        tablet.session.enrol(**given, password="wrong")
    tablet.session.unlock("246810")
    assert tablet.desk.outbox.counts().unsent == 1
    tablet.session.lock()
    hub.devices["token-0"].revoked = True
    tablet.session.enrol(**given, password=PASSWORD)
    assert tablet.desk.outbox.counts().unsent == 0
    tablet.session.sync()
    tablet.session.lock()
    with pytest.raises(WrongPin):
        tablet.session.unlock("246810")
