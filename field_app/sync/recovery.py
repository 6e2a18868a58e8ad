"""A hub restored from an old backup (新纪元): it gets back from the tablet what it lost."""

from collections.abc import Container
from dataclasses import replace
from datetime import timedelta

from field_app.store.state import LOST, PhotoState, RecordState
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.queue import references

KEPT_DAYS = 30
"""Days for which all answered changes are kept, counted back from what the hub told last of the time."""

_ANSWERED = frozenset({RecordState.HUB, RecordState.CONTESTED, RecordState.REFUSED})


def epoch_note(store: Store, unit: Unit, epoch: str, *, settled: Container[str] = ()) -> bool:
    """Compare the hub's epoch with the one known; says whether it is a new one.

    On a new epoch every answered change is to be sent again under its own id (the hub answers
    those it still has from its store), and a snapshot follows. Refused ones too: the hub's inbox, which
    kept them, may be gone as well.
    """
    known = unit.meta("epoch")
    if known == epoch:
        return False
    unit.put_meta("epoch", epoch)
    if not known:
        return False
    unit.put_meta("recovering", True)
    unit.put_meta("epoch_export", unit.meta("exports") or 0)
    unit.ask_anew()
    for entry in store.memory.entries.values():
        if entry.state in _ANSWERED and entry.change not in settled:
            unit.put_entry(
                replace(
                    entry,
                    state=RecordState.SENT,
                    status="",
                    version=None,
                    errors=(),
                    exported=0,
                    answered_on="",
                )
            )
    for photo in store.memory.photos.values():
        if photo.state is PhotoState.HUB and photo.copy:
            unit.put_photo(replace(photo, state=PhotoState.HERE, sent=0, exported=0))
    return True


def deferred_release(store: Store, unit: Unit, *, anyway: bool = False) -> None:
    """Let changes go out again whose record, or what it refers to, is back at the hub.

    A record that has left the worker's grids since is no longer waited for: the hub refuses the change
    and keeps it. Nor is one that nobody brought back while the others keep their answered changes. With
    ``anyway`` all go out once more: what another tablet brought back and withdrew before the snapshot is in
    no pull.
    """
    since = kept_since(store)
    for change, before in store.memory.entries.items():
        entry = unit.delta.entries.get(change, before)  # nothing that this transaction dropped comes back
        if entry is None or not entry.deferred:
            continue
        held = unit.held(entry.id)
        if entry.base is None and all(_there(store, unit, target) for target in references(entry)):
            unit.put_entry(replace(entry, deferred=False))
        elif held is not None and held.leaving != LOST:
            unit.put_entry(replace(entry, deferred=False, base=held.version))
        elif anyway or entry.answered_on < since:
            unit.put_entry(replace(entry, deferred=False))


def kept_since(store: Store) -> str:
    """Give the first day of which every tablet still has its answered changes."""
    return (store.clock.told().date() - timedelta(days=KEPT_DAYS)).isoformat()


def _there(store: Store, unit: Unit, id: str) -> bool:
    held = unit.held(id)
    if held is not None:
        return held.leaving != LOST
    return any(entry.base is None and not entry.deferred for entry in unit.entries_of(id))
