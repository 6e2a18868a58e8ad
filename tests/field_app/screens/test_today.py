"""今日: tasks by door and day, what is not yet at the hub, 办结."""

from tests.field_app.screens import hand


def titles(stage):
    return [row["title"] for row in stage.screen.ids.rows.data]


def test_overdue_tasks_come_first_and_tasks_at_one_door_stand_together(stage, street):
    assert titles(stage)[:2] == ["已超期　1", "60岁老年人优待证代办"]
    assert titles(stage).index("季度走访") < titles(stage).index("高龄老人探访")

    stage.session.desk.tasks.finish(street.ids["任务0"], outcome="done")
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


def test_a_sync_that_fails_says_why_and_can_be_started_again(stage):
    stage.go("同步", "sync")
    stage.hub.online = False
    hand.tap("马上同步")
    hand.until(lambda: hand.says("连不上平台"), "offline")

    stage.hub.online = True
    hand.tap("马上同步")

    hand.until(lambda: hand.says("送出0条，取回0条"), "report")
