"""同步: every state, the hub's reasons, 修正."""

import pytest

from governance.contract import Problem
from tests.field_app.screens import hand
from tests.field_app.screens.test_collect import lines


@pytest.fixture
def refused(stage, street):
    """A phone that the hub refuses, and a nation that it sends to review."""

    def judge(change):
        if change["set"].get("phone") == "10002000000":
            return [Problem("phone", "clash", "联系方式：这个号码已停机，请核对")]
        if "nation" in change["set"]:
            return [Problem("nation", "source", "民族：与公安登记的不一致，已转核实")]
        return []

    stage.hub.judge = judge
    for name, field, value in (("王小明", "phone", "10002000000"), ("户23", "presence", "2")):
        kind = "person" if name == "王小明" else "household"
        form = stage.session.desk.collect.form(kind, id=street.ids[name])
        form.put(field, value)
        stage.session.desk.collect.save(form)
    stage.go("同步", "sync")
    hand.tap("马上同步")
    hand.until(lambda: hand.says("退回1条"), "report")
    return stage


def test_the_hubs_reason_is_shown_and_mended_in_the_form(refused, street):
    stage = refused
    assert hand.says("联系方式：这个号码已停机，请核对")

    hand.tap("修正")
    hand.until(lambda: stage.name == "form", "form")
    assert lines(stage)["phone"].problem == "这个号码已停机，请核对"
    lines(stage)["phone"].ids.box.text = "10003000000"
    hand.tap("保存")
    hand.until(lambda: stage.name == "sync", "back")
    hand.tap("马上同步")

    hand.until(lambda: stage.hub.pushed[-1]["set"].get("phone") == "10003000000", "the mended change")
    hand.until(lambda: not hand.says("被退回"), "settled")


def test_each_state_has_its_words(refused, street):
    stage = refused
    stage.hub.online = False
    form = stage.session.desk.collect.form("organisation", id=street.ids["超市"])
    form.put("phone", "07171009999")
    stage.session.desk.collect.save(form)

    hand.until(lambda: hand.says("只在本机"), "here")
    assert [row["title"] for row in stage.screen.ids.rows.data if "viewclass" in row and "row_size" in row]
    assert hand.says("被退回")
    assert hand.says("已到平台")
    assert hand.says("2 条还没到平台")


def test_a_refused_change_is_put_aside_from_its_sheet(refused):
    stage = refused
    hand.tap(
        next(row for row in hand.seen() if getattr(row, "title", "") == "王**" and hasattr(row, "repair"))
    )
    hand.until(lambda: hand.says("原样再送一次"), "sheet")

    hand.tap("放到一边，不再管它")

    hand.until(lambda: not hand.says("被退回"), "gone")
    assert stage.session.desk.outbox.counts().refused == 0


def test_the_badge_counts_what_is_not_settled(refused):
    assert refused.tablet.shell.unsent == 1
    assert "1" in hand.texts()
