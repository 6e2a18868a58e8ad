"""The search index: what each record can be found by, kept up as records change."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.labels import Labels, is_closed
from field_app.work.pinyin import spellings
from governance.contract import KINDS, Field, Type

SEARCHED = ("person", "household", "building", "room", "organisation", "thing", "event")
_NAMES = frozenset({"name", "former_name", "head_name", "owner_name", "tenant_name", "legal_name", "estate"})
_NUMBERS = frozenset({"document_number", "household_no", "part_code", "house_code", "registration_no"})
_TEXTS = frozenset({"title", "address", "office_address"})
_NUMBER_TYPES = frozenset({Type.PHONE, Type.CITIZEN, Type.CREDIT})


@dataclass(frozen=True, slots=True)
class Found:
    """What one record can be found by; all in small letters and without blanks."""

    view: View
    names: tuple[str, ...]
    initials: frozenset[str]
    full: frozenset[str]
    phones: tuple[str, ...]
    numbers: tuple[str, ...]
    address: str
    closed: bool


class Index:
    """Every searchable record of the store; built once, then only what changed."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store = store
        self._labels = labels
        self._items: dict[str, Found] = {}
        self._stale: set[str] = set()
        with store.lock:
            self._stop = store.watch(self._stale.update)
            for kind in SEARCHED:
                for view in store.memory.views(kind):
                    self._add(view)

    def close(self) -> None:
        """Stop following the store."""
        self._stop()

    def items(self) -> Iterator[Found]:
        """Give everything that can be found, brought up to date; the caller holds the store's lock."""
        stale, self._stale = self._stale, set()
        self._stop()
        self._stop = self._store.watch(self._stale.update)
        for id in self._with_below(stale):
            self._items.pop(id, None)
            view = self._store.memory.view(id)
            if view is not None and view.kind in SEARCHED:
                self._add(view)
        return iter(self._items.values())

    def _with_below(self, ids: Set[str]) -> set[str]:
        """Add what hangs on the changed records: its address follows from them."""
        found: set[str] = set()
        left = list(ids)
        while left:
            id = left.pop()
            if id not in found:
                found.add(id)
                left.extend(view.id for view in self._store.memory.below(id))
        return found

    def _add(self, view: View) -> None:
        if not view.whole or view.withdrawn:
            return
        names: list[str] = []
        phones: list[str] = []
        numbers: list[str] = []
        texts = [self._labels.where(view)] if view.kind != "building" else []
        for field, text in _texts(view):
            if field.name in _NAMES:
                names.append(_plain(text))
            elif field.type is Type.PHONE:
                phones.append(text)
            elif field.type in _NUMBER_TYPES or field.name in _NUMBERS:
                numbers.append(text.lower())
            elif field.name in _TEXTS:
                texts.append(text)
        if view.kind in ("building", "room"):
            texts.append(self._labels.title(view, masked=False))
        spelt = [spellings(name) for name in names]
        self._items[view.id] = Found(
            view=view,
            names=tuple(names),
            initials=frozenset().union(*(first for first, _ in spelt)),
            full=frozenset().union(*(whole for _, whole in spelt)),
            phones=tuple(phones),
            numbers=tuple(numbers),
            address=_plain("".join(texts)),
            closed=is_closed(view),
        )


def _texts(view: View) -> Iterator[tuple[Field, str]]:
    for field in KINDS[view.kind].fields:
        value = view.values.get(field.name)
        if isinstance(value, str):
            yield field, value


def _plain(text: str) -> str:
    return "".join(text.lower().split())
