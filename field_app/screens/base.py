"""What every screen has in common, and the ways that lead from one to another."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.clock import Clock
from kivy.properties import ObjectProperty
from kivy.uix.screenmanager import Screen

from field_app.screens.widgets.kv import load_kv
from field_app.work.collect import KindChoice
from field_app.work.forms import Form

_KEEP_AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a screen may send the worker; screens know no other screen.

    ``form`` opens a form; ``door`` looks for the record that a new one hangs on; ``saved`` shows
    a record just made in place of its form; ``say`` shows one
    sentence for a moment, whichever screen is in front.
    """

    tab: Callable[[str], None]
    back: Callable[[], object]
    record: Callable[[str], None]
    task: Callable[[str], None]
    case: Callable[[str], None]
    cases: Callable[[], None]
    form: Callable[[Form], None]
    door: Callable[[KindChoice], None]
    saved: Callable[[str], None]
    settings: Callable[[], None]
    say: Callable[[str], None]


class View(Screen):
    """A screen: told when the worker comes and goes, and when what is held has changed."""

    ways = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._depart_soon = Clock.create_trigger(lambda _: self.depart(), _KEEP_AFTER)

    @property
    def in_front(self) -> bool:
        """Whether the worker has it before him."""
        return self.manager is not None and self.manager.current_screen is self

    def keep_soon(self) -> None:
        """Put away in a moment what is being put in, lest the power go first."""
        self._depart_soon()

    def kept(self) -> None:
        """Take :meth:`keep_soon` back: what was put in has found its place."""
        self._depart_soon.cancel()

    def arrive(self, **arguments: object) -> None:
        """Show oneself for these arguments; called each time the worker comes here."""

    def depart(self) -> None:
        """Put away what must not be lost; called when the worker leaves or the app pauses."""

    def go_back(self) -> bool:
        """Go one step back within the screen; False when there is none."""
        return False

    def refresh(self) -> None:
        """Show again what is held; called while the screen is in front and something changed."""


load_kv(__file__)
