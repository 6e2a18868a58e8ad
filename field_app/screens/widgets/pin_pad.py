"""Typing a PIN with large keys (密码键盘)."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from field_app.screens.widgets.basics import Pressable
from field_app.screens.widgets.kv import load_kv
from field_app.store.keyring import PIN_LEAST, PIN_MOST

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "check")


class Key(Pressable):
    """One key: a digit, ``erase`` or ``check``."""

    digit = StringProperty("")


class PinDot(Widget):
    """One typed digit, or the ring of one that is missing."""

    filled = BooleanProperty(False)


class PinPad(BoxLayout):
    """Ten digits, erase, done; fires ``on_pin`` with the digits, at least ``least`` of them."""

    typed = StringProperty("")
    least = NumericProperty(PIN_LEAST)

    __events__ = ("on_pin",)

    def on_kv_post(self, base_widget: Widget) -> None:
        """Make the keys."""
        for key in _KEYS:
            button = Key(digit=key, on_release=lambda _, key=key: self.press(key))
            self.ids.digits.add_widget(button)
        self.on_typed()

    def on_typed(self, *_: object) -> None:
        """Show one dot a digit, and the rings of those still missing."""
        dots = self.ids.dots
        wanted = max(self.least, len(self.typed))
        while len(dots.children) > wanted:
            dots.remove_widget(dots.children[0])
        while len(dots.children) < wanted:
            dots.add_widget(PinDot())
        for place, dot in enumerate(reversed(dots.children)):
            dot.filled = place < len(self.typed)

    def press(self, key: str) -> None:
        """Take one key."""
        if key == "erase":
            self.typed = self.typed[:-1]
        elif key != "check":
            self.typed = (self.typed + key)[:PIN_MOST]
        elif len(self.typed) >= self.least:
            pin, self.typed = self.typed, ""
            self.dispatch("on_pin", pin)

    def on_pin(self, pin: str) -> None:
        """Be told of a whole PIN; those who bind to it do something."""


load_kv(__file__)
