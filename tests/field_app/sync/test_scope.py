"""A tablet holds what its posts allow, and lets go of nothing that still carries unsent work."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from field_app.store.state import RecordState
from field_app.sync.client import Page, Told
from field_app.sync.errors import Offline
from field_app.sync.pages import page_store
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import GRID, NEXT, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.faulty import FaultyTransport
from tests.field_app.town import Town


@pytest.fixture
def wide(hub: FakeHub, town: Town, tablet_make: Callable[..., Tablet]) -> Tablet:
    """The tablet of worker Li, who has both grids."""
    tablet = tablet_make(FakeTransport(hub)).enrol("li")
    tablet.session.sync()
    return tablet


def held(tablet: Tablet) -> set[str]:
    return set(tablet.session._store.memory.held)


@pytest.mark.parametrize("leave", ["move", "delete"])
def test_what_leaves_the_grid_is_wiped(tablet: Tablet, town: Town, hub: FakeHub, leave: str) -> None:
    hub.move(town.person, NEXT) if leave == "move" else hub.delete(town.person)
    tablet.session.sync()
    assert town.person not in held(tablet)
    assert town.child in held(tablet)


def test_what_moves_between_ones_own_grids_stays(wide: Tablet, town: Town, hub: FakeHub) -> None:
    hub.move(town.person, NEXT)
    wide.session.sync()
    assert wide.desk.records.view(town.person).grid == NEXT
    hub.move(town.person, GRID)
    wide.session.sync()
    assert wide.desk.records.view(town.person).grid == GRID


def test_a_grid_taken_away_goes_with_all_its_records(wide: Tablet, town: Town, hub: FakeHub) -> None:
    other = hub.add("building", {"name": "9栋", "lon": 111.295, "lat": 30.695}, grid=NEXT)
    wide.session.sync()
    hub.posts["li"] = [NEXT]
    wide.session.sync()
    assert other in held(wide)
    assert not {town.building, town.room, town.household, town.person} & held(wide)
    assert [view.grid for view in wide.desk.records.views("grid")] == [NEXT]


@pytest.mark.parametrize("left", [False, True])
def test_what_a_former_edition_placed_nowhere_is_placed_or_leaves(
    wide: Tablet, town: Town, hub: FakeHub, left: bool
) -> None:
    store = wide.session._store
    with store.write() as unit:
        unit.put_held(replace(store.memory.held[town.person], grid=""))
    if left:
        hub.posts["li"] = [NEXT]
    wide.session.sync()
    assert wide.session.meta["cursor"]
    if left:
        assert town.person not in held(wide)
    else:
        assert store.memory.held[town.person].grid == GRID


def test_a_grid_given_brings_its_records(tablet: Tablet, hub: FakeHub) -> None:
    other = hub.add("building", {"name": "9栋", "lon": 111.295, "lat": 30.695}, grid=NEXT)
    hub.posts["wang"] = [GRID, NEXT]
    tablet.session.sync()
    assert other in held(tablet)


def test_unsent_work_outlives_its_grid_until_the_hub_has_answered(
    wide: Tablet, town: Town, hub: FakeHub
) -> None:
    """The page that takes the grid away arrives between a save and its push."""
    saved = {}

    def save_late(route: str) -> str:
        if route == "sync/pull" and not saved:
            saved["it"] = wide.save("person", id=town.person, phone="10003001111")
        return "lost" if route == "sync/push" else ""

    hub.posts["li"] = [NEXT]
    wide.transport = FaultyTransport(hub, save_late)
    with pytest.raises(Offline):
        wide.session.sync()
    assert held(wide) & {town.person, town.child} == {town.person}
    assert wide.restart().desk.records.view(town.person).values["phone"] == "10003001111"
    wide.transport = FakeTransport(hub)
    report = wide.session.sync()
    assert dict(report.pushed) == {"rejected": 1}
    assert report.refused == []
    assert report.text == f"送出1条，取回{report.pulled}条，1条已交平台，由社区处理"
    assert town.person not in held(wide)
    assert town.person not in {view.id for view in wide.desk.records.views("person")}
    assert wide.desk.outbox.rows() == ()
    (row,) = wide.desk.outbox.rows(settled=True)
    assert (row.state, row.may_repair, row.may_retry) == (RecordState.HUB, False, False)
    assert row.state_label == "已交平台，由社区处理"
    assert row.reasons == ("这条记录不在您的网格内",)


def test_a_new_record_survives_the_loss_of_its_grid_until_answered(
    wide: Tablet, town: Town, hub: FakeHub
) -> None:
    saved = wide.save("person", parent=town.household, name="赵敏", residence_kind="1")
    hub.posts["li"] = [NEXT]
    assert dict(wide.session.sync().pushed) == {"rejected": 1}
    assert [entry["id"] for entry in hub.inbox.values()] == [saved.id]
    assert wide.desk.outbox.counts().refused == 0
    assert saved.id not in held(wide)
    assert wide.desk.outbox.rows(settled=True)[0].state_label == "已交平台，由社区处理"


def test_a_snapshot_wipes_what_did_not_come_but_not_unsent_work(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    calls = []

    def save_late(route: str) -> str:
        if route == "sync/snapshot" and not calls:
            calls.append(tablet.save("person", id=town.person, note="晚到"))
        return "lost" if route == "sync/push" and calls and len(calls) < 2 and not calls.append(1) else ""

    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", None)
    hub.records[town.person].deleted = hub.records[town.child].deleted = True
    tablet.transport = FaultyTransport(hub, save_late)
    with pytest.raises(Offline):
        tablet.session.sync()
    assert held(tablet) & {town.person, town.child} == {town.person}
    tablet.session.sync()
    assert town.person not in held(tablet)
    assert tablet.desk.outbox.counts().refused == 1


def test_a_cut_snapshot_goes_on_from_its_last_cursor(
    hub: FakeHub, town: Town, tablet_make: Callable[..., Tablet]
) -> None:
    faults = iter(["cut"])
    tablet = tablet_make(FaultyTransport(hub, lambda route: next(faults, "") if "snap" in route else ""))
    tablet.enrol("li")
    with pytest.raises(Offline):
        tablet.session.sync()
    assert town.person in held(tablet)
    assert "没有下载完" in tablet.desk.today.overview().notice
    hub.edit(town.person, note="其间改的")
    tablet.restart().session.sync()
    assert tablet.transport.requests.count("sync/snapshot") == 2
    assert tablet.desk.records.view(town.person).values["note"] == "其间改的"
    assert {view.grid for view in tablet.desk.records.views("grid")} == {GRID, NEXT}


def told(tablet: Tablet, id: str, version: int, **values: object) -> None:
    """Have a page arrive that tells of one person."""
    held = tablet.session._store.memory.held[id]
    change = Told("person", id, version, GRID, {**held.values, **values}, None)
    page_store(store=tablet.session._store, page=Page((change,), "c", "epoch-1"))


def test_an_older_version_on_a_page_does_not_undo_the_answer_to_a_push(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    tablet.save("person", id=town.person, note="二")
    tablet.session.sync()
    told(tablet, town.person, 1, note="一")
    assert tablet.desk.records.view(town.person).values["note"] == "二"
    told(tablet, town.person, 2, note="三")
    assert tablet.desk.records.view(town.person).values["note"] == "三"


def test_an_edit_made_on_a_newer_version_is_a_change_of_its_own(tablet: Tablet, town: Town) -> None:
    first = tablet.save("person", id=town.person, phone="10003001111")
    told(tablet, town.person, 2, note="他人改的")
    second = tablet.save("person", id=town.person, note="我改的")
    assert first.change != second.change
    entries = tablet.session._store.memory.entries_of(town.person)
    assert [(entry.base, dict(entry.set)) for entry in entries] == [
        (1, {"phone": "10003001111"}),
        (2, {"note": "我改的"}),
    ]


def test_a_grid_given_later_is_ones_own_for_places_and_lists(tablet: Tablet, hub: FakeHub) -> None:
    hub.posts["wang"] = [GRID, NEXT]
    tablet.session.sync()
    assert [code for code, _ in tablet.session.identity.grids] == [GRID, NEXT]
    assert tablet.desk.today.overview().grids == ("第001网格", "第002网格")
    saved = tablet.save("event", category="0101", description="路灯不亮", lon=111.295, lat=30.695)
    tablet.session.sync()
    assert hub.records[saved.id].grid == NEXT
