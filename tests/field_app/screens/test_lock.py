"""开锁: PIN, tries, waiting, the idle tablet."""

import threading

import pytest

from field_app.store.errors import StoreError
from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN
from tests.field_app.screens.street import StreetTransport
from tests.field_app.screens.test_enrol import press


def test_a_wrong_pin_says_how_many_tries_are_left_and_the_right_one_opens(stage):
    stage.tablet.lock()
    assert stage.name == "unlock"

    press(stage.screen, "271828")
    hand.until(lambda: hand.says("还可试9次"), "tries left")
    press(stage.screen, PIN)

    hand.until(lambda: stage.name == "today", "today")


def test_after_three_wrong_pins_the_pad_waits(stage):
    stage.tablet.lock()
    for left in (9, 8, 7):
        press(stage.screen, "271828")
        hand.until(lambda left=left: hand.says(f"还可试{left}次"), "tries left")

    assert stage.screen.ids.pad.disabled
    assert hand.says("秒再试")


def test_a_tablet_that_lies_unused_locks_and_shows_nobody(stage):
    stage.go("查找", "find")
    hand.type_into(stage.screen.ids.search, "wxm")
    hand.until(lambda: hand.says("王**"), "found")

    stage.tablet._idle._now = lambda: float("inf")
    stage.tablet._idle.look()

    assert stage.name == "unlock"
    assert stage.session.state == "locked"
    assert not hand.says("王")
    hand.Window.dispatch("on_textinput", "王")
    assert not hand.says("请先输入 PIN")


def test_a_tablet_locks_over_a_form_and_opens_again_while_its_sync_goes_on(stage, monkeypatch):
    asked, answered = threading.Event(), threading.Event()
    proper = StreetTransport.send

    def slow(transport, request):
        if request.route == "sync/pull":
            asked.set()
            answered.wait(20)
        return proper(transport, request)

    monkeypatch.setattr(StreetTransport, "send", slow)
    form = stage.session.desk.collect.form("building")
    stage.tablet.shell.open("form", form=form)
    form.put_text("name", "锁前填的楼")
    stage.tablet.runner.start()
    asked.wait(20)
    stage.tablet._idle._now = lambda: float("inf")
    stage.tablet._idle.look()
    assert (stage.name, stage.session.state) == ("unlock", "locked")
    press(stage.screen, PIN)
    hand.until(lambda: stage.name == "today", "today")
    assert stage.tablet.runner.running
    (draft,) = stage.session.desk.collect.drafts()
    assert stage.session.desk.collect.resume(draft.draft).values["name"] == "锁前填的楼"
    answered.set()


def test_a_tablet_whose_form_finds_no_room_stays_open_and_locks_when_there_is(stage, monkeypatch):
    form = stage.session.desk.collect.form("building")
    stage.tablet.shell.open("form", form=form)
    form.put_text("name", "没有存下的楼")
    closed = []
    monkeypatch.setattr(stage.tablet._ear, "close", lambda: closed.append(True))
    stage.tablet._idle._now = lambda: 1000.0 + stage.tablet._idle._last
    with monkeypatch.context() as full:
        full.setattr(stage.session._store, "write", _no_room)
        with pytest.raises(StoreError):
            stage.tablet._idle.look()
        assert (stage.name, stage.session.state, closed) == ("form", "open", [])
    stage.tablet._idle.look()
    assert (stage.name, stage.session.state, closed) == ("unlock", "locked", [True])
    press(stage.screen, PIN)
    hand.until(lambda: stage.name == "today", "today")
    assert len(stage.session.desk.collect.drafts()) == 1


def test_a_tablet_that_finds_no_room_to_lock_as_it_comes_back_listens_again(stage, monkeypatch):
    form = stage.session.desk.collect.form("building")
    stage.tablet.shell.open("form", form=form)
    form.put_text("name", "没有存下的楼")
    with monkeypatch.context() as full:
        full.setattr(stage.session._store, "write", _no_room)
        with pytest.raises(StoreError):
            stage.tablet.pause()
        stage.tablet._paused_at = -float("inf")
        with pytest.raises(StoreError):
            stage.tablet.resume()
    assert stage.session.state == "open"
    hand.until(lambda: stage.hub.open_lines, "the line to the hub")


def _no_room():
    raise StoreError("存储空间已满")


def test_a_tablet_on_which_somebody_types_is_in_use(stage):
    now = [0.0]
    idle = stage.tablet._idle
    idle._now = lambda: now[0]
    idle.touched()
    for seconds, sign in ((200.0, ("on_textinput", "王")), (400.0, ("on_key_down", 97, 4, "a", []))):
        now[0] = seconds
        hand.Window.dispatch(*sign)
        now[0] = seconds + 150.0
        idle.look()
        assert stage.session.state == "open"
    now[0] += 150.0
    idle.look()
    assert stage.session.state == "locked"


def test_the_pin_is_changed_on_the_tablets_own_page(stage):
    hand.tap(stage.screen.ids.settings)
    hand.until(lambda: stage.name == "settings", "settings")
    hand.tap("改开锁密码（PIN）")
    for pin in (PIN, "271828", "271828"):
        press(stage.screen, pin)
    hand.until(lambda: hand.says("开锁密码改好了"), "changed")

    stage.tablet.lock()
    press(stage.screen, "271828")

    hand.until(lambda: stage.name == "today", "today")


def test_the_back_key_goes_one_step_back_and_never_out_of_the_app(stage):
    hand.tap(stage.screen.ids.settings)
    hand.until(lambda: stage.name == "settings", "settings")

    assert hand.Window.dispatch("on_keyboard", 27, 0, "", [])
    assert stage.name == "today"
    assert hand.Window.dispatch("on_keyboard", 27, 0, "", [])
    assert stage.name == "today"


def test_a_tablet_that_was_wiped_shows_nobody_and_begins_anew(stage):
    stage.session.erase()
    hand.until(lambda: stage.name == "enrol", "enrol")
    assert hand.says("本机资料已全部清除")


def test_what_is_put_in_as_the_tablet_is_wiped_does_not_talk_over_it(stage, street):
    stage.tablet.shell.open("task", id=street.ids["任务2"])
    stage.screen.ids.note.text = "电梯停了"
    screen = stage.screen
    stage.session.erase()
    hand.until(lambda: stage.name == "enrol", "enrol")
    assert not screen._depart_soon.is_triggered


def test_a_tablet_wiped_as_it_opens_begins_anew(stage):
    stage.tablet.lock()
    stage.session.unlock(PIN)
    stage.session.erase()
    stage.tablet._enter()
    assert stage.name == "enrol"


def test_a_tablet_wiped_behind_its_lock_leads_to_the_enrolment(stage):
    stage.tablet.lock()
    stage.session.erase()
    hand.until(lambda: stage.name == "enrol", "enrol")
    assert hand.says("本机资料已全部清除")
