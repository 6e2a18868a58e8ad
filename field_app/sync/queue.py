"""Which changes go out next, and in what order."""

import json

from field_app.store.memory import Memory
from field_app.store.state import UNANSWERED, Entry
from field_app.sync.client import wire_form
from governance.contract import KINDS

MOST = 100
"""Changes in one push at most."""

MOST_BYTES = 512 * 1024
"""JSON bytes in one push at most, unless a single change is larger."""


def batch_pick(memory: Memory, most: int = MOST) -> list[Entry]:
    """Give the next push: oldest first, a record before what refers to it, one change a record.

    A second change of a record waits for the answer to the first, which gives it its base, and what was done
    after it waits with it, as it may stand on it.
    """
    batch: list[Entry] = []
    kept: set[str] = set()
    sent: set[str] = set()
    size = 0
    for entry in ordered(memory):
        if entry.deferred:
            kept.add(entry.id)
        if entry.id in kept:
            continue
        if entry.id in sent:
            break
        sent.add(entry.id)
        size += len(json.dumps(wire_form(entry), ensure_ascii=False).encode())
        if batch and (len(batch) >= most or size > MOST_BYTES):
            break
        batch.append(entry)
    return batch


def ordered(memory: Memory) -> list[Entry]:
    """Sort unanswered changes by age, moving makers of records before those that refer to them."""
    waiting = sorted((e for e in memory.entries.values() if e.state in UNANSWERED), key=lambda e: e.seq)
    makers = {entry.id: entry for entry in reversed(waiting) if entry.base is None}
    done: dict[str, Entry] = {}

    def visit(entry: Entry, above: frozenset[str]) -> None:
        if entry.change in done or entry.change in above:
            return
        for target in references(entry):
            if target in makers:
                visit(makers[target], above | {entry.change})
        done[entry.change] = entry

    for entry in waiting:
        visit(entry, frozenset())
    return list(done.values())


def references(entry: Entry) -> list[str]:
    """Give the ids of the records that a change points to."""
    kind = KINDS.get(entry.kind)
    fields = kind.references if kind is not None else ()
    return [value for field in fields if isinstance(value := entry.set.get(field.name), str)]
