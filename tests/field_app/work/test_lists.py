"""What lists and pages show: masked, in order, with the way there and the state."""

import pytest

from field_app.store.state import RecordState
from field_app.work.errors import NotFound, Refused
from field_app.work.homes import natural_order
from field_app.work.times import typed_day, typed_moment
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town


def test_lists_are_masked_and_pages_are_not(tablet: Tablet, town: Town) -> None:
    row = tablet.desk.records.row(town.person)
    assert (row.title, row.kind_label) == ("王**", "人员")
    assert row.subtitle == "明珠花园 3栋 1单元 502 · 100****5678 · 420502********0129"
    sheet = tablet.desk.records.sheet(town.person)
    assert (sheet.title, sheet.where) == ("王建国", "明珠花园 3栋 1单元 502")
    assert {line.label: line.text for line in sheet.lines}["联系方式"] == "10002345678"
    assert {line.label: line.text for line in sheet.lines}["与户主关系"] == "户主"


def test_codes_and_grids_that_come_again_under_an_old_version_are_the_new_ones(
    tablet: Tablet, hub: FakeHub
) -> None:
    """A restored hub gives a version to other codes; a neighbour's corner comes under the grid's own."""
    sexes = next(each for each in hub.records.values() if each.values.get("list") == "sex")
    grid = next(each for each in hub.records.values() if each.kind == "grid")
    assert tablet.desk.codes.label("sex", "1") == "男性"
    before = tablet.desk.places.map().areas
    sexes.values["items"] = [["1", "男士", False]]
    ring = grid.values["polygon"]["coordinates"][0]
    ring.insert(1, [(one + other) / 2 for one, other in zip(ring[0], ring[1], strict=True)])
    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", None)
    tablet.session.sync()
    assert tablet.desk.codes.label("sex", "1") == "男士"
    assert len(tablet.desk.places.map().areas[0].parts[0][0]) == len(before[0].parts[0][0]) + 1


def test_the_way_down_and_up(tablet: Tablet, town: Town) -> None:
    homes = tablet.desk.homes
    (building,) = homes.top()
    (room,) = homes.below(building.id)
    (household,) = homes.below(room.id)
    people = homes.below(household.id)
    assert [row.id for row in people] == [town.person, town.child]
    assert (building.title, room.title, household.title) == ("明珠花园 3栋", "1单元 502", "王**户")
    assert household.subtitle == "明珠花园 3栋 1单元 502 · 2人"
    assert [row.kind for row in homes.path(town.child)] == ["building", "room", "household", "person"]
    assert (building.has_children, people[1].has_children) == (True, False)


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["12栋", "3栋", "3栋附1", "a栋", "1单元 1002", "1单元 502"]
    assert sorted(names, key=natural_order) == ["1单元 502", "1单元 1002", "3栋", "3栋附1", "12栋", "a栋"]


def test_closing_withdrawing_and_what_may_be_done(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    records = tablet.desk.records
    assert ("02", "死亡") in records.reasons("person")
    assert records.sheet(town.household).may_withdraw is False
    with pytest.raises(Refused, match="还有记录"):
        records.withdraw(town.household)
    with pytest.raises(Refused, match="代码"):
        records.close(town.child, reason="77")
    records.close(town.child, reason="01", on="2026-11-01")
    sheet = records.sheet(town.child)
    assert (sheet.closed, sheet.may_edit, sheet.may_close, sheet.state) == (
        True,
        False,
        False,
        RecordState.HERE,
    )
    with pytest.raises(Refused, match="已注销"):
        records.close(town.child, reason="01")
    assert [row.id for row in records.rows("person")] == [town.person]
    assert len(records.rows("person", closed=True)) == 2
    tablet.session.sync()
    assert hub.records[town.child].values["closed_reason"] == "01"
    with pytest.raises(NotFound):
        records.sheet("nothing")


def test_events_are_closed_by_the_hub_alone(tablet: Tablet) -> None:
    event = tablet.save("event", category="0101", description="路灯不亮")
    assert tablet.desk.records.sheet(event.id).may_close is False
    with pytest.raises(Refused, match="平台办结"):
        tablet.desk.records.close(event.id, reason="01")


def test_tasks_are_grouped_done_and_sent(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    (row,) = tablet.desk.tasks.rows()
    assert (row.title, row.household, row.door) == (
        "代办老年优待证",
        town.household,
        "明珠花园 3栋 1单元 502",
    )
    assert row.subject.startswith("王** · ")
    sheet = tablet.desk.tasks.sheet(town.task)
    assert sheet.subject is not None
    assert ("done", "已办结") in sheet.outcomes
    for outcome, note in (("", ""), ("nonsense", ""), ("other", "")):
        with pytest.raises(Refused):
            tablet.desk.tasks.finish(town.task, outcome=outcome, note=note)
    tablet.desk.tasks.finish(town.task, outcome="not_home")
    assert [row.state for row in tablet.desk.tasks.rows()] == [RecordState.HERE]
    tablet.desk.tasks.finish(town.task, outcome="done", note="已送到")
    assert tablet.desk.tasks.rows() == ()
    assert [row.id for row in tablet.desk.tasks.rows(done=True)] == [town.task]
    assert dict(tablet.session.sync().pushed) == {"created": 1, "updated": 1}
    values = hub.records[town.task].values
    assert (values["outcome"], values["state"], values["outcome_note"]) == ("done", "done", "已送到")
    with pytest.raises(NotFound):
        tablet.desk.tasks.finish(town.person, outcome="done")


def test_today_counts_what_is_not_at_the_hub(tablet: Tablet, town: Town) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    overview = tablet.desk.today.overview()
    assert (overview.worker, overview.grids, overview.people, overview.households) == (
        "王秀英",
        ("第001网格",),
        2,
        1,
    )
    assert (overview.unsent.unsent, overview.unsent.here, overview.drafts) == (1, 1, 0)
    assert overview.last_sync
    assert [row.id for group in overview.groups for row in group.rows] == [town.task]


def test_the_outbox_says_where_each_change_is(tablet: Tablet, town: Town) -> None:
    tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")
    tablet.save("person", id=town.person, phone="10003001111", note="常住")
    tablet.desk.records.close(town.child, reason="01")
    whats = [(row.what, row.state_label) for row in tablet.desk.outbox.rows()]
    assert whats == [
        ("注销人员", "只在本机"),
        ("修改人员：联系方式、备注", "只在本机"),
        ("新增人员", "只在本机"),
    ]
    (change, *_) = [row.change for row in tablet.desk.outbox.rows()]
    for act in (tablet.desk.outbox.dismiss, tablet.desk.outbox.retry, tablet.desk.outbox.repair):
        with pytest.raises(Refused):
            act(change)
    tablet.session.sync()
    assert tablet.desk.outbox.rows() == ()
    assert {row.state_label for row in tablet.desk.outbox.rows(settled=True)} == {"已到平台"}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20260131", "2026-01-31"),
        ("2026-1-31", "2026-01-31"),
        ("2026.1.3", "2026-01-03"),
        ("2026年1月31日", "2026-01-31"),
        ("gestern", "gestern"),
    ],
)
def test_typed_days(typed: str, day: str) -> None:
    assert typed_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-01-31 08:05", "2026-01-31T00:05:00Z"),
        ("20260131 7:30", "2026-01-30T23:30:00Z"),
        ("2026年1月31日8时5分", "2026-01-31T00:05:00Z"),
        ("2026-02-30 08:05", "2026-02-30 08:05"),
        ("2026-01-31", "2026-01-31"),
    ],
)
def test_typed_moments(typed: str, moment: str) -> None:
    assert typed_moment(typed) == moment


def test_each_record_says_what_became_of_its_changes(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    hub.edit(town.person, phone="10004003333")
    saved = tablet.save("person", id=town.person, phone="10003001111", workplace="示例厂")
    tablet.session.sync()
    sheet = tablet.restart().desk.records.sheet(town.person)
    assert [step.what.split("：")[0] for step in sheet.steps] == ["存在本机", "有争议"]
    assert {step.change for step in sheet.steps} == {saved.change}
    assert sheet.message.startswith("有争议：联系方式（")
    (row,) = tablet.desk.outbox.rows()
    (contest,) = row.contests
    assert (contest.label, contest.mine, contest.theirs) == ("联系方式", "10003001111", "10004003333")
    tablet.desk.outbox.dismiss(saved.change)
    assert tablet.desk.records.sheet(town.person).steps[-1].what.startswith("已放到一边")


def test_a_refusal_stays_told_after_the_repair(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    hub.delete(town.room)
    saved = tablet.save("household", parent=town.room, kind="1", head_phone="10004004444")
    tablet.session.sync()
    tablet.desk.outbox.retry(tablet.desk.outbox.rows()[0].change)
    steps = tablet.restart().desk.records.sheet(saved.id).steps
    assert [step.what.split("：")[0] for step in steps] == ["存在本机", "被退回", "存在本机"]


def test_what_is_told_of_a_record_goes_with_it(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, workplace="示例厂")
    tablet.session.sync()
    hub.move(town.person, "420502001001002")
    tablet.session.sync()
    store = tablet.session._store
    assert town.person not in store.memory.trails
    rows = store._connection.execute("SELECT count(*) FROM trail WHERE record = ?", (town.person,))
    assert rows.fetchone() == (0,)


def test_a_task_done_here_stays_in_view_until_the_hub_has_it(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    tablet.desk.tasks.finish(town.task, outcome="done")
    (group,) = tablet.desk.today.overview().groups
    assert (group.label, [row.id for row in group.rows]) == ("已办，还没到平台", [town.task])
    tablet.session.sync()
    assert tablet.desk.today.overview().groups == ()
