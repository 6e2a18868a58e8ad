"""The text box (输入框): Chinese input methods on, large, high contrast."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.textinput import TextInput

from field_app.screens.widgets.kv import load_kv


class Entry(TextInput):
    """A text box; ``bad`` rims it red. Give ``input_type`` for digits only."""

    bad = BooleanProperty(False)


class Labelled(BoxLayout):
    """A text box under its name; ``start`` is what stands in it at first, ``secret`` hides it."""

    label = StringProperty("")
    hint = StringProperty("")
    start = StringProperty("")
    text = StringProperty("")
    secret = BooleanProperty(False)

    def clear(self) -> None:
        """Empty it."""
        self.ids.box.text = ""


load_kv(__file__)
