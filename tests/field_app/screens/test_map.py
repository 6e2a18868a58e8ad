"""地图: taps, drags, pinches, the worker's own place."""

from collections import Counter

import pytest
from kivy.tests.common import UnitTestTouch

from field_app import theme
from field_app.ports.gps import Fix
from field_app.screens.widgets.map_layers import LOOKS
from tests.field_app.screens import hand
from tests.field_app.screens.street import ORIGIN


@pytest.fixture
def canvas(stage):
    stage.go("地图", "map")
    canvas = stage.screen.ids.map
    hand.until(lambda: canvas.ready, "polygons")
    hand.settle()
    return canvas


def pixel(canvas, spot):
    right, up = canvas.view.pixels(spot.east, spot.north)
    return canvas.to_window(canvas.x + right, canvas.y + up)


def test_a_tap_on_a_building_opens_it(stage, street, canvas):
    spot = next(spot for spot in canvas.data.spots if spot.id == street.ids["楼3"])

    hand.touch_at(*pixel(canvas, spot))

    hand.until(lambda: stage.name == "record", "record")
    assert hand.says("明珠花园 3栋")


def test_where_several_things_lie_together_a_list_asks_which(stage, street, canvas):
    for _ in range(6):
        canvas.zoom(0.5)
    hand.settle()

    hand.touch_at(*pixel(canvas, next(spot for spot in canvas.data.spots if spot.id == street.ids["楼1"])))

    assert stage.screen.found > 1
    hand.tap(stage.screen.ids.found.data[0]["title"])
    hand.until(lambda: stage.name == "record", "record")


def test_grid_and_markers_are_drawn(canvas):
    hand.eyes.open()
    hand.settle()
    picture = canvas.export_as_image().texture.pixels

    colours = Counter(picture[start : start + 3] for start in range(0, len(picture), 4))

    assert colours[rgb_bytes(theme.LAND)] > canvas.width * canvas.height / 10
    assert colours[rgb_bytes(LOOKS["building"][1])] > 6 * 150
    assert colours[rgb_bytes(LOOKS["event"][1])] > 40


def rgb_bytes(colour):
    return bytes(round(part * 255) for part in colour[:3])


def test_a_drag_moves_the_map_with_the_finger_and_opens_nothing(stage, canvas):
    spot = canvas.data.spots[0]
    start = pixel(canvas, spot)

    hand.drag(start, (start[0] + 90, start[1] - 60))

    moved = pixel(canvas, spot)
    assert (moved[0] - start[0], moved[1] - start[1]) == pytest.approx((90, -60), abs=2)
    assert stage.name == "map"


def test_a_pinch_zooms_and_keeps_the_middle(canvas):
    middle = canvas.to_window(*canvas.center)
    before, scale = canvas.view.metres(canvas.width / 2, canvas.height / 2), canvas.view.scale
    left, right = (UnitTestTouch(middle[0] + side * 60, middle[1]) for side in (-1, 1))
    for touch in (left, right):
        touch.touch_down()
    left.touch_move(middle[0] - 120, middle[1])
    right.touch_move(middle[0] + 120, middle[1])
    for touch in (left, right):
        touch.touch_up()

    assert canvas.view.scale == pytest.approx(2 * scale, rel=0.02)
    assert canvas.view.metres(canvas.width / 2, canvas.height / 2) == pytest.approx(before, abs=1)


def test_my_place_is_shown_in_the_middle(stage, canvas):
    stage.gps.at = Fix(ORIGIN[0] + 0.0004, ORIGIN[1], 12.0)

    hand.tap(stage.screen.ids.locate)

    hand.until(lambda: not stage.screen.locating, "fix")
    assert stage.screen.problem == ""
    east, north = stage.session.desk.places.metres(ORIGIN[0] + 0.0004, ORIGIN[1])
    assert (canvas.view.east, canvas.view.north) == pytest.approx((east, north), abs=0.1)


@pytest.mark.parametrize(
    ("fix", "words"), [(None, "没有收到定位信号"), (Fix(112.0, 31.0), "不在自己的网格里")]
)
def test_no_signal_and_a_foreign_place_are_said(stage, canvas, fix, words):
    stage.gps.at = fix

    hand.tap(stage.screen.ids.locate)

    hand.until(lambda: hand.says(words), words)


def test_an_event_gets_its_place_from_the_map(stage, canvas):
    stage.tablet.shell.open("form", form=stage.session.desk.collect.form("event"))
    hand.until(lambda: hand.says("还没有位置"), "form")

    hand.tap("在地图上点")
    hand.tap("就是这里")

    hand.until(lambda: not hand.says("还没有位置"), "place")
    assert "lon" in stage.screen._form.values
