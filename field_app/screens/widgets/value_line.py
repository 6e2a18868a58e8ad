"""One value of a record (档案项): label, value, and what is doubtful about it."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from field_app.screens.widgets.kv import load_kv


class ValueLine(BoxLayout):
    """Label on the left, value on the right, a note beneath."""

    label = StringProperty("")
    text = StringProperty("")
    note = StringProperty("")


load_kv(__file__)
