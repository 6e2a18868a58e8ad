"""The one way records are written: by tablet, administrator, file, rule or department.

A batch is read, decided and written in sets, in one transaction that holds the heads of
the streams it touches. Whatever fails for reasons the contract cannot foresee is halved
until the one change at fault stands alone, so it never takes its neighbours with it.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, transaction

from governance.access.actor import Actor
from governance.access.selectors import actor_renewed
from governance.access.services.handover import posts_follow
from governance.audit.services import audit_append
from governance.contract import CITY, Change, Problem, Result
from governance.feed.bulk import together
from governance.feed.selectors import epoch
from governance.feed.services import Item, feed_append, heads_lock_beside
from governance.records.codes import Lists, lists, lists_at
from governance.records.models import is_kept
from governance.records.rows import rows_write, utc_now
from governance.records.services.decide import Outcome, decide, rejected
from governance.records.services.duplicates import duplicates_flag
from governance.records.services.files import uses_note
from governance.records.services.moves import children_follow
from governance.records.services.state import State
from governance.records.services.trail import answers, trail_write

PUSH = "push"
"""The action that the writing device itself is answered; what staff take in its name it hears by a pull."""

_TRIES = 5

logger = logging.getLogger(__name__)


class _MovedError(Exception):
    """A record lay in other grids than those locked; begin again with these locked too."""

    def __init__(self, grids: set[str]) -> None:
        super().__init__(grids)
        self.grids = grids


class _PostedError(Exception):
    """A grid of the tablet was closed since it was let in; begin again with the posts of now."""

    def __init__(self, closed: frozenset[str]) -> None:
        super().__init__(closed)
        self.closed = closed


_OF_ITS_OWN = (DataError, IntegrityError)
"""Faults that lie in a change alone, whatever becomes of its neighbours."""


class Applied(NamedTuple):
    """What became of a batch, and the epoch it was stored in; the latter empty where nothing was asked."""

    results: list[Result]
    epoch: str = ""


def changes_apply(*, actor: Actor, changes: Sequence[Change], action: str = PUSH) -> list[Result]:
    """Apply changes and say of each what became of it, in their order.

    Parameters
    ----------
    actor : Actor
        Who writes; his scope and rights decide what is taken.
    changes : sequence of Change
        A change id seen before gets its stored result and is not applied again.
    action : str
        What the audit trail calls it.

    Returns
    -------
    list of Result
    """
    return batch_apply(actor, changes, action).results


def batch_apply(actor: Actor, changes: Sequence[Change], action: str = PUSH) -> Applied:
    """Do as :func:`changes_apply`; say also in which epoch, which was read before anything was stored.

    Where nothing at all goes well, and not for what the changes hold, the hub is at fault: that is raised,
    and the tablet offers them again.
    """
    if not changes:
        return Applied([])
    try:
        return _in_one_transaction(actor, changes, action)
    except Exception as error:
        if _may_pass(error):
            raise
        said = epoch()
        found = _halved(actor, changes, action, error)
        if not any(isinstance(each, (Result, *_OF_ITS_OWN)) for each in found):
            raise
    results = [
        each if isinstance(each, Result) else _keep_unstorable(actor, change, each)
        for change, each in zip(changes, found, strict=True)
    ]
    return Applied(results, said)


def _may_pass(error: Exception) -> bool:
    """Whether another try may go well: a database that is away, locked, full or of another version."""
    if isinstance(error, _OF_ITS_OWN):
        return False
    return isinstance(error, (DatabaseError, InterfaceError, MemoryError, _MovedError, _PostedError))


def _halved(
    actor: Actor, changes: Sequence[Change], action: str, error: Exception
) -> list[Result | Exception]:
    """Apply what can be applied of changes that fail together; give its fault for each that fails alone."""
    if len(changes) == 1:
        logger.error("change %s could not be stored", changes[0].change, exc_info=error)
        return [error]
    found: list[Result | Exception] = []
    middle = len(changes) // 2
    for half in (changes[:middle], changes[middle:]):
        try:
            found += _in_one_transaction(actor, half, action).results
        except Exception as fault:
            if _may_pass(fault):
                raise
            found += _halved(actor, half, action, fault)
    return found


def _in_one_transaction(actor: Actor, changes: Sequence[Change], action: str) -> Applied:
    # A post may end between a request and its repetition; the streams alone would not let one wait.
    alone = (actor.device_key or "") if action == PUSH else ""
    more: set[str] = set()
    for left in reversed(range(_TRIES)):
        grids = _grids_to_lock(actor, changes) | more
        try:
            with transaction.atomic():
                heads, number, said = heads_lock_beside(grids, CITY, alone)
                return Applied(_apply(actor, changes, action, heads, lists_at(number)), said)
        except _MovedError as moved:
            if not left:
                raise
            more = moved.grids
        except _PostedError as posted:
            if not left:
                raise
            posts_follow(grids=sorted(posted.closed))  # the map may be ahead of them
            actor = actor_renewed(actor)
    raise AssertionError


def _grids_to_lock(actor: Actor, changes: Sequence[Change]) -> set[str]:
    """Grids that the batch can touch: a tablet's own; for wide scopes, what a rehearsal touches."""
    if not actor.scope.prefixes:
        return set(actor.scope.grids)
    state = State()
    known = [change for change in changes if _kept(change)]
    state.load_for(known)
    before = {held.grid for held in state.all()}
    now, allowed = utc_now(), lists()
    after = [decide(state, actor, allowed, change, now).held for change in known]
    return before | {held.grid for held in after if held is not None}


def _kept(change: Change) -> bool:
    return is_kept(change.kind)


def _apply(
    actor: Actor, changes: Sequence[Change], action: str, heads: dict[str, int], allowed: Lists
) -> list[Result]:
    """Apply changes whose streams' ``heads`` are locked."""
    now = utc_now()
    known = answers(actor, changes)
    state = State()
    state.load_for([change for change in changes if _kept(change) and change.key not in known])
    outcomes: dict[int, Outcome] = {}
    results: list[Result] = []
    for place, change in enumerate(changes):
        if change.key in known:
            results.append(known[change.key])
            continue
        outcome = _decide(state, actor, allowed, change, now)
        outcomes[place] = outcome
        result = _result(change, outcome)
        known[change.key] = result
        results.append(result)
    if action == PUSH:
        _posts_check(actor, outcomes.values())
    duplicates_flag(state, list(outcomes.values()))
    children_follow(state, outcomes.values())
    for place, outcome in outcomes.items():
        outcome.whole = outcome.whole or not _as_offered(changes[place], outcome)
    touched = {grid for held in state.dirty() for grid in (held.grid, held.was or held.grid)}
    if not touched <= heads.keys():
        raise _MovedError(touched)
    _write(actor, changes, outcomes, state, heads, now, action)
    for place, outcome in outcomes.items():
        if outcome.held is not None:
            results[place].grid = outcome.held.grid
            results[place].record = outcome.held.record() if outcome.whole else None
    return results


def _posts_check(actor: Actor, outcomes: Iterable[Outcome]) -> None:
    """Refuse nothing for its place by posts from before the map was changed."""
    if actor.device_id is None or not any(each.code == "scope" for one in outcomes for each in one.errors):
        return
    closed = actor_renewed(actor).closed
    if (closed - actor.closed) & actor.scope.grids:
        raise _PostedError(closed)


def _decide(state: State, actor: Actor, allowed: Lists, change: Change, now: str) -> Outcome:
    if not _kept(change):
        return rejected(Problem("kind", "unknown_kind", f"没有“{change.kind[:32]}”这种记录"))
    return decide(state, actor, allowed, change, now)


def _result(change: Change, outcome: Outcome) -> Result:
    return Result(change.change, outcome.status, outcome.version, outcome.errors)


def _as_offered(change: Change, outcome: Outcome) -> bool:
    """Whether the hub stored what the writer offered and nothing beside it."""
    offered, applied = change.set, outcome.applied
    return change.delete or offered == applied or all(offered.get(name) == applied[name] for name in applied)


def _write(
    actor: Actor,
    changes: Sequence[Change],
    outcomes: dict[int, Outcome],
    state: State,
    heads: dict[str, int],
    now: str,
    action: str,
) -> None:
    dirty = state.dirty()
    answered = actor.device_id if action == PUSH else None
    told = _told(outcomes.values()) if answered is not None else {}
    items = []
    for held in dirty:
        by = answered if told.get(held.id) == held.version else None
        if held.was is not None and held.was != held.grid:
            items.append(Item(held.was, held.kind.name, held.id, held.version, "moved", by))
        gone = "deleted" if held.deleted else ""
        items.append(Item(held.grid, held.kind.name, held.id, held.version, gone, by))
    with together():
        rows_write(dirty, now)
        trail_write(actor, [(changes[place], outcome) for place, outcome in outcomes.items()])
        uses_note(outcomes.values())
        feed_append(heads, items, by=str(answered or ""))
    if outcomes:
        chain = min(heads, default=CITY)
        subjects = [change.record for place, change in enumerate(changes) if place in outcomes]
        audit_append(
            actor=actor, action=action, subjects=subjects, scope=chain, count=len(outcomes), chain=chain
        )


def _told(outcomes: Iterable[Outcome]) -> dict[str, int | None]:
    """Give the records that the answers tell of, with the versions they name."""
    return {outcome.held.id: outcome.version for outcome in outcomes if outcome.held is not None}


def _keep_unstorable(actor: Actor, change: Change, error: Exception) -> Result:
    outcome = rejected(Problem("", "hub", f"平台未能保存，已留在收件箱（{type(error).__name__}）"))
    with transaction.atomic():
        known = answers(actor, [change])
        if change.key in known:
            return known[change.key]
        trail_write(actor, [(change, outcome)])
    return _result(change, outcome)
