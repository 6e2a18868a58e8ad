"""代办: begun at a person, signed with a finger, handed in, brought back."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from field_app.store.errors import StoreError
from field_app.store.store import Store
from field_app.store.unit import Unit
from governance.contract import CITY, Problem
from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN, Stage
from tests.field_app.screens.street import Street, StreetHub

ELDER = {
    "code": "elder_card",
    "label": "代办老年优待证",
    "department": "民政局",
    "days": 10,
    "needed": ["01"],
    "optional": ["02"],
    "parts": [],
    "task_items": ["elder_card"],
    "enabled": True,
}


@pytest.fixture
def stage(tmp_path: Path, hub: StreetHub) -> Iterator[Stage]:
    """A tablet that knows a service."""
    hub.add("service", ELDER, grid=CITY)
    with Stage(tmp_path, hub, enrolled=True) as stage:
        yield stage


def begin(stage: Stage, street: Street) -> str:
    """Begin a case at a person; gives its id."""
    stage.tablet.shell.open("record", id=street.ids["王小明"])
    hand.tap("代办…")
    hand.until(lambda: hand.says("代办老年优待证"), "the services")
    hand.tap("代办老年优待证")
    hand.until(lambda: stage.name == "case", "the case")
    return stage.screen._id


def elder(stage: Stage, street: Street) -> str:
    """Give another person than the one that :func:`begin` takes."""
    rows = stage.session.desk.records.sheet(street.ids["户11"]).children
    return next(row.id for row in rows if row.kind == "person" and row.id != street.ids["王小明"])


def sign(stage: Stage) -> None:
    """Sign with a finger."""
    pad = hand.Window.children[0].ids.pad
    hand.settle()
    for shift in (0.1, 0.35, 0.6):
        left, low = pad.x + pad.width * shift, pad.y + pad.height * 0.3
        hand.drag((left, low), (left + pad.width * 0.15, low + pad.height * 0.4))
    hand.tap("签好了")


def listed(stage: Stage) -> list[str]:
    """Give what the list of cases says of each."""
    stage.tablet.shell.open("cases")
    return [row["chip"] for row in stage.screen.ids.rows.data if row.get("chip")]


def test_a_case_is_begun_signed_and_handed_in(stage: Stage, street: Street, hub: StreetHub) -> None:
    case = begin(stage, street)
    assert hand.says("收集材料")

    stage.screen.act("hand_in")
    assert "还缺居民身份证" in stage.screen.problem
    assert "签名" in stage.screen.problem

    stage.screen._open_paper(stage.screen.sheet.checklist[0])
    hand.until(lambda: stage.name == "form", "the material's form")
    hand.tap("保存")
    stage.tablet.shell.back()
    hand.until(lambda: stage.name == "case", "back at the case")
    assert [line.paper != "" for line in stage.screen.sheet.checklist] == [True, False]

    stage.screen.act("hand_in")
    assert "还缺" not in stage.screen.problem
    assert "签名" in stage.screen.problem
    stage.screen.sign()
    assert "委托人" in stage.screen.problem
    stage.screen.ids.by.text = "王建国"
    stage.screen.sign()
    sign(stage)
    assert stage.screen.signed.startswith("王建国")

    stage.screen.act("hand_in")
    assert hand.says("待站点受理，只在本机")
    assert listed(stage) == ["只在本机"]
    assert stage.screen.ids.rows.data[1]["detail"].startswith("待站点受理 · ")
    stage.session.sync()
    assert listed(stage) == ["待站点受理"]
    assert hub.records[case].values["state"] == "submitted"
    assert hub.records[case].values["materials"] == ["01"]


def test_what_the_hub_says_of_it_is_shown_and_delivered(stage: Stage, street: Street, hub: StreetHub) -> None:
    case = begin(stage, street)
    stage.session.sync()
    hub.edit(case, state="approved", number="202611220000000001", reference="宜优001", answer="已制证")
    stage.session.sync()
    stage.tablet.shell.tab("collect")
    hand.tap("代办")
    hand.until(lambda: stage.name == "cases", "the list")
    titles = [row["title"] for row in stage.screen.ids.rows.data]
    assert titles == ["轮到我办的\u30001", "代办老年优待证\u3000王**"]
    stage.tablet.shell.open("case", id=case)
    assert "宜优001" in stage.screen.answer
    stage.screen.act("deliver")
    assert "签收人" in stage.screen.problem
    stage.screen.ids.by.text = "王小明"
    stage.screen.act("deliver")
    assert hand.says("已送达，只在本机")
    stage.session.sync()
    assert hub.records[case].values["received_by"] == "王小明"


def test_what_is_written_at_one_case_outlasts_the_lock_and_shows_at_no_other(
    stage: Stage, street: Street, hub: StreetHub
) -> None:
    first = begin(stage, street)
    stage.screen.ids.by.text, stage.screen.ids.note.text = "王建国", "居民改主意了"
    other = stage.session.desk.cases.begin("elder_card", elder(stage, street))[0].id
    stage.tablet.shell.open("case", id=other)
    assert (stage.screen.ids.by.text, stage.screen.ids.note.text) == ("", "")
    stage.tablet.lock()
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("collect")
    (draft,) = stage.session.desk.collect.drafts()
    assert (draft.kind, draft.record, draft.stuck) == ("case", first, "")
    hand.tap("接着填")
    hand.until(lambda: stage.name == "case", "the case")
    assert (stage.screen.ids.by.text, stage.screen.ids.note.text) == ("王建国", "居民改主意了")
    stage.screen.sign()
    sign(stage)
    stage.screen.act("withdraw")
    assert (stage.screen.ids.by.text, stage.screen.ids.note.text) == ("", "")
    assert stage.session.desk.collect.drafts() == ()
    stage.session.sync()
    assert hub.records[first].values["act_note"] == "居民改主意了"


def test_a_name_is_kept_as_it_is_written_and_is_no_draft_once_signed(
    stage: Stage, street: Street, hub: StreetHub
) -> None:
    begin(stage, street)
    stage.screen.ids.by.text = "王建国"
    hand.until(stage.session.desk.collect.drafts, "the draft")
    stage.screen.sign()
    sign(stage)
    hand.until(lambda: not stage.session.desk.collect.drafts(), "no draft")


def test_who_was_to_sign_is_not_taken_for_who_receives(stage: Stage, street: Street, hub: StreetHub) -> None:
    case = begin(stage, street)
    stage.session.sync()
    stage.screen.ids.by.text, stage.screen.ids.note.text = "王建国", "注"
    hub.edit(case, state="approved")
    stage.session.sync()
    hand.until(lambda: stage.screen.delivers, "the result")
    assert (stage.screen.ids.by.text, stage.screen.ids.note.text) == ("", "注")


def test_what_was_written_for_a_step_is_put_away_in_the_moment_it_is_taken(
    stage: Stage, street: Street, hub: StreetHub
) -> None:
    """Killed at any moment, the tablet has either the draft or the step."""
    case, desk = begin(stage, street), stage.session.desk
    stage.screen.ids.note.text = "居民改主意了"
    stage.screen.depart()
    seen = []
    unwatch = stage.session.watch(
        lambda: seen.append((desk.records.view(case).values.get("act_note"), len(desk.collect.drafts())))
    )
    stage.screen.act("withdraw")
    unwatch()
    assert seen == [("居民改主意了", 0)]


def test_what_was_thrown_away_of_a_case_does_not_come_back(
    stage: Stage, street: Street, hub: StreetHub
) -> None:
    case = begin(stage, street)
    stage.screen.ids.note.text = "居民改主意了"
    stage.session.sync()
    stage.go("采集", "collect")
    hub.edit(case, state="withdrawn")
    stage.session.sync()
    hand.tap("接不下去")
    hand.tap("丢掉")
    hand.settle()
    stage.tablet.shell.open("case", id=case)
    stage.tablet.shell.tab("today")
    assert stage.session.desk.collect.drafts() == ()


def test_the_repair_of_a_refused_step_is_gone_on_with(stage: Stage, street: Street, hub: StreetHub) -> None:
    hub.judge = lambda change: [Problem("act_note", "length", "请写短些")] if "act" in change["set"] else []
    stage.session.desk.cases.act(begin(stage, street), "withdraw", note="改主意")
    stage.session.sync()
    (refused,) = [row for row in stage.session.desk.outbox.rows() if row.may_repair]
    stage.tablet.shell.open("form", form=stage.session.desk.outbox.repair(refused.change))
    stage.screen._put_text("act_note", "居民说儿子自己来办")
    stage.go("采集", "collect")
    hand.tap("接着填")
    hand.until(lambda: stage.name == "form", "the form")
    assert stage.screen._form.values["act_note"] == "居民说儿子自己来办"
    again = stage.session.desk.outbox.repair(refused.change)
    assert again.values["act_note"] == "居民说儿子自己来办"
    stage.session.desk.collect.save(again)
    assert stage.session.desk.collect.drafts() == ()


def test_a_signature_of_receipt_belongs_to_one_case(stage: Stage, street: Street, hub: StreetHub) -> None:
    first = begin(stage, street)
    other = stage.session.desk.cases.begin("elder_card", elder(stage, street))[0].id
    stage.session.sync()
    for case in (first, other):
        hub.edit(case, state="approved")
    stage.session.sync()
    stage.screen.receive()
    sign(stage)
    assert stage.screen.received
    stage.tablet.shell.open("case", id=other)
    assert not stage.screen.received


def test_a_signature_of_receipt_outlasts_the_lock(stage: Stage, street: Street, hub: StreetHub) -> None:
    case = begin(stage, street)
    stage.session.sync()
    hub.edit(case, state="approved")
    stage.session.sync()
    stage.tablet.shell.open("case", id=case)
    stage.screen.ids.by.text = "王小明"
    stage.screen.receive()
    sign(stage)
    stage.tablet.lock()
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("collect")
    hand.tap("接着填")
    hand.until(lambda: stage.name == "case", "the case")
    assert (stage.screen.received, stage.screen.ids.by.text) == (True, "王小明")
    stage.screen.act("deliver")
    assert not stage.screen.received
    assert stage.session.desk.collect.drafts() == ()
    stage.session.sync()
    assert len(hub.records[case].values["receipt"]) == len(hub.files.stored) == 1


def test_a_receipt_is_signed_anew_and_goes_with_no_other_step(
    stage: Stage, street: Street, hub: StreetHub
) -> None:
    case = begin(stage, street)
    stage.session.sync()
    hub.edit(case, state="approved")
    stage.session.sync()
    for _ in range(2):
        stage.screen.receive()
        sign(stage)
    assert stage.screen.received
    hub.edit(case, state="refused")
    stage.session.sync()
    hand.until(lambda: not stage.screen.delivers, "another answer")
    stage.screen.act("tell")
    stage.session.sync()
    assert hub.records[case].values["state"] == "told"
    assert "receipt" not in hub.records[case].values


def test_a_step_that_was_stored_is_told_as_such_though_the_room_ran_out_then(
    stage: Stage, street: Street, hub: StreetHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, desk, proper = begin(stage, street), stage.session.desk, Store.write
    desk.collect.save(desk.cases.paper(case, "01"))
    stage.screen.ids.by.text, stage.screen.ids.note.text = "王建国", "材料齐了"
    stage.screen.sign()
    sign(stage)
    room = iter([True])

    def write(store: Store) -> AbstractContextManager[Unit]:
        if not next(room, False):
            raise StoreError("存储空间已满")
        return proper(store)

    with monkeypatch.context() as full:
        full.setattr(Store, "write", write)
        stage.screen.act("hand_in")
    assert (stage.screen.problem, desk.cases.sheet(case).state) == ("", "submitted")
    stage.tablet.shell.tab("today")
    assert desk.collect.drafts() == ()


def test_a_task_leads_to_the_service_that_answers_it(stage: Stage, street: Street, hub: StreetHub) -> None:
    task = street.ids["任务0"]
    hub.edit(task, item="elder_card")
    stage.session.sync()
    stage.tablet.shell.open("task", id=task)
    hand.tap("为他代办：代办老年优待证")
    hand.until(lambda: stage.name == "case", "the case")
    stage.session.sync()
    assert hub.records[stage.screen._id].values["task"] == task
    stage.tablet.shell.back()
    hand.until(lambda: hand.says("代办件：代办老年优待证"), "the case on the task")
