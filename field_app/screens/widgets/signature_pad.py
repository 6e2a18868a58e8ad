"""签名板: the resident writes his name with a finger."""

from collections.abc import Callable, Sequence

from kivy.graphics import Color, Line
from kivy.input import MotionEvent
from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from field_app import theme
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet

Stroke = list[tuple[float, float]]
_PEN = 2.2


class SignaturePad(Widget):
    """Keeps what is drawn within it; ``strokes`` count from its lower left corner."""

    drawn = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.strokes: list[Stroke] = []
        self._lines: list[Line] = []
        self.bind(pos=self._redraw, size=self._redraw)

    def clear(self) -> None:
        """Begin anew."""
        for line in self._lines:
            self.canvas.remove(line)
        self.strokes, self._lines, self.drawn = [], [], False

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Begin a stroke."""
        if not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        with self.canvas:
            Color(*theme.INK)
            line = Line(points=[*touch.pos], width=dp(_PEN), cap="round", joint="round")
        stroke = [self._own(touch)]
        self._lines.append(line)
        self.strokes.append(stroke)
        touch.ud[self] = stroke, line
        self.drawn = True
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """Draw each finger's own stroke on; what goes over the edge stays at the edge."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        x, y = self._own(touch)
        stroke, line = touch.ud[self]
        stroke.append((x, y))
        line.points = [*line.points, self.x + x, self.y + y]
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """End the stroke."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        return True

    def _redraw(self, *_: object) -> None:
        """Take along what is drawn when the tablet is turned."""
        for line, stroke in zip(self._lines, self.strokes, strict=True):
            line.points = [part for x, y in stroke for part in (self.x + x, self.y + y)]

    def _own(self, touch: MotionEvent) -> tuple[float, float]:
        x, y = touch.x - self.x, touch.y - self.y
        return min(max(x, 0.0), self.width), min(max(y, 0.0), self.height)


class SignatureSheet(Sheet):
    """The pad with what is signed for above it; ``then`` takes strokes and size, and gives why not."""

    about = StringProperty("")
    problem = StringProperty("")

    def __init__(
        self, then: Callable[[Sequence[Stroke], tuple[float, float]], str], **kwargs: object
    ) -> None:
        super().__init__(full=True, auto_dismiss=False, **kwargs)
        self._then = then

    def take(self) -> None:
        """Hand over what was drawn."""
        pad = self.ids.pad
        self.problem = self._then(pad.strokes, (pad.width, pad.height))
        if not self.problem:
            self.dismiss()


load_kv(__file__)
