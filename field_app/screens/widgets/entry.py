"""The text box (输入框): Chinese input methods on, large, high contrast."""

from kivy.properties import BooleanProperty
from kivy.uix.textinput import TextInput

from field_app.screens.widgets.kv import load_kv


class Entry(TextInput):
    """A text box; ``bad`` rims it red. Give ``input_type`` for digits only."""

    bad = BooleanProperty(False)


load_kv(__file__)
