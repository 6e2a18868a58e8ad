"""Work whose record has left the tablet (已交平台): safe in the hub's inbox, it needs no repair here."""

from dataclasses import replace

from field_app.store.state import Entry, RecordState
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.queue import references

_NOT_HERE = frozenset({"scope", "right"})


def handed_over(store: Store, unit: Unit, *, grids_left: bool = False, all_left: bool = False) -> None:
    """Put away what the hub refused because it is not this worker's any more, and keeps in its inbox.

    Such a change counts as at the hub, with the hub's reason; it is laid over nothing. A change that the
    worker can still repair, because its record or what it refers to is at hand, stays refused.

    Parameters
    ----------
    store : Store
    unit : Unit
    grids_left : bool
        Whether a grid has left just now, and with it what refers to nothing (buildings, events ...).
    all_left : bool
        Whether everything has left, as the device is out of use: then it holds for every refusal.
    """
    found = True
    while found:  # what refers to something put away is put away too
        found = False
        for entry in _refused(store, unit):
            if all_left or _not_ours(unit, entry, grids_left):
                unit.put_entry(replace(entry, state=RecordState.HUB))
                found = True


def _refused(store: Store, unit: Unit) -> list[Entry]:
    entries = {**store.memory.entries, **unit.delta.entries}
    return [entry for entry in entries.values() if entry and entry.state is RecordState.REFUSED]


def _not_ours(unit: Unit, entry: Entry, grids_left: bool) -> bool:
    codes = {problem.code for problem in entry.errors}
    if not codes or not codes <= _NOT_HERE:
        return False
    kinds = unit.meta("kinds")
    if isinstance(kinds, list) and entry.kind not in kinds:
        return True
    held = unit.held(entry.id)
    if held is not None:
        return bool(held.leaving)
    if entry.base is not None:
        return True
    targets = references(entry)
    return any(not _at_hand(unit, target) for target in targets) if targets else grids_left


def _at_hand(unit: Unit, id: str) -> bool:
    held = unit.held(id)
    if held is not None:
        return not held.leaving
    return any(entry.base is None and entry.state is not RecordState.HUB for entry in unit.entries_of(id))
