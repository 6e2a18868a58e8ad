"""Text, buttons, chips, cards, banners (基础部件)."""

from kivy.properties import BooleanProperty, ColorProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView

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
    "Icon",
    "Page",
    "Plain",
    "Pressable",
    "Text",
    "Tile",
]

_TONES = list(theme.TONES)


class Text(Label):
    """Wrapped text as high as it needs, left-bound."""


class Bold(Text):
    """A heading; the font has one weight, so it is drawn twice."""


class Pressable(ButtonBehavior, BoxLayout):
    """Anything that can be tapped and shows that it is."""

    ground = ColorProperty(theme.SURFACE)


class Action(ButtonBehavior, Label):
    """The one thing to do on a screen: a filled button."""

    ground = ColorProperty(theme.ACCENT)


class Plain(ButtonBehavior, Label):
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


class Card(BoxLayout):
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
