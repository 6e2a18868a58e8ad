"""Typing a PIN with large keys (密码键盘)."""

from kivy.factory import Factory
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from field_app.screens.widgets.kv import load_kv

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")


class PinPad(BoxLayout):
    """Ten digits and erase; fires ``on_pin`` with the digits once ``length`` of them are typed."""

    typed = StringProperty("")
    length = NumericProperty(6)

    __events__ = ("on_pin",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for key in _KEYS:
            self.ids.keys.add_widget(
                Factory.Key(digit=key, disabled=not key, on_release=lambda _, key=key: self.press(key))
            )
        for _ in range(self.length):
            self.ids.dots.add_widget(Factory.PinDot())

    def on_typed(self, *_: object) -> None:
        """Fill one dot for each digit."""
        for place, dot in enumerate(reversed(self.ids.dots.children)):
            dot.filled = place < len(self.typed)

    def press(self, key: str) -> None:
        """Take one key."""
        if key == "erase":
            self.typed = self.typed[:-1]
        elif len(self.typed) < self.length:
            self.typed += key
            if len(self.typed) == self.length:
                pin, self.typed = self.typed, ""
                self.dispatch("on_pin", pin)

    def on_pin(self, pin: str) -> None:
        """Be told of a whole PIN; those who bind to it do something."""


load_kv(__file__)
