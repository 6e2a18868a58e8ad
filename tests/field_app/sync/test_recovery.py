"""A hub restored from an old backup gets back what it lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from field_app.store.state import RecordState
from field_app.sync import settle
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town


def test_answered_changes_are_sent_again_under_their_own_ids(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    old = hub.backup()
    saved = tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")
    tablet.session.sync()
    tablet.save("person", id=saved.id, phone="10003001111")
    tablet.save("person", id=town.person, note="走访过")
    tablet.session.sync()
    lost = set(hub.results)
    hub.restore(old)
    assert saved.id not in hub.records
    tablet.restart().session.sync()
    assert hub.records[saved.id].values["phone"] == "10003001111"
    assert hub.records[town.person].values["note"] == "走访过"
    assert set(hub.results) == lost
    assert tablet.desk.outbox.counts().unsent == 0
    assert tablet.desk.records.view(saved.id).state is RecordState.HUB
    assert tablet.session.meta["recovering"] is False


def test_refused_changes_go_out_again_as_the_inbox_that_kept_them_is_lost_too(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    hub.delete(town.room)
    old = hub.backup()
    saved = tablet.save("household", parent=town.room, kind="1")
    tablet.session.sync()
    assert tablet.desk.records.view(saved.id).state is RecordState.REFUSED
    hub.restore(old)
    assert saved.change not in hub.results
    tablet.session.sync()
    assert hub.results[saved.change]["status"] == "rejected"
    assert tablet.desk.records.view(saved.id).state is RecordState.REFUSED


def test_changes_the_hub_still_has_are_not_applied_again(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, note="走访过")
    tablet.session.sync()
    hub.restore(hub.backup())
    tablet.session.sync()
    assert hub.records[town.person].version == 2
    assert len(hub.applied) == len(set(hub.applied))


def test_an_edit_of_what_another_tablet_has_yet_to_bring_back_waits_for_it(
    tablet: Tablet, town: Town, hub: FakeHub, tablet_make: Callable[..., Tablet]
) -> None:
    old = hub.backup()
    other = tablet_make(FakeTransport(hub)).enrol("li")
    other.session.sync()
    made = other.save("person", parent=town.household, name="赵敏", residence_kind="1")
    other.session.sync()
    tablet.session.sync()
    edited = tablet.save("person", id=made.id, phone="10003001111")
    tablet.session.sync()
    hub.restore(old)

    tablet.session.sync()
    assert made.id not in hub.records
    (row,) = tablet.desk.outbox.rows()
    assert (row.id, row.state, row.state_label) == (made.id, RecordState.HERE, "等平台恢复这条记录后再送")
    assert edited.change != row.change

    other.session.sync()
    tablet.session.sync()
    assert hub.records[made.id].values["phone"] == "10003001111"
    assert tablet.desk.outbox.counts().unsent == 0


def test_an_edit_of_a_version_the_hub_has_lost_is_made_anew_on_the_present_one(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    old = hub.backup()
    hub.edit(town.person, note="主管部门改的")
    tablet.session.sync()
    tablet.save("person", id=town.person, phone="10003001111")
    hub.restore(old)
    tablet.session.sync()
    assert hub.records[town.person].values["phone"] == "10003001111"
    assert tablet.desk.records.view(town.person).values.get("note") is None
    assert tablet.desk.outbox.rows() == ()


@pytest.mark.parametrize("again", [1, 3])
def test_one_new_epoch_is_one_recovery(tablet: Tablet, town: Town, hub: FakeHub, again: int) -> None:
    tablet.save("person", id=town.person, note="走访过")
    tablet.session.sync()
    hub.restore(hub.backup())
    for _ in range(again):
        tablet.session.sync()
    tablet.transport.requests.clear()
    tablet.session.sync()
    assert tablet.transport.requests == ["sync/pull"]


@pytest.mark.parametrize(("days", "left"), [(10, 7), (40, 4)])
def test_answered_changes_are_kept_by_number_and_by_age(
    tablet: Tablet, town: Town, monkeypatch: pytest.MonkeyPatch, days: int, left: int
) -> None:
    monkeypatch.setattr(settle, "KEPT", 3)
    for number in range(5):
        tablet.save("person", id=town.person, note=f"第{number}次走访")
        tablet.session.sync()
    store = tablet.session._open()
    with store.write() as unit:
        for entry in list(store.memory.entries.values()):
            then = date.fromisoformat(entry.answered_on) - timedelta(days=days)
            unit.put_entry(replace(entry, answered_on=then.isoformat()))
    for when in ("今天上午", "今天下午"):
        tablet.save("person", id=town.person, note=when)
        tablet.session.sync()
    assert len(store.memory.entries) == left
