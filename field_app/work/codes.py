"""Code lists and switches held on this tablet; none before the first sync."""

from collections.abc import Iterable, Mapping

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.rows import Choice
from governance.contract import CodeBook, CodeItem


class Codes:
    """The code book from the ``codelist`` records, and what a city has switched on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._views: tuple[View, ...] = ()
        self._book: dict[str, Mapping[str, CodeItem]] = {}

    @property
    def held(self) -> bool:
        """Whether any code list has come from the hub."""
        return bool(self.book())

    def book(self) -> CodeBook:
        """Give list id → code → item."""
        views = tuple(self._store.memory.views("codelist"))
        if views != self._views:  # a version says little: a restored hub gives it to other codes
            self._book = {str(view.values.get("list")): _items(view) for view in views}
        self._views = views  # also where they say the same: comparing one with itself costs nothing
        return self._book

    def switched_on(self) -> frozenset[str]:
        """Give the ``kind.field`` names that the city collects although they are off by default."""
        views = self._store.memory.views("switch")
        return frozenset(str(view.values.get("field")) for view in views if view.values.get("on") is True)

    def label(self, name: str | None, code: object) -> str:
        """Give the Chinese label of a code, or the code itself when it is not known."""
        item = self.book().get(name or "", {}).get(str(code))
        return item.label if item is not None else str(code)

    def choices(self, name: str | None, held: object = None) -> tuple[Choice, ...]:
        """Give what may be chosen: codes in use, and the retired ones that the record holds."""
        kept = held if isinstance(held, list) else [held]
        items = self.book().get(name or "", {}).values()
        return tuple(Choice(item.code, item.label) for item in items if not item.retired or item.code in kept)


def _items(view: View) -> dict[str, CodeItem]:
    rows = view.values.get("items")
    if not isinstance(rows, Iterable):
        return {}
    return {str(code): CodeItem(str(code), str(label), bool(retired)) for code, label, retired in rows}
