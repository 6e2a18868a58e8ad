"""A worker's hand for tests: waits, taps, types, drags, reads, takes pictures of the window."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.tests.common import UnitTestTouch
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

_PATIENCE = 20.0


class Eyes:
    """Whether frames are drawn: without a graphics card that is most of the work, and few tests look."""

    def __init__(self) -> None:
        self._draw = Window.on_draw

    def close(self) -> None:
        """Lay everything out, draw nothing."""
        Window.on_draw = lambda *_: None

    def open(self) -> None:
        """Draw every frame."""
        Window.on_draw = self._draw
        Window.canvas.ask_update()


eyes = Eyes()


def until(condition: Callable[[], object], what: str = "") -> None:
    """Let frames pass until the condition holds; fail if it never does."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what or condition} 一直没有出现；屏上是：{texts()}"
        EventLoop.idle()


def settle(frames: int = 3) -> None:
    """Let layout and drawing come to rest; never used to wait for something to happen."""
    for _ in range(frames):
        EventLoop.idle()


def seen(root: Widget | None = None) -> Iterator[Widget]:
    """All widgets in sight, those of the uppermost sheet alone when one is open."""
    layers = [root] if root is not None else Window.children[:1]
    while layers:
        widget = layers.pop()
        if widget.opacity == 0 or widget.width < 1 or widget.height < 1:
            continue
        yield widget
        layers.extend(widget.children)


def texts() -> list[str]:
    """All words in sight."""
    return [widget.text for widget in seen() if isinstance(widget, (Label, TextInput)) and widget.text]


def says(words: str) -> bool:
    """Say whether these words are in sight."""
    return any(words in text for text in texts())


def button(words: str) -> Widget | None:
    """Find what can be tapped and bears exactly these words; the innermost if one lies in another."""
    found = [
        widget
        for widget in seen()
        if isinstance(widget, ButtonBehavior) and not widget.disabled and _bears(widget, words)
    ]
    return min(found, key=lambda widget: widget.width * widget.height, default=None)


def _bears(widget: Widget, words: str) -> bool:
    return any(isinstance(part, Label) and part.text == words for part in seen(widget))


def tap(target: Widget | str) -> None:
    """Tap a widget, or what bears these words, once it is there."""
    if isinstance(target, str):
        words = target
        until(lambda: button(words) is not None, words)
        target = button(words)
    reveal(target)
    touch_at(*target.to_window(*target.center))


def reveal(target: Widget) -> None:
    """Scroll until a widget of a page is in sight."""
    settle()
    above = target.parent
    while isinstance(above, Widget):
        if isinstance(above, ScrollView) and not isinstance(above, RecycleView):
            above.scroll_to(target, padding=60, animate=False)
        above = above.parent if above.parent is not above else None
    settle()


def touch_at(right: float, up: float) -> None:
    """Put a finger down at a pixel and lift it."""
    touch = UnitTestTouch(right, up)
    touch.touch_down()
    EventLoop.idle()
    touch.touch_up()
    settle()


def drag(start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> None:
    """Drag a finger over the screen."""
    touch = UnitTestTouch(*start)
    touch.touch_down()
    for step in range(1, steps + 1):
        part = step / steps
        touch.touch_move(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        EventLoop.idle()
    touch.touch_up()
    settle()


def type_into(box: TextInput, words: str) -> None:
    """Tap a text box and type, as an input method does."""
    tap(box)
    until(lambda: box.focus, "输入框")
    for letter in words:
        Window.dispatch("on_textinput", letter)
    EventLoop.idle()


def picture(path: Path) -> None:
    """Save the window as PNG."""
    eyes.open()
    settle(12)
    taken = Path(Window.screenshot(str(path.with_name("taken.png"))))
    taken.replace(path)
