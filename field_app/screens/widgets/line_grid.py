"""Lines of a form side by side where there is room (表单排版), changed one by one.

Only the lines that come or go are touched, so that the one being typed in keeps its cursor.
"""

from collections.abc import Sequence

from kivy.metrics import dp
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout
from kivy.uix.widget import Widget

from field_app.screens.widgets.fields import FormLine, Sink, field_widget, line_class
from field_app.screens.widgets.kv import load_kv
from field_app.work.forms import FormField

_TWO_COLUMNS = dp(640)


class LineGrid(StackLayout):
    """One column on narrow pages, two on wide ones; wide lines take the whole row."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.bind(width=self._fit, children=self._fit)

    def _fit(self, *_: object) -> None:
        narrow = self.width < _TWO_COLUMNS
        half = int((self.width - self.spacing[0]) / 2) - 1
        for line in self.children:
            line.width = self.width if narrow or line.wide else half


class Section(BoxLayout):
    """A card with the lines of one part of a form."""

    title = StringProperty("")


class Sections(BoxLayout):
    """All lines of a form, part by part."""

    def show(self, fields: Sequence[FormField], sink: Sink) -> None:
        """Show these lines, keeping the widgets of those that stay."""
        parts: dict[str, list[FormField]] = {}
        for field in fields:
            parts.setdefault(field.section, []).append(field)
        kept = {section.title: section for section in self.children}
        _settle(self, [kept.get(title) or Section(title=title) for title in parts])
        for section in self.children:
            _show_lines(section.ids.lines, parts[section.title], sink)

    def lines(self) -> list[FormLine]:
        """All lines from top to bottom."""
        return [line for section in self.children[::-1] for line in section.ids.lines.children[::-1]]


def _show_lines(grid: LineGrid, fields: Sequence[FormField], sink: Sink) -> None:
    kept = {(line.name, type(line)): line for line in grid.children}
    wanted = []
    for field in fields:
        line = kept.get((field.name, line_class(field)))
        if line is None:
            line = field_widget(field, sink)
        else:
            line.show(field)
        wanted.append(line)
    _settle(grid, wanted)


def _settle(parent: Widget, wanted: Sequence[Widget]) -> None:
    """Make ``wanted`` the children in this order, moving none that stays."""
    for child in [child for child in parent.children if child not in wanted]:
        parent.remove_widget(child)
    for place, child in enumerate(wanted):
        if child.parent is None:
            parent.add_widget(child, index=len(parent.children) - place)


load_kv(__file__)
