"""Long lists in rows of fixed height (列表)."""

from collections.abc import Sequence

from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview import RecycleView

from field_app import theme
from field_app.screens.widgets.basics import Pressable
from field_app.screens.widgets.kv import load_kv

ROW_HEIGHT = dp(84)
HEADING_HEIGHT = dp(48)

_BLANK: dict[str, object] = {
    "viewclass": "Row",
    "row_size": (None, ROW_HEIGHT),
    "icon": "",
    "icon_color": theme.ACCENT,
    "title": "",
    "detail": "",
    "chip": "",
    "tone": "plain",
    "tail": "next",
    "indent": False,
    "open": None,
}


class Row(Pressable):
    """One line of a list: icon, title, detail, chip. ``open`` is called when it is tapped."""

    icon = StringProperty("")
    icon_color = ColorProperty(theme.ACCENT)
    title = StringProperty("")
    detail = StringProperty("")
    chip = StringProperty("")
    tone = OptionProperty("plain", options=list(theme.TONES))
    tail = StringProperty("next")
    indent = BooleanProperty(False)
    open = ObjectProperty(None, allownone=True)

    def on_release(self) -> None:
        """Do what the row stands for."""
        if self.open is not None:
            self.open()


class RowHeading(BoxLayout):
    """A low line that names the rows after it."""

    icon = StringProperty("")
    title = StringProperty("")


class Rows(RecycleView):
    """A list of :class:`Row`; ``show`` takes their properties."""

    def show(self, rows: Sequence[dict[str, object]], *, from_top: bool = True) -> None:
        """Show these rows and, unless told otherwise, start at the first."""
        self.data = [row if "viewclass" in row else {**_BLANK, **row} for row in rows]
        if from_top:
            self.scroll_y = 1


def heading(text: str, *, icon: str = "") -> dict[str, object]:
    """Make a line that names the rows after it."""
    return {"viewclass": "RowHeading", "row_size": (None, HEADING_HEIGHT), "title": text, "icon": icon}


load_kv(__file__)
