"""查找: what is typed, what is found, what may be done with it."""

from tests.field_app.screens import hand


def found(stage):
    return [row["title"] for row in stage.screen.ids.rows.data]


def test_a_person_is_found_however_he_is_remembered_and_his_name_is_masked(stage):
    stage.go("查找", "find")
    for query in ("wxm", "王小明", "0011", "1栋 101 王"):
        stage.screen.ids.search.text = ""
        hand.type_into(stage.screen.ids.search, query)

        hand.until(lambda: found(stage), query)
        assert not any("小明" in title for title in found(stage))
        assert any(title.startswith("王**") for title in found(stage)), query


def test_only_one_sort_of_record_is_searched_when_asked(stage):
    stage.go("查找", "find")
    hand.type_into(stage.screen.ids.search, "wxm")
    hand.tap("房")

    assert {row["chip"] for row in stage.screen.ids.rows.data} <= {"户", "房屋", "楼栋"}


def test_nothing_found_says_so(stage):
    stage.go("查找", "find")
    hand.type_into(stage.screen.ids.search, "qqq")

    assert hand.says("没有找到“qqq”")


def test_a_record_is_closed_with_a_reason(stage, street):
    stage.tablet.shell.open("record", id=street.ids["超市"])
    hand.tap("注销")
    hand.until(lambda: hand.says("为什么注销"), "reasons")
    hand.tap("停业")
    hand.tap("确定注销")

    hand.until(lambda: stage.session.desk.records.sheet(street.ids["超市"]).closed, "closed")
    hand.until(lambda: hand.says("只在本机"), "not at the hub yet")
    assert not hand.says("已注销")
    stage.session.sync()
    hand.until(lambda: hand.says("已注销"), "at the hub")


def test_a_held_value_is_prefilled_and_only_the_change_is_sent(stage, street):
    stage.hub.pushed.clear()
    stage.tablet.shell.open("record", id=street.ids["超市"])
    hand.tap("修改")
    hand.until(lambda: stage.name == "form", "form")
    phone = next(line for line in stage.screen.ids.sections.lines() if line.name == "phone")
    assert phone.ids.box.text == "07176200001"

    phone.ids.box.text = "07171009999"
    hand.tap("保存")
    hand.until(lambda: stage.name == "record", "record")
    stage.session.sync()

    assert [change["set"] for change in stage.hub.pushed] == [{"phone": "07171009999"}]
