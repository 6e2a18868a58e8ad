"""What the hub's answers do to outbox and records; one transaction a push."""

from collections.abc import Sequence
from dataclasses import replace

from field_app.store.memory import laid_over
from field_app.store.offer import again
from field_app.store.state import LOST, Entry, Held, RecordState, Values
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.client import Answer
from field_app.sync.handover import handed_over
from field_app.sync.pages import snapshot_mark
from field_app.sync.queue import references
from field_app.sync.recovery import epoch_note, kept_since
from governance.contract import Problem, Status

KEPT = 2000
"""Answered changes kept at least, so that a hub restored from a backup gets back what it lost."""

_CLEAN = frozenset({Status.CREATED, Status.UPDATED})
_WHOLE = frozenset({Status.CONTESTED, Status.MERGED})
"""Answers that come with the record, as others wrote it too."""

_NEWER_THAN_HUB = frozenset({"base_future"})
_LOST_AT_HUB = frozenset({"base_future", "missing", "reference"})


def answers_settle(*, store: Store, sent: Sequence[Entry], answers: Sequence[Answer], epoch: str) -> None:
    """Store what became of the changes sent; all or nothing."""
    today = store.clock.now().date().isoformat()
    with store.write() as unit:
        restored = epoch_note(store, unit, epoch, settled={entry.change for entry in sent})
        for offered, answer in zip(sent, answers, strict=True):
            entry = replace(offered, answered_on=today)
            if answer.status is Status.REJECTED:
                waited = "" < offered.answered_on < kept_since(store)
                _refused(unit, entry, answer, waits=not waited)
            else:
                _applied(store, unit, entry, answer)
            _let_go(unit, entry.id)
        handed_over(store, unit)
        if restored:
            _say_again(unit, sent)
        _prune(store, unit)


def entry_refuse(*, store: Store, entry: Entry, problems: Sequence[Problem]) -> Answer:
    """Mark a change that the hub cannot even read as refused; gives the answer it counts as."""
    answer = Answer(entry.change, Status.REJECTED, None, tuple(problems), None)
    with store.write() as unit:
        unit.put_entry(_answered(entry, answer, RecordState.REFUSED))
        _let_go(unit, entry.id)
    return answer


def _answered(entry: Entry, answer: Answer, state: RecordState) -> Entry:
    return replace(
        entry, state=state, status=answer.status.value, version=answer.version, errors=answer.errors
    )


def _refused(unit: Unit, entry: Entry, answer: Answer, *, waits: bool) -> None:
    codes = {problem.code for problem in answer.errors}
    passing = _LOST_AT_HUB if unit.meta("recovering") else _NEWER_THAN_HUB
    if codes and codes <= passing and waits and not unit.meta("revoked"):
        # The restored hub lacks what this change stands on; a tablet will bring it back.
        if codes == _NEWER_THAN_HUB:
            _lost(unit, entry.id)
        again(unit, entry, entry.base, in_place=True, deferred=True)
        return
    later = [each for each in unit.entries_of(entry.id) if each.state is RecordState.HERE]
    if later and entry.base is None and not later[0].delete:
        # The next change was made on a record the hub refused: it takes the refused values along.
        unit.drop_entry(entry.change)
        unit.put_entry(replace(later[0], set={**entry.set, **later[0].set}))
    else:
        unit.put_entry(_answered(entry, answer, RecordState.REFUSED))


def _lost(unit: Unit, id: str) -> None:
    """Note that a record has not left the worker's grids: the hub has it there, but older."""
    held = unit.held(id)
    if held is not None and held.leaving:
        unit.put_held(replace(held, leaving=LOST))


def _applied(store: Store, unit: Unit, entry: Entry, answer: Answer) -> None:
    contested = answer.status is Status.CONTESTED
    unit.put_entry(_answered(entry, answer, RecordState.CONTESTED if contested else RecordState.HUB))
    before = unit.held(entry.id)
    if before is not None and before.leaving and answer.status is Status.CREATED:
        before = None  # a restored hub has it again, as a new record: what it lost no longer counts
    elif before is not None and before.leaving:
        unit.put_meta("cursor", None)  # it may be back: then no pull says so, but a snapshot does
    if entry.delete:
        if before is not None:
            unit.drop_held(entry.id)
        for refused in [each for each in unit.entries_of(entry.id) if each.state is RecordState.REFUSED]:
            unit.drop_entry(refused.change)  # nobody need repair what is withdrawn
        return
    if before is None and entry.base is not None:
        unit.put_meta("cursor", None)  # it left, and is back: no pull tells a tablet what it wrote itself
        return
    taken = replace(entry, set=_without(entry.set, answer.errors)) if contested else entry
    _contests_over(unit, taken)
    expected = laid_over(entry.kind, before.values if before else {}, [taken])
    values = expected if answer.record is None else answer.record
    version = answer.version or (before.version if before else 1)
    if answer.record is None and answer.status in _WHOLE:
        unit.put_meta("cursor", None)  # the post there had ended: no pull tells what others wrote before
    if before is None or version >= before.version:
        unit.put_held(_held(store, unit, entry, before, version, values, answer.grid))
    _rebase(unit, entry, version, others=None if answer.status in _CLEAN else _differences(expected, values))
    if answer.status is Status.CREATED:
        _children_again(store, unit, entry.id)


def _contests_over(unit: Unit, taken: Entry) -> None:
    """End what earlier changes are contested in where the worker has said it anew and the hub took that."""
    for entry in unit.entries_of(taken.id):
        if entry.seq < taken.seq and entry.state is RecordState.CONTESTED:
            left = tuple(problem for problem in entry.errors if problem.field not in taken.set)
            if left != entry.errors:
                unit.put_entry(replace(entry, errors=left, dismissed=entry.dismissed or not left))


def _say_again(unit: Unit, sent: Sequence[Entry]) -> None:
    """Repeat what a restored hub took before it gets older changes of the same fields back."""
    for entry in sent:
        entries = unit.entries_of(entry.id)
        older = [each for each in entries if each.seq < entry.seq and each.state is RecordState.SENT]
        kept = next((each for each in entries if each.change == entry.change), None)
        if kept is not None and kept.status and any(set(each.set) & set(entry.set) for each in older):
            again(unit, kept, _base_now(unit, kept), in_place=True)


def _held(
    store: Store, unit: Unit, entry: Entry, before: Held | None, version: int, values: Values, grid: str
) -> Held:
    grid = grid or (before.grid if before else "")  # without it the record would stay when its grid leaves
    seen = snapshot_mark(store, unit, grid)
    if before is not None:
        return replace(before, version=version, values=values, grid=grid, seen=seen)
    return Held(id=entry.id, kind=entry.kind, grid=grid, version=version, values=values, seen=seen)


def _rebase(unit: Unit, entry: Entry, version: int, others: set[str] | None) -> None:
    """Give later changes of the record their base, unless others changed the same fields meanwhile.

    One that a restored hub refused goes out again once the hub has got back here what it stands on. One
    from a form that was open since before keeps its base: its writer has not seen what this one stands on.
    """
    for later in unit.entries_of(entry.id):
        if later.seq <= entry.seq or later.state is not RecordState.HERE:
            continue
        if later.base is None:
            unit.put_entry(replace(later, base=version))
        elif (entry.base or 0) <= later.base < version or (later.deferred and later.base == version):
            clash = (others or set()) & set(later.set)
            unit.put_entry(replace(later, base=later.base if clash else version, deferred=False))


def _children_again(store: Store, unit: Unit, id: str) -> None:
    """Offer again what was refused only because this record was not at the hub."""
    for entry in list(store.memory.entries.values()):
        codes = {problem.code for problem in entry.errors}
        if entry.state is RecordState.REFUSED and codes == {"reference"} and id in references(entry):
            again(unit, entry, _base_now(unit, entry))


def _base_now(unit: Unit, entry: Entry) -> int | None:
    """Give the version held now, for a change that is offered again; where nothing is held, its own."""
    held = unit.held(entry.id)
    return held.version if held is not None else entry.base


def _let_go(unit: Unit, id: str) -> None:
    """Wipe a record that left the scope, now that nothing of it waits for an answer."""
    held = unit.held(id)
    if held is not None and held.leaving and not unit.unanswered(id):
        unit.drop_held(id)


def _prune(store: Store, unit: Unit) -> None:
    """Drop answered changes that are neither among the latest nor of the last days."""
    done = [entry for entry in store.memory.entries.values() if entry.state is RecordState.HUB]
    if len(done) <= KEPT:
        return
    done.sort(key=lambda entry: entry.seq)
    since = kept_since(store)
    for entry in done[:-KEPT]:
        # By the day of the answer: when it was made is what the device itself said, which may be years off.
        old = (entry.answered_on or entry.captured_at[:10]) < since
        if old and entry.change not in unit.delta.entries:
            unit.drop_entry(entry.change)


def _without(values: Values, errors: Sequence[Problem]) -> Values:
    named = {problem.field for problem in errors}
    return {name: value for name, value in values.items() if name not in named}


def _differences(one: Values, other: Values) -> set[str]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}
