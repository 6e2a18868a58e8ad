"""Where the map looks and what it is drawn of, without a window."""

import pytest

from field_app.screens.widgets.map_shapes import MAX_VERTICES, fill
from field_app.screens.widgets.map_view import MapView
from field_app.work.places import Area

SQUARE = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0))
HOLE = ((40.0, 40.0), (40.0, 60.0), (60.0, 60.0), (60.0, 40.0))


def area_of(batches):
    total = 0.0
    for vertices, indices in batches:
        corners = [(vertices[i * 4], vertices[i * 4 + 1]) for i in indices]
        for one, two, three in zip(corners[::3], corners[1::3], corners[2::3], strict=True):
            total += (
                abs((two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])) / 2
            )
    return total


def grids(count):
    return [Area(str(number), str(number), ((SQUARE, HOLE),), (50.0, 50.0)) for number in range(count)]


def test_a_hole_is_left_open():
    batches = [step for step in fill(grids(1)) if step is not None][-1]

    assert area_of(batches) == pytest.approx(10_000 - 400)


def test_many_polygons_are_filled_in_slices_and_batches():
    steps = list(fill(grids(3000), budget=0.0))

    assert steps[:-1] == [None] * 3000
    assert area_of(steps[-1]) == pytest.approx(3000 * 9_600)
    assert all(len(vertices) // 4 <= MAX_VERTICES for vertices, _ in steps[-1])


def test_the_place_under_the_finger_stays_when_zooming():
    view = MapView(width=800, height=600)
    view.fit((-200, -100, 200, 100))
    held = view.metres(123, 456)

    view.zoom(1.7, 123, 456)

    assert view.metres(123, 456) == pytest.approx(held)
    assert view.pixels(*held) == pytest.approx((123, 456))


def test_zooming_ends_before_the_grid_is_lost():
    view = MapView(width=800, height=600)
    view.fit((-200, -100, 200, 100))

    for _ in range(50):
        view.zoom(0.5, 400, 300)
    assert view.scale * 400 > 100
    for _ in range(50):
        view.zoom(2, 400, 300)

    assert view.scale == 12
