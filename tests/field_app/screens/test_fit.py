"""Fit for the street: words, sizes of targets, input methods."""

import re
from pathlib import Path

import pytest
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior

import field_app.screens
from field_app.screens.widgets.entry import Entry
from field_app.work.errors import NotFound
from tests.field_app.screens import hand

SCREENS = Path(field_app.screens.__file__).parent
SAID = re.compile(r"(?:text|title|hint|label|hint_text|subtitle): *'([^']*)'")
LATIN = re.compile(r"[A-Za-z]+")
ALLOWED = {"e", "PIN", "wxm"}


@pytest.mark.parametrize("path", sorted(SCREENS.rglob("*.kv")), ids=lambda path: path.name)
def test_screens_speak_chinese(path):
    said = [
        words for found in SAID.findall(path.read_text(encoding="utf-8")) for words in LATIN.findall(found)
    ]

    assert not set(said) - ALLOWED


def test_whatever_can_be_tapped_is_large_enough(stage, street):
    shell = stage.tablet.shell
    for name in ("today", "collect", "find", "map", "sync"):
        shell.tab(name)
        assert small_targets() == [], name
    for name, what in (("task", "任务0"), ("record", "户11")):
        shell.open(name, id=street.ids[what])
        assert small_targets() == [], name
    shell.open("form", form=stage.session.desk.collect.form("event"))
    assert small_targets() == []


def small_targets():
    hand.settle(6)
    return [
        (type(widget).__name__, widget.size)
        for widget in hand.seen()
        if isinstance(widget, ButtonBehavior) and min(widget.size) < dp(56)
    ]


def test_every_text_box_opens_a_chinese_keyboard():
    assert Entry().input_type == "text"


def test_a_refusal_that_no_screen_expected_is_said_and_does_not_end_the_app(stage):
    sayer = stage._frame._sayer

    assert sayer.handle_exception(NotFound("本机没有这条记录")) == 1
    assert stage.tablet.shell.said == "本机没有这条记录"
    assert sayer.handle_exception(ValueError("x")) == 0
