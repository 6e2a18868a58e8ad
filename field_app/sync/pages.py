"""Storing what the hub tells: pages with their cursor, and the parts of a snapshot."""

from collections.abc import Iterable, Set
from dataclasses import replace

from field_app.store.state import LOST, Held, RecordState
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.client import Page, Told
from field_app.sync.handover import handed_over
from field_app.sync.recovery import deferred_release
from governance.contract import CITY, KINDS, Gone

GRID = "grid"


def page_store(*, store: Store, page: Page) -> None:
    """Store a pulled page and its cursor in one transaction."""
    with store.write() as unit:
        for told in page.changes:
            _take(store, unit, told)
        _duty_note(unit, page)
        unit.put_meta("cursor", page.cursor)
        deferred_release(store, unit)
        handed_over(store, unit, grids_left=any(_grid_left(told) for told in page.changes))


def strays_leave(*, store: Store) -> None:
    """Wipe, behind a pull, what lies in a grid that is not told, or is of a kind that the worker may not see.

    An answer to a push may place a record in a grid whose stream the tablet never followed, as the post
    there had ended before the next pull, or be of a kind whose right came and went between two pulls, or a
    task that names such a kind: nothing would ever say that it left.
    """
    held, kinds = store.memory.held.values(), store.memory.meta.get("kinds")
    barred = KINDS.keys() - set(kinds) if isinstance(kinds, list) else set()
    grids = {"", CITY, *(each.grid for each in held if each.kind == GRID)}
    lost = (each for each in held if each.grid not in grids or _barred(each, barred))
    strays = [each.id for each in lost if not each.leaving]
    if strays:
        with store.write() as unit:
            for id in strays:
                _leave(unit, id, Gone.REVOKED)
            handed_over(store, unit, grids_left=True)


def _barred(held: Held, barred: Set[str]) -> bool:
    """Whether a record is of a kind that the worker may not see, or names one."""
    kind = KINDS.get(held.kind)
    veil = kind.veil if kind is not None else None
    return held.kind in barred or (veil is not None and held.values.get(veil) in barred)


def placeless(*, store: Store) -> bool:
    """Say whether a record is held of which nobody said in which grid it lies.

    An edition of version 1 of the protocol learns it by the pull behind its push. Where it was replaced by
    this one in between, the pull no longer tells it, and the record would stay when its grid leaves.
    """
    return any(
        not held.grid and held.kind in KINDS and not held.leaving for held in store.memory.held.values()
    )


def deferred_free(*, store: Store) -> None:
    """Let waiting changes go whose record is there again."""
    with store.lock:
        waiting = any(entry.deferred for entry in store.memory.entries.values())
    if waiting:
        with store.write() as unit:
            deferred_release(store, unit)


def snapshot_begin(*, store: Store) -> str | None:
    """Give the cursor to go on from; begins a new snapshot unless one was cut."""
    running = store.memory.meta.get("snapshot")
    if isinstance(running, dict):
        cursor = running.get("cursor")
        return cursor if isinstance(cursor, str) else None
    with store.write() as unit:
        unit.put_meta("snapshots", _last_snapshot(unit) + 1)
        unit.put_meta("snapshot", {"cursor": None})
    return None


def snapshot_restart(*, store: Store) -> None:
    """Forget a cut snapshot, so that the next one begins at the beginning."""
    with store.write() as unit:
        unit.put_meta("snapshot", None)


def part_store(*, store: Store, page: Page) -> None:
    """Store a part of the snapshot with its cursor; the last one wipes what did not come."""
    with store.write() as unit:
        seen = _last_snapshot(unit)
        for told in page.changes:
            _take(store, unit, told, seen=seen)
        _duty_note(unit, page)
        if not page.end:
            unit.put_meta("snapshot", {"cursor": page.cursor})
            return
        _wipe(store, unit, (held.id for held in store.memory.held.values() if held.seen != seen))
        unit.put_meta("cursor", page.cursor)
        unit.put_meta("snapshot", None)
        deferred_release(store, unit, anyway=bool(unit.meta("recovering")))
        handed_over(store, unit, grids_left=True)


def recovered(*, store: Store) -> None:
    """Note, behind a pull, that a restored hub has told everything and been told everything."""
    if store.memory.meta.get("recovering"):
        with store.write() as unit:
            unit.put_meta("recovering", False)


def snapshot_mark(store: Store, unit: Unit, grid: str) -> int:
    """Say by which snapshot a record counts as seen that an answer places in a grid.

    Where the last one lies cut, its grids that came whole are told by the pull behind it, but for what this
    tablet itself writes; those still to come bring the record, unless it is gone again by then.
    """
    last = _last_snapshot(unit)
    if unit.meta("snapshot") is None:
        return last
    grids = (held for held in store.memory.held.values() if held.kind == GRID and held.grid == grid)
    return last if any(_came(unit, held) for held in grids) else 0


def everything_leave(*, store: Store) -> None:
    """The device was revoked: wipe what has no unanswered changes, and take a snapshot when enrolled anew.

    It hears no more what others bring back to a restored hub: what waited for that is offered once more.
    """
    with store.write() as unit:
        deferred_release(store, unit, anyway=True)
        unit.put_meta("revoked", True)
        unit.ask_anew()
        for id in tuple(store.memory.held):
            _leave(unit, id, Gone.REVOKED)
        handed_over(store, unit, all_left=True)


def _take(store: Store, unit: Unit, told: Told, seen: int | None = None) -> None:
    held = unit.held(told.id)
    if told.record is None:
        if told.kind == GRID:
            for id in _lying_in(store, unit, told.grid):
                _leave(unit, id, told.gone or Gone.REVOKED)
        if held is not None and _counts(held, told) and not _stays(held, told):
            _leave(unit, told.id, told.gone or Gone.DELETED)
        return
    if held is not None and not held.leaving and seen is None and told.version < held.version:
        return  # older than the answer to our own push; the newer one comes later
    if held is None and seen is None and _withdrawn(unit, told):
        return
    mark = seen if seen is not None else held.seen if held else _last_snapshot(unit)
    unit.put_held(Held(told.id, told.kind, told.grid, told.version, told.record, mark))
    _notice_contested(unit, told)


def _duty_note(unit: Unit, page: Page) -> None:
    """Keep the worker's grids and kinds where the hub told others."""
    if page.duty is not None:
        unit.put_meta("grids", [dict(grid) for grid in page.duty.grids])
        unit.put_meta("kinds", list(page.duty.kinds))


def _grid_left(told: Told) -> bool:
    return told.kind == GRID and told.gone is not None


def _lying_in(store: Store, unit: Unit, grid: str) -> list[str]:
    """Give the records that lie in a grid now: some may just have come with another."""
    return [
        held.id for held in {**store.memory.held, **unit.delta.held}.values() if held and held.grid == grid
    ]


def _counts(held: Held, told: Told) -> bool:
    """Whether a marker is about the record held, and not about one before it."""
    return told.version >= held.version or held.leaving == LOST


def _stays(held: Held, told: Told) -> bool:
    """Whether a record only moved on to another of the worker's grids, whose stream told of it first.

    What is held older than the marker is where an answer to a push told that it lay before.
    """
    elsewhere = held.grid not in ("", told.grid)
    return told.gone is Gone.MOVED and elsewhere and held.version >= told.version


def _withdrawn(unit: Unit, told: Told) -> bool:
    """Whether a page is older than the answer to this tablet's own withdrawal of the record."""
    taken = (each for each in unit.entries_of(told.id) if each.delete and each.state is RecordState.HUB)
    return any(each.version is not None and each.version >= told.version for each in taken)


def _wipe(store: Store, unit: Unit, ids: Iterable[str]) -> None:
    """Wipe what a snapshot did not bring; of a grid that it did bring, the hub may have lost the record."""
    grids = {held.grid for held in unit.delta.held.values() if held is not None and held.kind == GRID}
    grids |= {held.grid for held in store.memory.held.values() if held.kind == GRID and _came(unit, held)}
    for id in ids:
        held = store.memory.held[id]
        if id not in unit.delta.held:
            _leave(unit, id, LOST if held.grid in grids else Gone.MOVED)


def _came(unit: Unit, held: Held) -> bool:
    return held.seen == unit.meta("snapshots")


def _leave(unit: Unit, id: str, gone: str) -> None:
    """Wipe a record, or only note that it left while changes of it wait for an answer."""
    held = unit.held(id)
    if held is None:
        return
    if unit.unanswered(id):
        unit.put_held(replace(held, leaving=str(gone)))
    else:
        unit.drop_held(id)


def _notice_contested(unit: Unit, told: Told) -> None:
    """A contest is over once the hub says what the worker had offered."""
    for entry in unit.entries_of(told.id):
        if entry.state is not RecordState.CONTESTED or entry.dismissed or told.record is None:
            continue
        fields = {problem.field for problem in entry.errors}
        if all(told.record.get(name) == entry.set.get(name) for name in fields):
            unit.put_entry(replace(entry, dismissed=True))


def _last_snapshot(unit: Unit) -> int:
    number = unit.meta("snapshots")
    return number if isinstance(number, int) else 0
