"""The Kivy application (应用): window, pause and resume, the back key."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.app import App
from kivy.core.window import Window
from kivy.uix.widget import Widget

from field_app import theme

_BACK_KEY = 27


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the application is told of: ``build`` gives the root, ``back`` goes one step back."""

    build: Callable[[], Widget]
    started: Callable[[], object]
    back: Callable[[], object]
    pause: Callable[[], object]
    resume: Callable[[], object]
    stop: Callable[[], object]


class Frame(App):
    """Passes on what the system tells."""

    title = "社区e通"

    def __init__(self, hooks: Hooks, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._hooks = hooks

    def build(self) -> Widget:
        """Make the root widget."""
        Window.clearcolor = theme.PAGE
        Window.softinput_mode = "below_target"
        Window.bind(on_keyboard=self._key)
        return self._hooks.build()

    def on_start(self) -> None:
        """Show the first screen."""
        self._hooks.started()

    def on_pause(self) -> bool:
        """Put away what must not be lost; the app may be killed after this."""
        self._hooks.pause()
        return True

    def on_resume(self) -> None:
        """Come back."""
        self._hooks.resume()

    def on_stop(self) -> None:
        """Put everything away."""
        Window.unbind(on_keyboard=self._key)
        self._hooks.stop()

    def _key(self, _: object, key: int, *__: object) -> bool:
        if key != _BACK_KEY:
            return False
        self._hooks.back()
        return True
