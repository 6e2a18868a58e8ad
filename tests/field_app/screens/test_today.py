"""今日: tasks by door and day, what is not yet at the hub, 办结."""

from field_app.ports.gps import Fix
from field_app.screens.widgets.signature_pad import SignaturePad
from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN
from tests.field_app.screens.street import ORIGIN
from tests.pictures import picture


def titles(stage):
    return [row["title"] for row in stage.screen.ids.rows.data]


def test_overdue_tasks_come_first_and_tasks_at_one_door_stand_together(stage, street):
    assert titles(stage)[:2] == ["已逾期　1", "60岁老年人优待证代办"]
    assert titles(stage).index("季度走访") < titles(stage).index("高龄老人探访")

    stage.session.desk.tasks.finish(street.ids["任务0"], outcome="already")
    due = stage.hub.records[street.ids["任务1"]].values["due_on"]
    stage.hub.edit(street.ids["任务3"], title="代办医保", due_on=due, household=street.ids["户11"])
    hand.tap("马上同步")

    hand.until(lambda: "代办医保" in titles(stage), "the changed task")
    door = titles(stage).index("明珠花园 1栋 1单元 101")
    assert set(titles(stage)[door + 1 : door + 3]) == {"代办医保", "居住信息核实"}


def test_a_task_is_done_with_two_taps_and_waits_on_the_tablet(stage):
    stage.hub.online = False
    hand.tap("季度走访")
    hand.until(lambda: hand.says("本季度还没有走访过这一户"), "reason")
    assert stage.screen.ids.finish.disabled

    hand.tap("已办结")
    hand.tap("办结")

    hand.until(lambda: stage.name == "today", "today")
    assert titles(stage)[-2:] == ["已办，还没到平台\u30001", "季度走访"]
    hand.until(lambda: hand.says("1 条只在本机"), "unsent banner")
    assert stage.tablet.shell.unsent == 1
    stage.hub.online = True
    stage.session.sync()
    hand.until(lambda: "季度走访" not in titles(stage), "at the hub")


def test_a_task_leads_to_the_people_it_is_about_and_back(stage):
    hand.tap("60岁老年人优待证代办")
    hand.until(lambda: stage.name == "task", "task")
    hand.tap("王**")
    hand.until(lambda: stage.name == "record", "record")
    assert hand.says("王小明")

    stage.tablet.shell.back()

    assert stage.name == "task"


def test_what_is_asked_for_is_filled_in_signed_and_sent(stage, street, tmp_path, monkeypatch):
    source = tmp_path / "scene.jpg"
    source.write_bytes(picture(side=600))
    monkeypatch.setenv("FIELD_APP_PHOTO", str(source))
    hand.tap("60岁老年人优待证代办")
    hand.until(lambda: hand.says("办结前还要：户主联系方式、居民户口簿、办理照片、居民签名"), "asked")
    hand.tap("接受任务")
    hand.until(lambda: stage.screen.state == "已逾期" and not stage.screen.may_accept, "accepted")
    lines = {line.name: line for line in stage.screen.ids.sections.lines()}
    hand.type_into(lines["household.head_phone"].ids.box, "13800002222")
    lines["task.materials"].open()
    hand.tap("居民户口簿")
    hand.tap("选好了")
    hand.tap(lines["task.photos"].ids.camera)
    hand.until(lambda: len(lines["task.photos"].ids.strip.children) == 1, "the photo")
    hand.tap("请居民签名")
    pad = hand.Window.children[0].ids.pad
    hand.settle()
    hand.drag((pad.x + 20, pad.center_y), (pad.right - 20, pad.center_y))
    hand.tap("签好了")
    hand.until(lambda: stage.screen.signed, "signed")
    assert not stage.screen.missing
    hand.tap("已办结")
    hand.tap("办结")
    hand.until(lambda: stage.name == "today", "today")
    stage.session.sync()
    task = stage.hub.records[street.ids["任务0"]].values
    assert (task["state"], task["materials"], len(task["photos"])) == ("done", ["02"], 1)
    assert len(task["signature"]) == 1
    assert stage.hub.records[street.ids["户11"]].values["head_phone"] == "13800002222"
    assert stage.session.desk.collect.drafts() == ()


def test_a_slip_of_the_finger_is_no_signature(stage):
    hand.tap("60岁老年人优待证代办")
    hand.until(lambda: stage.name == "task", "task")
    hand.tap("请居民签名")
    pad = hand.Window.children[0].ids.pad
    hand.settle()
    hand.drag((pad.x + 20, pad.center_y), (pad.x + 30, pad.center_y))
    hand.tap("签好了")
    hand.until(lambda: hand.says("请在框内写上姓名"), "refused")
    hand.tap("重写")
    assert pad.strokes == []
    hand.Window.children[0].dismiss()
    assert not stage.screen.signed


def test_a_palm_on_the_pad_is_a_stroke_of_its_own_and_one_held_while_it_is_wiped_does_no_harm(stage):
    pad = SignaturePad(pos=(0, 0), size=(400, 300))
    palm, finger = hand.UnitTestTouch(0, 0), hand.UnitTestTouch(0, 0)
    for touch, at in ((palm, (10, 10)), (finger, (200, 100))):
        touch.x, touch.y = touch.pos = at
        pad.on_touch_down(touch)
        touch.grab_current = pad
    for touch, at in ((finger, (210, 110)), (palm, (11, 12)), (finger, (220, 120))):
        touch.x, touch.y = at
        pad.on_touch_move(touch)
    assert pad.strokes == [[(10, 10), (11, 12)], [(200, 100), (210, 110), (220, 120)]]
    pad.clear()
    pad.on_touch_move(palm)
    assert pad.strokes == []


def test_nobody_at_home_is_a_visit_and_the_task_stays(stage, street):
    hand.tap("季度走访")
    hand.until(lambda: stage.name == "task", "task")
    hand.tap("无人在家")
    stage.screen.ids.note.text = "约 15:30 再来"
    hand.tap("记下这次上门")
    hand.until(lambda: stage.name == "today", "today")
    assert "季度走访" in titles(stage)
    assert stage.session.desk.tasks.sheet(street.ids["任务2"]).stage == "已上门未办成"
    hand.tap("季度走访")
    hand.until(lambda: "无人在家 约 15:30 再来" in hand.texts(), "what was tried")


def test_what_was_begun_waits_among_the_drafts_and_leads_back(stage):
    hand.tap("60岁老年人优待证代办")
    hand.until(lambda: stage.name == "task", "task")
    lines = {line.name: line for line in stage.screen.ids.sections.lines()}
    lines["task.materials"].open()
    hand.tap("居民户口簿")
    hand.tap("选好了")
    stage.tablet.shell.back()
    stage.go("采集", "collect")
    hand.tap("修改任务：60岁老年人优待证代办")
    hand.until(lambda: stage.name == "task", "task")
    assert hand.says("居民户口簿")


def unlocked(stage):
    """Lock the tablet as when it lies unused, and open it again."""
    stage.tablet.lock()
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("today")


def written_before_a_lock(stage, note):
    """Write about a task, lock the tablet, and come back to the task."""
    hand.tap("季度走访")
    hand.until(lambda: stage.name == "task", "task")
    stage.screen.ids.note.text = note
    unlocked(stage)
    hand.tap("季度走访")
    hand.until(lambda: stage.name == "task", "task")


def test_a_note_half_written_outlasts_the_lock_and_goes_with_the_result(stage, street):
    written_before_a_lock(stage, "已转社区办")
    assert stage.screen.ids.note.text == "已转社区办"
    hand.tap("已办结")
    hand.tap("办结")
    hand.until(lambda: stage.name == "today", "today")
    stage.session.sync()
    assert stage.hub.records[street.ids["任务2"]].values["outcome_note"] == "已转社区办"
    assert stage.session.desk.collect.drafts() == ()


def test_what_is_put_in_is_kept_without_leaving(stage):
    hand.tap("季度走访")
    hand.until(lambda: stage.name == "task", "task")
    stage.screen.ids.note.text = "电梯停了"
    hand.until(stage.session.desk.collect.drafts, "the draft")
    stage.screen.ids.note.text = ""
    hand.until(lambda: not stage.session.desk.collect.drafts(), "no draft")


def test_a_note_half_written_goes_with_the_visit_in_vain_alone(stage, street):
    written_before_a_lock(stage, "约 15:30")
    hand.tap("无人在家")
    hand.tap("记下这次上门")
    hand.until(lambda: stage.name == "today", "today")
    (waiting,) = stage.session.desk.outbox.rows()
    assert waiting.kind == "visit"
    assert "约 15:30" in str(stage.session.desk.tasks.sheet(street.ids["任务2"]).attempts)
    assert stage.session.desk.collect.drafts() == ()


def test_another_result_chosen_stays_while_its_note_is_written(stage, street):
    stage.session.desk.tasks.finish(street.ids["任务2"], outcome="done")
    stage.tablet.shell.open("task", id=street.ids["任务2"])
    hand.tap("已转交")
    stage.screen.ids.note.text = "转交社区办 "
    hand.until(stage.session.desk.collect.drafts, "the draft")
    hand.settle()
    assert (stage.screen.outcome, stage.screen.ids.note.text) == ("handed_on", "转交社区办 ")


def test_what_was_begun_at_a_task_may_be_gone_on_with_elsewhere(stage, street):
    def lines():
        hand.settle()
        return {line.name: line.ids.box for line in stage.screen.ids.sections.lines() if "box" in line.ids}

    task, household = street.ids["任务0"], street.ids["户11"]
    stage.tablet.shell.open("task", id=task)
    lines()["household.head_phone"].text = "13800002222"
    stage.tablet.shell.open("record", id=household)
    stage.screen.edit()
    assert lines()["head_phone"].text == "13800002222"
    lines()["head_phone"].text = "13900003333"
    for _ in range(2):  # looked at, and left again
        stage.tablet.shell.tab("today")
        stage.tablet.shell.open("task", id=task)
        assert lines()["household.head_phone"].text == "13900003333"
    stage.tablet.shell.open("record", id=household)
    stage.screen.edit()
    stage.screen.save()
    stage.tablet.shell.open("task", id=task)
    stage.tablet.shell.tab("today")
    assert stage.session.desk.collect.drafts() == ()


def test_what_was_done_elsewhere_shows_at_a_task_that_is_written_about(stage, street):
    task, collect = street.ids["任务0"], stage.session.desk.collect
    stage.tablet.shell.open("task", id=task)
    stage.screen.ids.note.text = "写了一半"
    stage.tablet.shell.open("record", id=street.ids["户11"])
    form = collect.form("household", id=street.ids["户11"])
    form.put("head_phone", "13900003333")
    collect.save(form)
    stage.tablet.shell.back()
    boxes = {line.name: line.ids.box for line in stage.screen.ids.sections.lines() if "box" in line.ids}
    assert boxes["household.head_phone"].text == "13900003333"
    assert "户主联系方式" not in stage.screen.missing
    assert stage.screen.ids.note.text == "写了一半"
    stage.tablet.shell.tab("today")
    form = collect.opened("task", task)
    form.put("outcome_note", "另写的")
    collect.keep(form)
    stage.tablet.shell.open("task", id=task)
    assert stage.screen.ids.note.text == "另写的"


def test_a_result_that_waits_may_be_changed_with_pauses(stage, street):
    stage.hub.online = False
    stage.session.desk.tasks.finish(street.ids["任务2"], outcome="other", note="原来")
    stage.tablet.shell.open("task", id=street.ids["任务2"])
    stage.screen.ids.note.text = "改过"
    unlocked(stage)
    stage.go("采集", "collect")
    hand.tap("修改任务：季度走访")
    hand.until(lambda: stage.name == "task", "task")
    assert (stage.screen.outcome, stage.screen.ids.note.text) == ("other", "改过")


def test_the_doors_come_along_the_way(stage):
    stage.gps.at = Fix(ORIGIN[0], ORIGIN[1], 10.0)
    hand.tap("按路线")
    hand.until(
        lambda: any("再走约" in str(row.get("detail")) for row in stage.screen.ids.rows.data), "the way"
    )
    shown = titles(stage)
    assert shown.index("1　明珠花园 4栋 1单元 201") < shown.index("高龄老人探访")
    hand.tap("按期限")
    hand.until(lambda: titles(stage)[0].startswith("已逾期"), "by day")


def test_a_sync_that_fails_says_why_and_can_be_started_again(stage):
    stage.go("同步", "sync")
    stage.hub.online = False
    hand.tap("马上同步")
    hand.until(lambda: hand.says("连不上平台"), "offline")

    stage.hub.online = True
    hand.tap("马上同步")

    hand.until(lambda: hand.says("送出0条，取回0条"), "report")
