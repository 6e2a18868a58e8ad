"""What is held, decrypted, while the tablet is unlocked: views, and who hangs on whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from field_app.store.state import (
    OPEN,
    UNANSWERED,
    Draft,
    Entry,
    Happening,
    Held,
    Photo,
    RecordState,
    Values,
    View,
)
from governance.contract import KINDS

_Item = TypeVar("_Item")

_ORDER = (RecordState.REFUSED, RecordState.HERE, RecordState.SENT, RecordState.CONTESTED)


@dataclass(slots=True)
class Delta:
    """What one transaction changed; None means that it is gone."""

    held: dict[str, Held | None] = field(default_factory=dict)
    entries: dict[str, Entry | None] = field(default_factory=dict)
    drafts: dict[str, Draft | None] = field(default_factory=dict)
    photos: dict[str, Photo | None] = field(default_factory=dict)
    meta: dict[str, object] = field(default_factory=dict)
    trails: list[tuple[str, Happening]] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)


class Memory:
    """Everything of the store in the open; changed only by :meth:`apply`."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.entries: dict[str, Entry] = {}
        self.drafts: dict[str, Draft] = {}
        self.photos: dict[str, Photo] = {}
        self.meta: dict[str, object] = {}
        self.trails: dict[str, list[Happening]] = {}
        self._by_record: dict[str, dict[str, None]] = {}
        self._views: dict[str, View] = {}
        self._by_kind: dict[str, dict[str, None]] = {}
        self._below: dict[str, dict[str, None]] = {}

    def apply(self, delta: Delta) -> set[str]:
        """Take over what was committed; gives the ids of the records that look different now."""
        self.meta.update(delta.meta)
        for record in delta.untold:
            self.trails.pop(record, None)
        for record, happening in delta.trails:
            self.trails.setdefault(record, []).append(happening)
        _replace(self.drafts, delta.drafts)
        _replace(self.photos, delta.photos)
        _replace(self.held, delta.held)
        touched = set(delta.held)
        for change, entry in delta.entries.items():
            known = self.entries.pop(change, None)
            for each in (known, entry):
                if each is not None:
                    touched.add(each.id)
                    self._by_record.setdefault(each.id, {}).pop(change, None)
            if entry is not None:
                self.entries[change] = entry
                self._by_record[entry.id][change] = None
        for id in touched:
            self._show(id)
        return touched

    def view(self, id: str) -> View | None:
        """One record as the worker sees it."""
        return self._views.get(id)

    def views(self, kind: str) -> Iterator[View]:
        """All records of a kind, in the order in which they came."""
        return self._those(tuple(self._by_kind.get(kind, ())))

    def below(self, id: str) -> Iterator[View]:
        """Records anchored on this one (rooms of a building, people of a household ...)."""
        return self._those(tuple(self._below.get(id, ())))

    def entries_of(self, id: str) -> list[Entry]:
        """Changes of one record, oldest first."""
        return sorted((self.entries[key] for key in self._by_record.get(id, ())), key=lambda entry: entry.seq)

    def unanswered(self, id: str) -> bool:
        """Whether the hub has yet to answer a change of this record."""
        return any(self.entries[key].state in UNANSWERED for key in self._by_record.get(id, ()))

    def ids(self) -> Iterable[str]:
        """Ids of all views."""
        return self._views.keys()

    def _those(self, ids: tuple[str, ...]) -> Iterator[View]:
        """Give views by id; one that goes meanwhile, in another thread, is left out."""
        return (view for id in ids if (view := self._views.get(id)) is not None)

    def _show(self, id: str) -> None:
        """Make the view of one record anew and file it."""
        old = self._views.get(id)
        new = view_of(self.held.get(id), self.entries_of(id) if id in self._by_record else [])
        if old is not None and (new is None or _anchor(old) != _anchor(new)):
            self._below.get(_anchor(old), {}).pop(id, None)
        if new is None:
            if old is not None:
                self._by_kind[old.kind].pop(id, None)
                del self._views[id]
            return
        self._views[id] = new
        self._by_kind.setdefault(new.kind, {})[id] = None
        anchor = _anchor(new)
        if anchor:
            self._below.setdefault(anchor, {})[id] = None


def view_of(held: Held | None, entries: list[Entry]) -> View | None:
    """Lay open changes over what the hub says; None when nothing is left to see."""
    if held is not None and not entries:
        return View(held.id, held.kind, held.grid, held.version, held.values, RecordState.HUB)
    shown = [entry for entry in entries if entry.state in OPEN or _noticed(entry)]
    laid = [entry for entry in shown if entry.state in OPEN]
    if held is None and not laid:
        return None
    values: Values = held.values if held else {}
    kind = held.kind if held else laid[0].kind
    if laid:
        values = laid_over(kind, values, laid)
    return View(
        id=held.id if held else laid[0].id,
        kind=kind,
        grid=held.grid if held else "",
        version=held.version if held else None,
        values=values,
        state=_state(shown),
        entries=tuple(shown),
        withdrawn=any(entry.delete for entry in laid),
        whole=held is not None or any(entry.base is None and not entry.delete for entry in laid),
        contested=frozenset(p.field for entry in shown if _noticed(entry) for p in entry.errors),
    )


def laid_over(kind: str, values: Values, entries: Iterable[Entry]) -> Values:
    """Give the values with the changes applied in order, and what they imply filled in."""
    whole = dict(values)
    for entry in entries:
        whole.update(entry.set)
    known = KINDS.get(kind)
    if known is not None and known.derive is not None:
        whole.update({name: value for name, value in known.derive(whole).items() if value is not None})
    return {name: value for name, value in whole.items() if value is not None}


def _noticed(entry: Entry) -> bool:
    return entry.state is RecordState.CONTESTED and not entry.dismissed


def _state(shown: list[Entry]) -> RecordState:
    states = {entry.state for entry in shown}
    return next((state for state in _ORDER if state in states), RecordState.HUB)


def _anchor(view: View) -> str:
    kind = KINDS.get(view.kind)
    return str(view.values.get(kind.anchor) or "") if kind is not None and kind.anchor else ""


def _replace(target: dict[str, _Item], changes: Mapping[str, _Item | None]) -> None:
    for key, value in changes.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
