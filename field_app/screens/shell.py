"""The frame around all screens (外框): bottom navigation, the way back, screens made when first needed."""

from collections.abc import Callable, Mapping

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import NoTransition, ScreenManager

from field_app.screens.base import View
from field_app.screens.widgets.basics import Pressable
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet

Factory = Callable[[], View]

TABS = ("today", "collect", "find", "map", "sync")
_SAID_SECONDS = 4
_OUTSIDE = frozenset({"enrol", "unlock"})


class NavItem(Pressable):
    """One of the five places at the bottom; ``badge`` is a small number on it."""

    tab = StringProperty("")
    icon = StringProperty("")
    text = StringProperty("")
    chosen = BooleanProperty(False)
    badge = StringProperty("")


class Shell(BoxLayout):
    """Shows one screen at a time and remembers the way there."""

    place = StringProperty("")
    inside = BooleanProperty(False)
    unsent = NumericProperty(0)
    said = StringProperty("")

    def __init__(self, factories: Mapping[str, Factory], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._factories = factories
        self._way: list[tuple[str, dict[str, object]]] = []
        self._manager = ScreenManager(transition=NoTransition())
        self.ids.middle.add_widget(self._manager)
        self._hush = Clock.create_trigger(lambda _: setattr(self, "said", ""), _SAID_SECONDS)

    @property
    def screen(self) -> View | None:
        """The screen in front."""
        return self._manager.current_screen

    def tab(self, name: str) -> None:
        """Go to one of the five places, or to a screen outside; the way back ends there."""
        self._way.clear()
        self.open(name)

    def open(self, name: str, **arguments: object) -> None:
        """Go to a screen; ``back`` leads here again."""
        self._leave()
        self._way.append((name, arguments))
        self._show()

    def replace(self, name: str, **arguments: object) -> None:
        """Go to a screen in place of the present one."""
        self._leave()
        if self._way:
            self._way.pop()
        self._way.append((name, arguments))
        self._show()

    def back(self) -> bool:
        """Go one step back, within the screen first; False where the way began."""
        if self.screen is not None and self.screen.go_back():
            return True
        if len(self._way) <= 1:
            return False
        self._leave()
        self._way.pop()
        self._show()
        return True

    def say(self, text: str) -> None:
        """Show one sentence for a moment."""
        self._hush.cancel()
        self.said = text
        self._hush()

    def pause(self) -> None:
        """Let the screen in front put away what must not be lost."""
        self._leave()

    def forget(self) -> None:
        """Throw all screens away, and with them whatever of people's data they show."""
        for sheet in [child for child in Window.children if isinstance(child, Sheet)]:
            sheet.dismiss()
        Window.release_all_keyboards()  # or what is typed next goes on into a box that nobody sees
        for view in self._manager.screens:
            view.kept()
        self.said = ""
        self._way.clear()
        self._manager.clear_widgets()

    def refresh(self) -> None:
        """Tell the screen in front that what is held has changed."""
        if self.screen is not None:
            self.screen.refresh()

    def _leave(self) -> None:
        if self.screen is not None:
            self.screen.depart()

    def _show(self) -> None:
        name, arguments = self._way[-1]
        if not self._manager.has_screen(name):
            view = self._factories[name]()
            view.name = name
            self._manager.add_widget(view)
        self._manager.current = name
        self.place = self._way[0][0]
        self.inside = name not in _OUTSIDE
        self._manager.current_screen.arrive(**arguments)


load_kv(__file__)
