"""The way to people (以房管人): building → room → household → people."""

import re
from collections.abc import Iterable

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.labels import Labels, is_closed, is_there
from field_app.work.rows import Row

_DIGITS = re.compile(r"([0-9]+)")


class Homes:
    """Steps down and up between buildings, rooms, households and people; got as ``desk.homes``."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store = store
        self._labels = labels

    def top(self) -> tuple[Row, ...]:
        """All buildings held, by natural order of name (3栋 before 12栋)."""
        with self._store.lock:
            return self._rows(self._store.memory.views("building"))

    def below(self, id: str) -> tuple[Row, ...]:
        """What hangs directly on a record: rooms of a building, households of a room, ..."""
        with self._store.lock:
            self._labels.find(id)
            return self._rows(self._store.memory.below(id))

    def path(self, id: str) -> tuple[Row, ...]:
        """From the building down to the record itself, for a bread-crumb line."""
        with self._store.lock:
            return tuple(self._labels.row(view) for view in self._labels.path(self._labels.find(id)))

    def _rows(self, views: Iterable[View]) -> tuple[Row, ...]:
        shown = sorted(filter(is_there, views), key=self._order)
        return tuple(map(self._labels.row, shown))

    def _order(self, view: View) -> tuple[object, ...]:
        """Open before closed, a household's head first, then by name."""
        relation = str(view.values.get("relation") or "99")
        return is_closed(view), view.kind, relation, natural_order(self._labels.title(view, masked=False))


def natural_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Give a sort key under which numbers inside a text count as numbers."""
    parts = (part for part in _DIGITS.split(text) if part)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
