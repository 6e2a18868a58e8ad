"""采集: the way to the door, forms, drafts."""

import threading

from field_app.ports.gps import Fix
from tests.field_app.screens import hand
from tests.field_app.screens.street import ORIGIN
from tests.field_app.town import citizen_number


def lines(stage):
    return {line.name: line for line in stage.screen.ids.sections.lines()}


def choose(stage, name, label):
    line = lines(stage)[name]
    hand.tap(next(button for button in line.ids.choices.children if button.text == label))


def write(stage, name, words):
    hand.type_into(lines(stage)[name].ids.box, words)


def open_new_person(stage):
    stage.go("采集", "collect")
    for words in ("人", "人员", "明珠花园 1栋", "1单元 101", "王**户"):
        hand.tap(words)
    hand.until(lambda: stage.name == "form", "form")


def test_a_person_is_collected_into_a_household_after_an_error_was_mended(stage, street):
    open_new_person(stage)
    assert hand.says("明珠花园 1栋 › 1单元 101 › 王**户")
    write(stage, "name", "王小宝")
    write(stage, "citizen_number", "420502202601011234")
    hand.tap("保存")

    hand.until(lambda: lines(stage)["citizen_number"].problem.startswith("校验码不对"), "the error")
    assert hand.says("处要改：公民身份号码")

    lines(stage)["citizen_number"].ids.box.text = ""
    write(stage, "citizen_number", citizen_number(birth="20260101", sequence=441))
    hand.tap("保存")

    hand.until(lambda: stage.name == "record", "the new record")
    assert hand.says("王小宝")
    assert hand.says("只在本机")
    household = stage.session.desk.records.sheet(street.ids["户11"])
    assert len(household.children) == 4


def test_what_the_citizen_number_says_is_not_asked(stage):
    open_new_person(stage)
    assert lines(stage)["birth_date"].ids.drop.text == ""

    write(stage, "citizen_number", citizen_number(birth="20260101", sequence=442))

    assert lines(stage)["birth_date"].text == "2026-01-01"
    assert "drop" not in lines(stage)["birth_date"].ids
    assert lines(stage)["citizen_number"].ids.box.focus


def test_what_the_family_has_in_common_is_filled_in(stage):
    open_new_person(stage)

    assert lines(stage)["residence_kind"].field.value == "1"
    assert lines(stage)["nation"].text == "汉族"


def test_the_residence_kind_brings_the_lines_that_apply(stage):
    open_new_person(stage)
    assert "inflow_reason" not in lines(stage)

    choose(stage, "residence_kind", "流动人口")
    assert "inflow_reason" in lines(stage)
    choose(stage, "residence_kind", "境外人员")

    assert "inflow_reason" not in lines(stage)
    assert "nationality" in lines(stage)
    assert "registered_area" not in lines(stage)


def test_a_code_is_found_by_pinyin_initials(stage):
    open_new_person(stage)
    hand.tap(lines(stage)["nation"].ids.drop)
    hand.until(lambda: hand.says("蒙古族"), "picker")
    hand.type_into(hand.Window.children[0].ids.search, "tjz")
    hand.tap("土家族")

    assert lines(stage)["nation"].text == "土家族"


def test_a_day_is_picked_from_the_calendar(stage):
    stage.tablet.shell.open("form", form=stage.session.desk.collect.form("organisation"))
    choose_category(stage, "社会组织")
    hand.tap(lines(stage)["approved_on"].ids.drop)
    for words in ("-10年", "-1年", "上一月", "15"):
        hand.tap(words)

    picked = lines(stage)["approved_on"].text
    assert picked.endswith("-15")


def choose_category(stage, label):
    hand.tap(lines(stage)["category"].ids.drop)
    hand.tap(label)


def test_several_codes_are_ticked(stage, street):
    form = stage.session.desk.collect.form("care_hardship", parent=street.ids["王小明"])
    stage.tablet.shell.open("form", form=form)
    hand.tap(lines(stage)["help_sources"].ids.drop)
    for words in ("民政", "残联", "选好了"):
        hand.tap(words)

    assert lines(stage)["help_sources"].text == "民政、残联"


def test_a_draft_survives_leaving_and_is_gone_once_saved(stage):
    open_new_person(stage)
    write(stage, "name", "李四")
    stage.go("查找", "find")
    stage.go("今日", "today")
    hand.until(lambda: hand.says("1 份还没填完"), "drafts banner")

    hand.tap("1 份还没填完，点这里接着填")
    hand.tap("接着填")

    hand.until(lambda: stage.name == "form", "form")
    assert lines(stage)["name"].ids.box.text == "李四"
    hand.tap("保存")
    hand.until(lambda: stage.name == "record", "saved")
    assert stage.session.desk.collect.drafts() == ()


def test_a_draft_survives_the_app_being_paused_and_locked(stage):
    open_new_person(stage)
    write(stage, "name", "李四")

    stage.tablet.pause()
    stage.tablet.lock()
    stage.session.unlock("314159")

    assert [draft.kind for draft in stage.session.desk.collect.drafts()] == ["person"]


def test_what_was_taken_back_leaves_no_draft(stage, street):
    stage.tablet.shell.open("record", id=street.ids["王小明"])
    stage.screen.edit()
    name = lines(stage)["name"].ids.box.text
    write(stage, "name", "李四")
    stage.tablet.pause()
    assert len(stage.session.desk.collect.drafts()) == 1
    lines(stage)["name"].ids.box.text = name
    stage.tablet.pause()
    assert stage.session.desk.collect.drafts() == ()


def test_what_cannot_be_saved_yet_is_kept_all_the_same(stage):
    open_new_person(stage)
    write(stage, "citizen_number", "4205")
    hand.tap("保存")
    hand.until(lambda: lines(stage)["citizen_number"].problem, "the error")
    hand.until(stage.session.desk.collect.drafts, "the draft")


def test_a_place_found_late_goes_into_the_form_that_asked_for_it_only(stage):
    found, asked = threading.Event(), threading.Event()

    def fix(*, timeout=10.0):
        asked.set()
        found.wait(10)
        return Fix(*ORIGIN, 5.0)

    stage.gps.fix = fix
    stage.tablet.shell.open("form", form=stage.session.desk.collect.form("building"))
    first = stage.screen._form
    stage.screen.locate()
    assert asked.wait(10)
    stage.tablet.shell.replace("form", form=stage.session.desk.collect.form("building"))
    assert not stage.screen.locating
    found.set()
    hand.until(lambda: "errand" not in {thread.name for thread in threading.enumerate()}, "the place")
    hand.settle()
    assert (stage.screen.place, first.place_text) == ("", "")


def test_what_is_not_wanted_is_thrown_away_after_a_question(stage):
    open_new_person(stage)
    write(stage, "name", "李四")
    stage.tablet.pause()
    hand.tap("不要了")
    hand.until(lambda: hand.says("找不回来"), "question")
    hand.tap("不要了")

    assert stage.session.desk.collect.drafts() == ()
    assert stage.name == "door"


def test_a_missing_room_is_added_on_the_way(stage):
    stage.go("采集", "collect")
    for words in ("人", "人员", "明珠花园 1栋", "新增房屋"):
        hand.tap(words)
    hand.until(lambda: stage.name == "form", "form")
    write(stage, "number", "501")
    hand.tap("保存")
    hand.until(lambda: stage.name == "record", "the new room")

    hand.tap("在这里登记…")

    hand.until(lambda: stage.name == "form" and stage.screen.title == "新增户", "household form")


def test_what_was_typed_into_a_task_that_left_can_be_thrown_away(stage, street):
    hub, collect = stage.hub, stage.session.desk.collect
    form = collect.form("task", id=street.ids["任务0"])
    form.put("outcome_note", "半途")
    collect.keep(form)
    hub.move(street.ids["任务0"], "420502001001999")
    stage.session.sync()
    stage.go("采集", "collect")
    hand.tap("接不下去")
    hand.until(lambda: hand.says("已不在本机。丢掉以后"), "question")
    hand.tap("先留着")
    assert len(collect.drafts()) == 1
    hand.tap("接不下去")
    hand.tap("丢掉")

    assert collect.drafts() == ()
    hand.until(lambda: not hand.says("接不下去"), "the list without it")


def test_where_the_level_one_stands_on_left_the_way_begins_anew(stage, street):
    stage.go("采集", "collect")
    for words in ("人", "人员", "明珠花园 1栋"):
        hand.tap(words)
    hand.until(lambda: stage.screen.path, "the building")
    stage.hub.move(street.ids["楼1"], "420502001001999")
    stage.session.sync()
    hand.until(lambda: not stage.screen.path, "the top")
    assert hand.says("明珠花园 2栋")
    assert not hand.says("明珠花园 1栋")
    assert stage.tablet.shell.back()
    assert stage.name == "collect"
