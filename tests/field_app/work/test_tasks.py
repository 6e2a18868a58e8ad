"""Tasks on the tablet: accepted, tried, what they ask for, whose they are."""

from pathlib import Path

import pytest

from field_app.store.unit import Unit
from field_app.work.errors import NotFound, Refused, StoreError
from field_app.work.tasks import When
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town
from tests.pictures import picture

ASKS = "person.phone household.head_phone doc:02 photo signature"


@pytest.fixture
def asking(hub: FakeHub, town: Town, tablet):
    """The task asks for everything there is; the person has no telephone number yet."""
    hub.edit(town.task, asks=ASKS, subject=town.child, origin="case", assignee=None)
    tablet.session.sync()
    return tablet


def no_room(*_: object) -> None:
    raise StoreError("存储空间已满")


def reasons(refused) -> list[str]:
    return [problem.reason for problem in refused.value.problems]


def test_a_task_is_accepted_once(tablet, town: Town) -> None:
    assert tablet.desk.tasks.sheet(town.task).may_accept
    tablet.desk.tasks.accept(town.task)
    sheet = tablet.desk.tasks.sheet(town.task)
    assert (sheet.stage, sheet.may_accept) == ("已接受", False)
    with pytest.raises(Refused) as refused:
        tablet.desk.tasks.accept(town.task)
    assert reasons(refused) == ["任务已接受，不能再接受"]
    tablet.session.sync()
    assert tablet.desk.tasks.sheet(town.task).stage == "已接受"


def test_an_attempt_is_a_visit_of_its_own(tablet, town: Town, hub: FakeHub) -> None:
    position = {"lon": 111.285, "lat": 30.695, "accuracy": 8, "crs": "4326"}
    saved = tablet.desk.tasks.finish(town.task, outcome="not_home", note="邻居说晚上在", position=position)
    assert saved.id != town.task
    sheet = tablet.desk.tasks.sheet(town.task)
    assert (sheet.stage, sheet.outcome) == ("已上门未办成", "")
    assert [text.split(" ", 2)[2] for text in sheet.attempts] == ["无人在家 邻居说晚上在"]
    assert tablet.desk.outbox.counts().here == 1
    tablet.session.sync()
    (visit,) = hub.open_records("visit").values()
    assert (visit["task"], visit["outcome"], visit["household"]) == (town.task, "not_home", town.household)
    assert [row.id for row in tablet.desk.tasks.rows()] == [town.task]
    tablet.desk.tasks.finish(town.task, outcome="done")
    with pytest.raises(Refused, match="不用再上门"):
        tablet.desk.tasks.finish(town.task, outcome="not_home")


def test_what_is_asked_for_is_filled_in_from_what_is_held(asking, town: Town, hub: FakeHub) -> None:
    hub.edit(town.household, head_phone="07176000001")
    asking.session.sync()
    asked = asking.desk.tasks.asked(town.task)
    lines = {line.name: line.value for line in asked.fields}
    assert lines == {
        "person.phone": None,
        "household.head_phone": "07176000001",
        "task.materials": None,
        "task.photos": None,
    }
    assert asked.wanted == ("联系方式", "居民户口簿", "办理照片", "居民签名")


def test_a_result_is_refused_here_while_something_is_missing(asking, town: Town) -> None:
    with pytest.raises(Refused) as refused:
        asking.desk.tasks.finish(town.task, outcome="done")
    assert {problem.field for problem in refused.value.problems} == {"photos", "signature", "materials"}
    assert asking.desk.outbox.counts().here == 0
    asking.desk.tasks.finish(town.task, outcome="refused", note="改天")
    assert asking.desk.tasks.sheet(town.task).stage == "已退回"


def test_answers_go_where_they_belong_and_the_rest_into_the_task(
    asking, town: Town, hub: FakeHub, tmp_path: Path
) -> None:
    file = tmp_path / "证件.jpg"
    file.write_bytes(picture())
    asked = asking.desk.tasks.asked(town.task)
    asked.put_text("person.phone", "138 0000 2222")
    asked.put("household.head_phone", "07176000001")
    asked.put("task.materials", ["02"])
    asking.desk.photos.add(asked.task, "photos", file)
    with pytest.raises(Refused, match="居民签名"):
        asking.desk.tasks.finish(town.task, outcome="done", asked=asked)
    asked = asking.desk.tasks.asked(town.task)
    asked.put("task.materials", ["02"])
    for field in ("photos", "signature"):
        asking.desk.photos.add(asked.task, field, file)
    with pytest.raises(Refused, match="最多1张"):
        asking.desk.photos.add(asked.task, "signature", file)
    asking.desk.tasks.finish(town.task, outcome="done", asked=asked)
    asking.session.sync()
    person, task = hub.records[town.child].values, hub.records[town.task].values
    assert person["phone"] == "13800002222"
    assert (task["state"], task["materials"]) == ("done", ["02"])
    assert len(task["photos"]) == len(task["signature"]) == 1
    assert "phone" not in task


def test_a_wrong_answer_is_refused_with_its_reason(asking, town: Town) -> None:
    asked = asking.desk.tasks.asked(town.task)
    asked.put_text("person.phone", "abc")
    with pytest.raises(Refused, match="联系方式"):
        asking.desk.tasks.finish(town.task, outcome="done", asked=asked)
    with pytest.raises(Refused, match="没有要求"):
        asked.put("person.name", "别人")


def test_what_was_begun_is_gone_on_with(asking, town: Town) -> None:
    asked = asking.desk.tasks.asked(town.task)
    asked.put("task.materials", ["02"])
    asked.put_text("person.phone", "13800002222")
    asked.keep()
    asking.restart()
    again = asking.desk.tasks.asked(town.task)
    assert {line.name: line.value for line in again.fields}["person.phone"] == "13800002222"
    assert again.task.values["materials"] == ["02"]
    assert {draft.record for draft in asking.desk.collect.drafts()} == {town.task, town.child}


def test_what_was_saved_beside_a_result_that_is_refused_is_no_draft(asking, town: Town) -> None:
    asked = asking.desk.tasks.asked(town.task)
    asked.put_text("person.phone", "13800002222")
    with pytest.raises(Refused, match="办理说明"):
        asking.desk.tasks.finish(town.task, outcome="other", asked=asked)
    assert asking.desk.records.view(town.child).values["phone"] == "13800002222"
    asked.keep()
    assert asking.desk.collect.drafts() == ()


def test_a_task_tells_of_a_record_no_more_than_it_asks_for(asking, town: Town) -> None:
    collect = asking.desk.collect
    begun = collect.form("person", id=town.child)
    for name, text in (("name", "写了一"), ("citizen_number", "4205"), ("phone", "138")):
        begun.put_text(name, text)
    collect.keep(begun)
    asked = asking.desk.tasks.asked(town.task)
    with pytest.raises(Refused) as refused:
        asking.desk.tasks.finish(town.task, outcome="refused", asked=asked)
    assert {problem.field for problem in refused.value.problems} == {"phone"}
    assert {line.name: line.problem for line in asked.fields}["person.phone"]
    asked.put_text("person.phone", "13800002222")
    asking.desk.tasks.finish(town.task, outcome="refused", asked=asked)
    held = asking.desk.records.view(town.child).values
    assert (held["name"], held["phone"]) == ("王小明", "13800002222")
    (draft,) = collect.drafts()
    again = collect.resume(draft.draft)
    assert again.offered == {"name": "写了一", "citizen_number": "4205"}


def test_what_was_saved_before_the_room_ran_out_is_no_draft(
    asking, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, put_entry = asking.desk.tasks.asked(town.task), Unit.put_entry
    asked.put_text("person.phone", "13800002222")
    asked.put_text("household.head_phone", "13800003333")
    with monkeypatch.context() as full:
        full.setattr(
            Unit,
            "put_entry",
            lambda unit, each: (no_room if each.id == town.household else put_entry)(unit, each),
        )
        with pytest.raises(StoreError):
            asking.desk.tasks.finish(town.task, outcome="refused", asked=asked)
    asked.keep()
    assert [draft.record for draft in asking.desk.collect.drafts()] == [town.household]


def test_what_was_written_outlasts_a_visit_in_vain_that_is_not_stored(
    tablet, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tablet.desk.tasks.asked(town.task)
    asked.write("约" * 2000)
    asked.keep()
    with pytest.raises(Refused, match="走访内容"):
        tablet.desk.tasks.finish(town.task, outcome="not_home", note=asked.note, asked=asked)
    assert tablet.desk.tasks.asked(town.task).note == asked.note == "约" * 2000
    asked.write("约 15:30")
    asked.keep()
    with monkeypatch.context() as full:
        full.setattr(Unit, "put_entry", no_room)
        with pytest.raises(StoreError):
            tablet.desk.tasks.finish(town.task, outcome="not_home", note=asked.note, asked=asked)
    assert tablet.restart().desk.tasks.asked(town.task).note == "约 15:30"


def test_a_result_that_found_no_room_is_not_told_along_with_another(
    tablet, town: Town, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tablet.desk.tasks.asked(town.task)
    with monkeypatch.context() as full:
        full.setattr(Unit, "put_entry", no_room)
        with pytest.raises(StoreError):
            tablet.desk.tasks.finish(town.task, outcome="done", asked=asked)
    tablet.desk.tasks.finish(town.task, outcome="not_home", asked=asked)
    tablet.session.sync()
    assert "outcome" not in hub.records[town.task].values
    assert tablet.desk.collect.drafts() == ()


def test_the_task_of_somebody_else_stands_apart(tablet, town: Town, hub: FakeHub) -> None:
    hub.edit(town.task, assignee="user:li")
    tablet.session.sync()
    (row,) = tablet.desk.tasks.rows()
    assert row.when is When.OTHERS
    with pytest.raises(Refused, match="已派给他人"):
        tablet.desk.tasks.accept(town.task)
    hub.edit(town.task, assignee="user:wang")
    tablet.session.sync()
    assert tablet.desk.tasks.rows()[0].when is not When.OTHERS
    tablet.desk.tasks.finish(town.task, outcome="handed_on", note="转便民服务站")
    assert tablet.desk.tasks.rows()[0].when is When.OTHERS
    with pytest.raises(Refused, match="办理说明"):
        tablet.desk.tasks.finish(town.task, outcome="handed_on")


def test_a_second_report_is_told(tablet, town: Town, hub: FakeHub) -> None:
    hub.edit(town.task, state="done", outcome="done", second_report="李志强也报告了：居民拒绝")
    tablet.session.sync()
    assert "李志强" in tablet.desk.tasks.sheet(town.task).second
    with pytest.raises(Refused, match="任务已办结，不能改为“已转交”"):
        tablet.desk.tasks.finish(town.task, outcome="handed_on", note="站")


def test_there_is_no_task_of_another_name(tablet, town: Town) -> None:
    for act in (tablet.desk.tasks.accept, tablet.desk.tasks.asked, tablet.desk.tasks.sheet):
        with pytest.raises(NotFound):
            act(town.person)
