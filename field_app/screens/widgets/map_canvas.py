"""The map (地图): grid polygons and points, dragged, pinched, scrolled and tapped."""

from collections.abc import Iterator

from kivy.clock import Clock
from kivy.graphics import Color, PopMatrix, PushMatrix, Rectangle, Scale, Translate
from kivy.input import MotionEvent
from kivy.metrics import dp
from kivy.uix.stencilview import StencilView

from field_app import theme
from field_app.screens.widgets.map_layers import Edges, Ground, Here, Markers, Words, many
from field_app.screens.widgets.map_shapes import Batch, fill
from field_app.screens.widgets.map_view import MapView
from field_app.work.places import MapData

_TAP = 12
_REACH = 26
_WHEEL = 1.25
_PAIR = 2
_LAID_OUT = 200


class MapCanvas(StencilView):
    """Draws a ``MapData``; fires ``on_tap`` with metres east, north and the finger's reach in metres."""

    __events__ = ("on_tap",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.view = MapView()
        self.data: MapData | None = None
        self._here: tuple[float, float, float] | None = None
        self._fitted = False
        self._fingers: dict[MotionEvent, tuple[float, float]] = {}
        self._far = False
        self._work: Iterator[list[Batch] | None] | None = None
        self._ground, self._edges, self._markers = Ground(), Edges(), Markers()
        self._words, self._own = Words(), Here()
        self._build()
        self._lay_out = Clock.create_trigger(self._draw_pixels)
        self._write = Clock.create_trigger(self._draw_words, 0.12)
        self._fill = Clock.create_trigger(self._fill_slice)
        self.bind(pos=self._resized, size=self._resized)

    def _build(self) -> None:
        with self.canvas:
            Color(rgba=theme.SEA)
            self._sea = Rectangle(pos=self.pos, size=self.size)
            PushMatrix()
            self._move = Translate()
            PushMatrix()
            self._scale = Scale(1.0)
        self.canvas.add(self._ground)
        self.canvas.add(PopMatrix())
        for layer in (self._edges, self._own, self._words, self._markers):
            self.canvas.add(layer)
        self.canvas.add(PopMatrix())

    @property
    def ready(self) -> bool:
        """Whether all polygons are filled."""
        return self.data is not None and self._work is None

    def show(self, data: MapData) -> None:
        """Draw this; the view stays unless it is the first."""
        if self.data is None or data.areas != self.data.areas:
            self._work = fill(data.areas)
            self._fill()
        self.data = data
        if not self._fitted:
            self.whole()
        self._changed()

    def locate(self, place: tuple[float, float, float]) -> None:
        """Show the worker's own place (metres east, north, accuracy) in the middle."""
        self._here = place
        self.view.east, self.view.north = place[:2]
        self._changed()

    def centre(self, east: float, north: float) -> None:
        """Bring a place to the middle."""
        self.view.east, self.view.north = east, north
        self._changed()

    def whole(self) -> None:
        """Show everything."""
        if self.data is not None and self.width > 1:
            self.view.width, self.view.height = self.size
            self.view.fit(self.data.box)
            self._fitted = self.width > _LAID_OUT
            self._changed()

    def zoom(self, factor: float) -> None:
        """Zoom around the middle."""
        self.view.zoom(factor, self.width / 2, self.height / 2)
        self._changed()

    def _resized(self, *_: object) -> None:
        self._sea.pos, self._sea.size = self.pos, self.size
        self.view.width, self.view.height = self.size
        if not self._fitted:
            self.whole()
        self._changed()

    def _changed(self) -> None:
        self._moved()
        self._scale.xyz = (self.view.scale, self.view.scale, 1)
        self._lay_out()

    def _moved(self) -> None:
        right, up = self.view.pixels(0.0, 0.0)
        self._move.xy = (self.x + right, self.y + up)
        self._write()

    def _fill_slice(self, *_: object) -> None:
        batches = next(self._work) if self._work is not None else None
        if batches is None:
            self._fill()
            return
        self._ground.show(batches)
        self._work = None

    def _draw_pixels(self, *_: object) -> None:
        if self.data is not None:
            self._edges.show(self.data.areas, self.view.scale)
            self._markers.show(self.data.spots, self.view.scale, many(self.data.spots, self.view))
            self._own.show(self._here, self.view.scale)

    def _draw_words(self, *_: object) -> None:
        if self.data is not None:
            self._words.show(self.data.areas, self.data.spots, self.view)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Begin to drag or pinch; a wheel zooms where it stands."""
        if not self.collide_point(*touch.pos):
            return False
        if touch.is_mouse_scrolling:
            factor = _WHEEL if touch.button == "scrolldown" else 1 / _WHEEL
            self.view.zoom(factor, touch.x - self.x, touch.y - self.y)
            self._changed()
            return True
        touch.grab(self)
        self._far = bool(self._fingers)
        self._fingers[touch] = touch.pos
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """Drag with one finger, pinch with two."""
        if touch.grab_current is not self:
            return False
        if len(self._fingers) >= _PAIR:
            self._pinch(touch)
        elif self._far or abs(touch.x - touch.ox) + abs(touch.y - touch.oy) > dp(_TAP):
            self._far = True
            self.view.pan(touch.dx, touch.dy)
            self._moved()
        self._fingers[touch] = touch.pos
        return True

    def _pinch(self, touch: MotionEvent) -> None:
        """Zoom by the distance from the finger that stays; all places are this widget's own."""
        right, up = next(place for finger, place in self._fingers.items() if finger is not touch)
        before = ((touch.px - right) ** 2 + (touch.py - up) ** 2) ** 0.5
        after = ((touch.x - right) ** 2 + (touch.y - up) ** 2) ** 0.5
        if before > 1 and after > 1:
            middle = (touch.x + right) / 2 - self.x, (touch.y + up) / 2 - self.y
            self.view.pan(touch.dx / 2, touch.dy / 2)
            self.view.zoom(after / before, *middle)
            self._changed()

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """A finger that hardly moved was a tap."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._fingers.pop(touch, None)
        if not self._far and not self._fingers:
            east, north = self.view.metres(touch.x - self.x, touch.y - self.y)
            self.dispatch("on_tap", east, north, dp(_REACH) / self.view.scale)
        self._lay_out()
        return True

    def on_tap(self, east: float, north: float, reach: float) -> None:
        """Be told of a tap; those who bind to it do something."""
