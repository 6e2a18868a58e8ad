"""登记: from an empty tablet to the first day."""

import pytest

from field_app.store.errors import LockedOut, WrongPin
from field_app.store.keyring import MOST_TRIES
from tests.field_app.fake_hub import PASSWORD
from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN


def fill_in(screen, *, password=PASSWORD):
    for name, words in (("hub", "http://hub"), ("username", "wang"), ("password", password)):
        screen.ids[name].clear()
        hand.type_into(screen.ids[name].ids.box, words)
    hand.tap("下一步")


def press(screen, pin):
    pad = screen.ids.pad
    for digit in (*pin, "check"):
        hand.tap(next(key for key in pad.ids.digits.children if key.digit == digit))


def test_an_empty_tablet_asks_to_be_enrolled_and_names_what_is_missing(fresh):
    assert fresh.name == "enrol"

    hand.tap("下一步")

    hand.until(lambda: hand.says("请填写：平台地址、账号、登录密码"), "what is missing")


def test_a_tablet_is_enrolled_by_typing_and_loads_its_grid(fresh):
    fill_in(fresh.screen)
    press(fresh.screen, PIN)
    press(fresh.screen, PIN)

    hand.until(lambda: fresh.name == "today", "today")
    hand.until(lambda: hand.says("24户 72人"), "the grid's people")
    assert hand.says("王秀英 · 明珠社区第一网格")


def test_two_different_pins_are_not_taken(fresh):
    fill_in(fresh.screen)
    press(fresh.screen, PIN)
    press(fresh.screen, "271828")

    hand.until(lambda: hand.says("两次输入的不一样"), "the two differ")
    assert fresh.session.state == "empty"


def test_the_hubs_refusal_is_shown_and_what_was_typed_stays(fresh):
    fill_in(fresh.screen, password="wrong")
    press(fresh.screen, PIN)
    press(fresh.screen, PIN)

    hand.until(lambda: hand.says("用户名或密码不对"), "refused")
    assert fresh.screen.ids.username.text == "wang"
    assert hand.button("下一步") is not None


def test_without_network_enrolment_says_so(fresh):
    fresh.hub.online = False
    fill_in(fresh.screen)
    press(fresh.screen, PIN)
    press(fresh.screen, PIN)

    hand.until(lambda: hand.says("连不上平台"), "offline")


def test_a_forgotten_pin_empties_the_tablet_only_when_the_hub_has_taken_the_password(stage):
    stage.tablet.lock()
    for number in range(MOST_TRIES):
        stage.session._vault._keyring._uptime = lambda at=number: 1e9 + at * 1e4
        with pytest.raises((WrongPin, LockedOut)):
            stage.session.unlock("000000")
    press(stage.screen, "000000")
    hand.until(lambda: stage.screen.spent, "no tries left")
    hand.tap("联网重新登记")
    hand.until(lambda: stage.name == "enrol", "enrol")

    fill_in(stage.screen, password="wrong")
    hand.tap("忘记了原来的PIN")
    hand.until(lambda: hand.says("找不回来"), "the warning")
    press(stage.screen, "271828")
    press(stage.screen, "271828")
    hand.until(lambda: hand.says("用户名或密码不对"), "refused")
    assert stage.session.state == "locked", "nothing was wiped for a wrong password"

    stage.hub.devices["token-0"].revoked = True
    told = []
    stage.tablet.shell.bind(said=lambda _, words: told.append(words))
    fill_in(stage.screen)
    hand.tap("忘记了原来的PIN")
    press(stage.screen, "271828")
    press(stage.screen, "271828")
    hand.until(lambda: stage.name == "today", "today")
    assert "平台已收回" not in str(told)
    stage.tablet.lock()
    press(stage.screen, "271828")
    hand.until(lambda: stage.name == "today", "opened with the new one")
