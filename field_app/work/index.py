"""The search index: what each record can be found by, kept up as records change."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.labels import Labels, is_closed
from field_app.work.pinyin import spellings
from governance.contract import KINDS, Type

SEARCHED = ("person", "household", "building", "room", "organisation", "thing", "event")
_NAMES = frozenset({"name", "former_name", "head_name", "owner_name", "tenant_name", "legal_name", "estate"})
_NUMBERS = frozenset({"document_number", "household_no", "part_code", "house_code", "registration_no"})
_TEXTS = frozenset({"title", "address", "office_address"})


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
            store.watch(self._stale.update)
            for kind in SEARCHED:
                for view in store.memory.views(kind):
                    self._add(view)

    def items(self) -> Iterator[Found]:
        """Give everything that can be found, brought up to date; the caller holds the store's lock."""
        for id in self._with_below({self._stale.pop() for _ in range(len(self._stale))}):
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
        plan = _plan(view.kind)
        names = tuple(map(_plain, _held(view, plan.names)))
        spelt = [spellings(name) for name in names]
        texts = [self._labels.where(view), *_held(view, plan.texts)]
        if view.kind in ("building", "room"):
            texts.append(self._labels.title(view, masked=False))
        self._items[view.id] = Found(
            view=view,
            names=names,
            initials=_all([first for first, _ in spelt]),
            full=_all([whole for _, whole in spelt]),
            phones=_held(view, plan.phones),
            numbers=tuple(text.lower() for text in _held(view, plan.numbers)),
            address=_plain("".join(texts)),
            closed=is_closed(view),
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which fields of a kind are searched, and as what."""

    names: tuple[str, ...]
    phones: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: tuple[str, ...]


@cache
def _plan(kind: str) -> _Plan:
    fields = KINDS[kind].fields
    phones = {field.name for field in fields if field.type is Type.PHONE}
    numbers = {field.name for field in fields if field.type in (Type.CITIZEN, Type.CREDIT)} | _NUMBERS
    groups = (_NAMES, phones, numbers - _NAMES, _TEXTS)
    return _Plan(*(tuple(field.name for field in fields if field.name in group) for group in groups))


def _held(view: View, names: tuple[str, ...]) -> tuple[str, ...]:
    found = map(view.values.get, names)
    return tuple([value for value in found if isinstance(value, str)])


def _all(sets: list[frozenset[str]]) -> frozenset[str]:
    return sets[0] if len(sets) == 1 else frozenset().union(*sets)


def _plain(text: str) -> str:
    return "".join(text.lower().split())
