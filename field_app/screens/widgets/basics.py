"""Text, buttons, chips, cards, banners (基础部件)."""

from kivy.input import MotionEvent
from kivy.properties import BooleanProperty, ColorProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from field_app import theme
from field_app.screens.widgets.icon import Icon
from field_app.screens.widgets.kv import load_kv

__all__ = [
    "Action",
    "Banner",
    "BarButton",
    "Bold",
    "Card",
    "Chip",
    "Empty",
    "Fold",
    "Hiding",
    "Icon",
    "Page",
    "Plain",
    "Pressable",
    "Text",
    "Tile",
]

_TONES = list(theme.TONES)


class Hiding(Widget):
    """May be taken out of sight; then it takes no touches either, nor do its children."""

    shown = BooleanProperty(True)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Let touches through to whatever else is there."""
        return self.shown and super().on_touch_down(touch)

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """Let touches through to whatever else is there."""
        return self.shown and super().on_touch_move(touch)

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """Let touches through to whatever else is there."""
        return self.shown and super().on_touch_up(touch)


class Fold(Hiding, BoxLayout):
    """A box that takes no room while it is not shown."""


class Text(Label):
    """Wrapped text as high as it needs, left-bound."""


class Bold(Text):
    """A heading; the font has one weight, so it is drawn twice."""


class Pressable(Hiding, ButtonBehavior, BoxLayout):
    """Anything that can be tapped and shows that it is."""

    ground = ColorProperty(theme.SURFACE)


class Action(Hiding, ButtonBehavior, Label):
    """The one thing to do on a screen: a filled button."""

    ground = ColorProperty(theme.ACCENT)


class Plain(Hiding, ButtonBehavior, Label):
    """Something else one can do: an outlined button; ``chosen`` fills it."""

    chosen = BooleanProperty(False)
    tint = ColorProperty(theme.ACCENT)


class Chip(Label):
    """A small word on a coloured ground; ``tone`` is a key of ``theme.TONES``."""

    tone = OptionProperty("plain", options=_TONES)


class Banner(Pressable):
    """One plain line across the page; empty text takes no room."""

    text = StringProperty("")
    tone = OptionProperty("warn", options=_TONES)
    icon = StringProperty("")
    more = BooleanProperty(False)


class Card(Hiding, BoxLayout):
    """White ground with a thin rim around what belongs together."""


class Page(ScrollView):
    """A page that scrolls; its one child is as wide as reads well."""


class Tile(Pressable):
    """A large square choice with icon, word and hint."""

    icon = StringProperty("")
    text = StringProperty("")
    hint = StringProperty("")


class BarButton(Pressable):
    """An icon button of full touch size for title bars and maps."""

    icon = StringProperty("")
    text = StringProperty("")
    color = ColorProperty(theme.INK)


class Empty(BoxLayout):
    """What a list says when it holds nothing."""

    icon = StringProperty("check")
    text = StringProperty("")
    hint = StringProperty("")


load_kv(__file__)
