"""守候: the open tablet syncs when the hub calls and tells of new tasks; a locked one does not listen."""

import pytest

from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN
from tests.field_app.screens.test_enrol import press


def new_task(stage, street, title="上门探访"):
    household = street.ids["户11"]
    values = {"item": "visit", "title": title, "subject_kind": "household", "subject": household}
    stage.hub.add("task", {**values, "occasion": title, "household": household, "priority": "2",
                           "opens_on": "2026-01-01", "due_on": "2026-01-09", "state": "open"})  # fmt: skip


def held(stage, title):
    return any(row.title == title for row in stage.session.desk.tasks.rows())


def listening(stage):
    hand.until(lambda: len(stage.hub.open_lines) == 1, "a line")


def test_a_call_brings_the_task_and_a_notice_that_names_nobody(stage, street):
    listening(stage)
    new_task(stage, street)
    stage.hub.call()

    hand.until(lambda: held(stage, "上门探访"), "the task")
    hand.until(lambda: stage.notices.shown, "a notice")
    assert stage.notices.shown == ["有1件新任务，请打开查看"]


def test_the_first_load_is_no_news(fresh):
    assert fresh.notices.shown == []
    assert fresh.hub.open_lines == []


def test_a_call_during_a_sync_is_followed_by_another_sync(stage, street):
    listening(stage)
    stage.tablet.runner.start(quiet=True)
    assert stage.tablet.runner.running
    new_task(stage, street)
    stage.tablet.runner.ask()

    hand.until(lambda: held(stage, "上门探访"), "the task")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sync_that_ends_as_nobody_foresaw_says_so_and_another_follows(stage, street, monkeypatch):
    runner = stage.tablet.runner
    hand.until(lambda: not runner.running, "the first sync")
    with monkeypatch.context() as patch:
        patch.setattr(stage.session, "sync", lambda progress: {}["nothing"])
        runner.start()
        hand.until(lambda: not runner.running, "the end")
    assert (runner.tone, runner.text[:4]) == ("bad", "程序出错")
    new_task(stage, street)
    runner.start()
    hand.until(lambda: held(stage, "上门探访"), "the task")


def test_a_locked_tablet_hangs_up_and_an_opened_one_listens_again(stage, street):
    listening(stage)
    stage.tablet.lock()
    hand.until(lambda: not stage.hub.open_lines, "no line")
    press(stage.screen, PIN)
    hand.until(lambda: stage.name == "today", "today")
    listening(stage)


def test_a_tablet_put_away_hangs_up_and_listens_again_in_front(stage, street):
    listening(stage)
    stage.tablet.pause()
    hand.until(lambda: not stage.hub.open_lines, "no line")
    stage.tablet.resume()
    listening(stage)


def test_what_lies_on_the_tablet_goes_out_when_the_line_stands_again(stage, street):
    stage.tablet.pause()
    stage.session.desk.tasks.finish(street.ids["任务1"], outcome="done")
    assert stage.session.desk.outbox.counts().unsent == 1
    stage.tablet._ear.open()

    hand.until(lambda: stage.session.desk.outbox.counts().unsent == 0, "nothing unsent")
