"""The Kivy application (应用): window, pause and resume, the back key."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.core.window import Window
from kivy.uix.widget import Widget

from field_app import theme
from field_app.work.errors import WorkError

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
    say: Callable[[str], object]


class Sayer(ExceptionHandler):
    """Says a presenter's refusal that no screen has caught, instead of ending the app."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say

    def handle_exception(self, inst: BaseException) -> int:
        """Tell the worker; anything else ends the app as usual."""
        if not isinstance(inst, WorkError):
            return int(ExceptionManager.RAISE)
        self._say(str(inst))
        return int(ExceptionManager.PASS)


class Frame(App):
    """Passes on what the system tells."""

    title = "社区e通"

    def __init__(self, hooks: Hooks, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._hooks = hooks
        self._sayer = Sayer(hooks.say)

    def build(self) -> Widget:
        """Make the root widget."""
        Window.clearcolor = theme.PAGE
        Window.softinput_mode = "below_target"
        Window.bind(on_keyboard=self._key)
        return self._hooks.build()

    def on_start(self) -> None:
        """Show the first screen."""
        ExceptionManager.add_handler(self._sayer)
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
        ExceptionManager.remove_handler(self._sayer)
        self._hooks.stop()

    def _key(self, _: object, key: int, *__: object) -> bool:
        if key != _BACK_KEY:
            return False
        self._hooks.back()
        return True
