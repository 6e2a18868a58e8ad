"""Choosing from a list by sight, Chinese words or pinyin initials (选项)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet
from field_app.work.pinyin import spellings

_SEARCH_FROM = 12


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: the ``value`` stored, the ``label`` read, an ``icon``."""

    value: str
    label: str
    icon: str = ""

    def matches(self, query: str) -> bool:
        """Say whether the typed words, the code or pinyin initials lead to it."""
        if query in self.label or query == self.value:
            return True
        initials, full = spellings(self.label)
        return any(spelling.startswith(query) for spelling in initials | full)


class Picker(Sheet):
    """A list to choose one or, with ``many``, several options from; ``then`` gets their values.

    ``clears`` offers to take none.
    """

    many = BooleanProperty(False)
    query = StringProperty("")
    searchable = BooleanProperty(False)
    clears = BooleanProperty(True)
    count = NumericProperty(0)

    def __init__(
        self,
        *,
        options: Sequence[Option],
        chosen: Collection[str],
        then: Callable[[list[str]], object],
        **kwargs: object,
    ) -> None:
        self._options, self._chosen, self._then = options, set(chosen), then
        super().__init__(searchable=len(options) >= _SEARCH_FROM, count=len(options), **kwargs)
        self.on_query()

    def on_query(self, *_: object) -> None:
        """Show the options that fit what is typed."""
        query = self.query.strip().lower()
        rows = [self._row(option) for option in self._options if option.matches(query)]
        self.ids.rows.show(rows)
        self.ids.none.opacity = 0 if rows else 1

    def _row(self, option: Option) -> dict[str, object]:
        chosen = option.value in self._chosen
        return {
            "title": option.label,
            "icon": option.icon,
            "tail": "check" if chosen else "",
            "open": lambda: self._take(option.value),
        }

    def _take(self, value: str) -> None:
        if not self.many:
            self.done([value])
            return
        self._chosen ^= {value}
        place = self.ids.rows.scroll_y
        self.on_query()
        self.ids.rows.scroll_y = place

    def done(self, values: list[str] | None = None) -> None:
        """Close and hand over ``values``, or all that are ticked, in the list's order."""
        self.dismiss()
        if values is None:
            values = [option.value for option in self._options if option.value in self._chosen]
        self._then(values)


load_kv(__file__)
