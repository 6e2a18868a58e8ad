"""Line icons drawn from a few strokes (图标), so that no picture files are needed.

Strokes are lists of points on a grid of 24 × 24, upwards; a tuple of three numbers is a circle.
"""

from kivy.graphics import Color, Line
from kivy.metrics import dp
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from field_app import theme

Stroke = tuple[float, ...]

STROKES: dict[str, tuple[Stroke, ...]] = {
    "today": ((4, 4, 20, 4, 20, 20, 4, 20, 4, 4), (8, 12, 11, 9, 16, 15), (8, 22, 8, 18), (16, 22, 16, 18)),
    "collect": ((4, 20, 4, 4, 20, 4, 20, 12), (9, 11, 19, 21, 22, 18, 12, 8, 8, 7, 9, 11)),
    "search": ((10.5, 13.5, 6.5), (15.2, 8.8, 21, 3)),
    "map": ((12, 2, 6, 10, 5, 14, 6.5, 18.5, 12, 21.5, 17.5, 18.5, 19, 14, 18, 10, 12, 2), (12, 14.5, 2.6)),
    "sync": (
        (4, 13, 5.5, 17, 9, 19.5, 13, 20, 17, 18, 19.5, 15),
        (20, 20, 19.7, 14.6, 14.5, 15),
        (20, 11, 18.5, 7, 15, 4.5, 11, 4, 7, 6, 4.5, 9),
        (4, 4, 4.3, 9.4, 9.5, 9),
    ),
    "back": ((15, 4, 7, 12, 15, 20),),
    "next": ((9, 4, 17, 12, 9, 20),),
    "close": ((5, 5, 19, 19), (5, 19, 19, 5)),
    "check": ((4, 12, 10, 6, 20, 18),),
    "plus": ((12, 4, 12, 20), (4, 12, 20, 12)),
    "minus": ((4, 12, 20, 12),),
    "down": ((5, 15, 12, 8, 19, 15),),
    "calendar": (
        (4, 4, 20, 4, 20, 19, 4, 19, 4, 4),
        (4, 14.5, 20, 14.5),
        (8, 21.5, 8, 17.5),
        (16, 21.5, 16, 17.5),
    ),
    "locate": (
        (12, 12, 6),
        (12, 12, 1.2),
        (12, 22, 12, 18),
        (12, 6, 12, 2),
        (2, 12, 6, 12),
        (18, 12, 22, 12),
    ),
    "whole": ((4, 15, 4, 20, 9, 20), (15, 20, 20, 20, 20, 15), (20, 9, 20, 4, 15, 4), (9, 4, 4, 4, 4, 9)),
    "erase": ((8, 5, 21, 5, 21, 19, 8, 19, 2, 12, 8, 5), (11, 9, 17, 15), (11, 15, 17, 9)),
    "lock": ((5, 3, 19, 3, 19, 13, 5, 13, 5, 3), (8, 13, 8, 17, 9.5, 20, 12, 21, 14.5, 20, 16, 17, 16, 13)),
    "person": ((12, 16.5, 4.2), (4, 3, 4.8, 7, 8, 9.6, 12, 10, 16, 9.6, 19.2, 7, 20, 3)),
    "house": ((4, 12, 4, 3, 20, 3, 20, 12), (2, 11, 12, 21, 22, 11), (10, 3, 10, 10, 14, 10, 14, 3)),
    "building": (
        (5, 3, 5, 21, 16, 21, 16, 3),
        (16, 14, 21, 14, 21, 3),
        (2.5, 3, 22, 3),
        (8.5, 17, 8.6, 17),
        (12.5, 17, 12.6, 17),
        (8.5, 13, 8.6, 13),
        (12.5, 13, 12.6, 13),
        (8.5, 9, 8.6, 9),
        (12.5, 9, 12.6, 9),
    ),
    "thing": ((12, 3, 12, 14), (8, 3, 16, 3), (7, 14, 17, 14, 15, 21, 9, 21, 7, 14)),
    "event": ((12, 21.5, 1.5, 3, 22.5, 3, 12, 21.5), (12, 15, 12, 9.5), (12, 6.2, 12, 6.3)),
    "organisation": (
        (4, 11, 4, 3, 20, 3, 20, 11),
        (3, 14, 5, 21, 19, 21, 21, 14, 3, 14),
        (3, 14, 4.5, 11.5, 7.5, 11.5, 9, 14, 10.5, 11.5, 13.5, 11.5, 15, 14, 16.5, 11.5, 19.5, 11.5, 21, 14),
        (9, 3, 9, 8, 14, 8, 14, 3),
    ),
    "visit": ((4, 4, 4, 17, 12, 21, 20, 17, 20, 4), (8.5, 10.5, 11, 8, 16, 13)),
    "edit": ((5, 5, 6, 9, 17, 20, 20, 17, 9, 6, 5, 5), (14, 17, 17, 14)),
    "care": ((12, 4, 4, 12, 4, 16, 6.5, 19, 10, 18.5, 12, 16, 14, 18.5, 17.5, 19, 20, 16, 20, 12, 12, 4),),
    "refused": ((12, 12, 9.5), (8, 8, 16, 16), (8, 16, 16, 8)),
}
"""Name → strokes."""

_GRID = 24.0


class Icon(Widget):
    """One icon, as large as fits into the widget.

    ``name`` is a key of :data:`STROKES`; ``stroke`` the line's half width in pixels.
    """

    name = StringProperty("")
    color = ColorProperty(theme.INK)
    stroke = NumericProperty(dp(1.3))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.bind(pos=self._draw, size=self._draw, name=self._draw, color=self._draw, stroke=self._draw)
        self._draw()

    def _draw(self, *_: object) -> None:
        side = min(self.width, self.height)
        left, bottom = self.x + (self.width - side) / 2, self.y + (self.height - side) / 2
        self.canvas.clear()
        with self.canvas:
            Color(rgba=self.color)
            for stroke in STROKES.get(self.name, ()):
                self._stroke(stroke, left, bottom, side / _GRID)

    def _stroke(self, stroke: Stroke, left: float, bottom: float, scale: float) -> None:
        if len(stroke) % 2:
            middle_x, middle_y, radius = stroke
            round_part = (left + middle_x * scale, bottom + middle_y * scale, radius * scale)
            Line(circle=round_part, width=self.stroke)
            return
        points = [(bottom if i % 2 else left) + value * scale for i, value in enumerate(stroke)]
        Line(points=points, width=self.stroke, cap="round", joint="round")
