"""Putting a worker's change into the outbox: joined with what waits, superseding what was refused."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from field_app.store.memory import Memory, laid_over
from field_app.store.state import UNANSWERED, Entry, Held, RecordState, Values
from field_app.store.store import Store
from field_app.store.unit import Unit
from governance.contract import KINDS, uuid7

_NOTHING: Values = {}


def change_offer(
    *,
    store: Store,
    kind: str,
    id: str,
    values: Values,
    known: Values = _NOTHING,
    base: int | None = None,
    delete: bool = False,
    position: Mapping[str, object] | None = None,
    draft: str = "",
) -> Entry | None:
    """Store a change of one record, and drop the draft it came from, in one transaction.

    ``known`` has the lists of files among ``values`` as the worker found them, ``base`` is the version that
    he saw, None for a new record or the one held now. Somebody else's word that came while the form was open
    is thus not overwritten unseen, and what left meanwhile is still told for an edit.
    A change that never went out yet takes the new values in, unless something else was done since, and but
    for a withdrawal; one that was refused is replaced by a new change that carries its values too. What
    equals the hub's own value is left out.

    Returns
    -------
    Entry or None
        The change that now waits; None when nothing is left to tell the hub.
    """
    with store.lock, store.write() as unit:
        if draft:
            unit.drop_draft(draft)
        held = store.memory.held.get(id)
        entries = store.memory.entries_of(id)
        refused = [entry for entry in entries if entry.state is RecordState.REFUSED]
        version = _version_seen(held, base, *(entry.base for entry in refused))
        waiting = _joinable(store.memory, entries, version)
        apart = [entry for entry in entries if entry.state in UNANSWERED and entry is not waiting]
        if delete and held is None and base is None and all(_never_out(entry) for entry in entries):
            for entry in entries:  # the hub never hears of it
                unit.drop_entry(entry.change)
            return None
        there = held is not None or base is not None or bool(apart)
        if delete and there and waiting is not None and not waiting.delete:
            waiting = None  # it goes out before the withdrawal, which the hub may refuse
        before = [*refused, waiting] if waiting else refused
        whole = {name: value for entry in before for name, value in _left(entry, apart)} | dict(values)
        found = {**known, **_earliest_known(before)}
        told = laid_over(kind, held.values if held else {}, apart)
        offered = {name: value for name, value in whole.items() if value != told.get(name)}
        for entry in refused:
            unit.drop_entry(entry.change)
        worth = there if delete else bool(offered)
        if not worth:
            if waiting is not None:
                unit.drop_entry(waiting.change)
            return None
        fresh = Entry(
            seq=waiting.seq if waiting else 0,
            change=waiting.change if waiting else str(uuid7()),
            id=id,
            kind=kind,
            base=version,
            set={} if delete else offered,
            delete=delete,
            captured_at=store.clock.device_time(),
            position=position or (waiting.position if waiting else None),
            state=RecordState.HERE,
            known={name: files for name, files in found.items() if there and name in offered},
        )
        return unit.put_entry(fresh)


def _never_out(entry: Entry) -> bool:
    return entry.state is RecordState.HERE and not entry.deferred


def _left(entry: Entry, apart: Iterable[Entry]) -> list[tuple[str, object]]:
    """Give what a change says that no later one says anew that goes out by itself.

    Lists of files stay: a later one tells only what was added to them and taken off.
    """
    known = KINDS.get(entry.kind)
    files = {field.name for field in known.files} if known is not None else set()
    anew = {name for each in apart if each.seq > entry.seq for name in each.set} - files
    return [(name, value) for name, value in entry.set.items() if name not in anew]


def _earliest_known(entries: Iterable[Entry]) -> dict[str, object]:
    """Give the lists of files that changes taken in were made on, those of the oldest first."""
    return {name: files for entry in reversed(list(entries)) for name, files in entry.known.items()}


def _version_seen(held: Held | None, *bases: int | None) -> int | None:
    """Give the version that a change is made on: the oldest that any of its values was found on.

    A restored hub may stand before all that were seen.
    """
    seen = [base for base in (*bases, held.version if held else None) if base is not None]
    return min(seen, default=None)


def _joinable(memory: Memory, entries: list[Entry], version: int | None) -> Entry | None:
    """Find the waiting change that may take more in: the last made of all, on the version now seen.

    What was done to other records since may be what the addition stands on: a task's result on what the task
    asks for, a household's end on those who moved away before.
    """
    if not entries or not _never_out(entries[-1]):
        return None
    last = entries[-1]
    since = any(each.seq > last.seq and each.state in UNANSWERED for each in memory.entries.values())
    return last if last.base == version and not since else None


def change_retry(*, store: Store, entry: Entry) -> Entry:
    """Offer a refused change again as it is, under a new id and on the version it was made on."""
    with store.write() as unit:
        return again(unit, entry, _version_seen(store.memory.held.get(entry.id), entry.base))


def again(
    unit: Unit, entry: Entry, base: int | None, *, in_place: bool = False, deferred: bool = False
) -> Entry:
    """Replace a change by one with a new id, not yet sent.

    Parameters
    ----------
    unit : Unit
    entry : Entry
    base : int or None
        The version that it is offered on.
    in_place : bool
        Keep its place, so that it does not undo later changes; else it goes to the end.
    deferred : bool
        It waits until a restored hub has again what it stands on.
    """
    unit.drop_entry(entry.change)
    return unit.put_entry(
        replace(
            entry,
            seq=entry.seq if in_place else 0,
            change=str(uuid7()),
            base=base,
            state=RecordState.HERE,
            status="",
            version=None,
            errors=(),
            deferred=deferred,
            exported=0,
        )
    )


def change_dismiss(*, store: Store, entry: Entry) -> None:
    """Put a refused change away (the hub keeps it), or take note of a contested one."""
    with store.write() as unit:
        unit.put_trail(entry, "aside")
        if entry.state is RecordState.REFUSED:
            unit.drop_entry(entry.change)
        elif entry.state is RecordState.CONTESTED:
            unit.put_entry(replace(entry, dismissed=True))
