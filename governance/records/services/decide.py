"""What becomes of one change: created, updated, merged, identical, contested or rejected.

Nothing is written here; the outcome is applied to the batch's state and recorded by
:mod:`governance.records.services.apply`.
"""

from dataclasses import dataclass, field

from governance.access.actor import Actor
from governance.contract import KINDS, Change, Kind, Owner, Problem, Status, check
from governance.contract.fields import Field
from governance.contract.kind import Values
from governance.records.codes import Lists
from governance.records.models import is_kept
from governance.records.origins import Origin, origin_make, origin_of, origins_stamp
from governance.records.rows import Held
from governance.records.services.ending import closing_refused, withdrawing_refused
from governance.records.services.file_lists import Joined, lists_join
from governance.records.services.place import grid_find, point_convert
from governance.records.services.state import State, is_id
from governance.records.veil import veiled

VERIFIED = "3"
"""Code of list ``verification`` for a record checked at the door (已核实)."""

_OWN_EYES = frozenset({Owner.WORKER.value, Owner.RESIDENT.value})


@dataclass(slots=True)
class Contest:
    """A value that goes to review: ``reason`` is ``source`` or ``clash``."""

    field: str
    offered: object
    held: object
    reason: str


@dataclass(slots=True)
class Outcome:
    """Status, what was set and what it replaced, what went to review, and why.

    ``version`` and ``grid`` are the record's right after this change; later ones of the same
    batch may move ``held`` on. Where nothing was taken ``grid`` is where it lies or would have lain.
    """

    status: Status
    errors: list[Problem] = field(default_factory=list)
    held: Held | None = None
    applied: dict[str, object] = field(default_factory=dict)
    before: dict[str, object] = field(default_factory=dict)
    contests: list[Contest] = field(default_factory=list)
    whole: bool = False
    moved_from: str | None = None
    version: int | None = None
    grid: str = ""


def rejected(*problems: Problem, grid: str = "") -> Outcome:
    """Give the outcome of a change of which nothing is taken; ``grid`` is where it would have lain."""
    return Outcome(Status.REJECTED, list(problems), grid=grid)


def decide(state: State, actor: Actor, lists: Lists, change: Change, now: str) -> Outcome:
    """Decide one change against the state and, where it is taken, change the state.

    Parameters
    ----------
    state : State
    actor : Actor
    lists : Lists
        Code book and switches.
    change : Change
        Of a kind that the contract knows.
    now : str
        UTC time at the hub.
    """
    kind = KINDS[change.kind]
    held = state.get(kind.name, change.record)
    refusal = _refusal(state, actor, kind, change, held)
    if refusal is not None:
        outcome = rejected(refusal)
    elif held is None:
        outcome = _create(state, actor, lists, change, now)
    elif change.delete:
        outcome = _withdraw(state, held)
    else:
        outcome = _update(state, actor, lists, change, held, now)
    if outcome.held is not None:
        outcome.version, outcome.grid = outcome.held.version, outcome.held.grid
    elif not outcome.grid:
        outcome.grid = held.grid if held is not None else _kept_grid(state, kind, change)
    if held is None and outcome.held is None and any(each.code == "scope" for each in outcome.errors):
        state.keep(change.record, outcome.grid)
    return outcome


def _kept_grid(state: State, kind: Kind, change: Change) -> str:
    """Give the grid in whose inbox a change of a record that is not there is looked for; or nothing.

    It is the one that the refused new record waits in, or that of what it refers to.
    """
    if change.base is not None or change.delete:
        return state.kept_in(change.record)
    for item in kind.references:
        value = change.set.get(item.name)
        if isinstance(value, str) and is_id(value):
            parent = state.get(item.target or "", value)
            grid = parent.grid if parent is not None else state.kept_in(value)
            if grid:
                return grid
    return ""


def _refusal(state: State, actor: Actor, kind: Kind, change: Change, held: Held | None) -> Problem | None:
    if not actor.may_write(kind.name):
        return Problem("", "right", f"没有登记“{kind.label}”的权限")
    if held is None:
        if change.base is not None or change.delete:
            if state.kept_in(change.record):
                return Problem("", "scope", f"这条{kind.label}记录也在收件箱，待处理")
            return Problem("", "missing", f"平台上没有这条{kind.label}记录")
        if not kind.writable and not actor.by_hub:
            return Problem("", "right", f"{kind.label}由平台产生，不能新增")
        return None
    if veiled(actor, kind, held.values):
        return Problem("", "missing", f"平台上没有这条{kind.label}记录")
    if not actor.scope.covers(held.grid):
        return Problem("", "scope", f"这条{kind.label}记录不在您的网格内")
    if held.deleted:
        return Problem("", "closed", "这条记录已作为误录作废")
    if change.base is not None and change.base > held.version:
        return Problem("", "base_future", f"依据的版本{change.base}比平台的{held.version}还新")
    return None


def _create(state: State, actor: Actor, lists: Lists, change: Change, now: str) -> Outcome:
    kind = KINDS[change.kind]
    checked = check(
        kind,
        change.set,
        lists.book,
        switched_on=lists.switched_on,
        by_hub=actor.by_hub,
        sound=state.sound[kind.name],
    )
    problems = checked.problems or _references(state, actor, kind, checked.values)
    if problems:
        return rejected(*problems)
    values = checked.values
    if None in values.values():
        values = {name: value for name, value in values.items() if value is not None}
    named = values.pop("grid", None)
    point_convert(values)
    grid = grid_find(state, kind, values, named=str(named) if named else None, held=None)
    problem = _outside(actor, kind, grid)
    if problem is not None:
        return rejected(problem, grid="" if isinstance(grid, Problem) else grid)
    verified = values.get("verification") == VERIFIED
    held = Held(
        kind,
        change.record,
        str(grid),
        1,
        values,
        [origin_make(actor, 1, now, verified=verified)],
        dirty=True,
    )
    state.add(held)
    # A copy: what a later change of the batch does to the record is no part of this one's history.
    return Outcome(Status.CREATED, held=held, applied=dict(values))


def _outside(actor: Actor, kind: Kind, grid: str | Problem) -> Problem | None:
    if isinstance(grid, Problem):
        return grid
    if not actor.scope.covers(grid):
        point = "lon" if kind.located else kind.anchor or ""
        return Problem(point, "scope", f"落在网格{grid}，不是您的网格")
    return None


def _references(state: State, actor: Actor, kind: Kind, values: dict[str, object]) -> list[Problem]:
    problems = []
    for item in kind.references:
        value = values.get(item.name)
        if value is None:
            continue
        found = state.get(item.target or "", str(value))
        label = KINDS[item.target or ""].label
        if found is None and state.kept_in(str(value)):
            problems.append(Problem(item.name, "scope", f"{item.label}：这条{label}记录也在收件箱，待处理"))
        elif found is None:
            problems.append(Problem(item.name, "reference", f"{item.label}：没有这条{label}记录"))
        elif not actor.scope.covers(found.grid):
            problems.append(Problem(item.name, "scope", f"{item.label}：这条{label}记录不在您的网格内"))
        elif not found.open and not (actor.by_hub or item.past):
            problems.append(Problem(item.name, "closed", f"{item.label}：这条{label}记录已注销"))
    return problems


def _withdraw(state: State, held: Held) -> Outcome:
    if reason := withdrawing_refused(held.kind.name, state.children(held)):
        return rejected(Problem("", "state", reason))
    held.deleted = held.dirty = True
    held.version += 1
    return Outcome(Status.UPDATED, held=held)


def _update(state: State, actor: Actor, lists: Lists, change: Change, held: Held, now: str) -> Outcome:
    kind = held.kind
    checked = check(
        kind,
        change.set,
        lists.book,
        current=_whole(held),
        switched_on=lists.switched_on,
        by_hub=actor.by_hub,
        sound=state.sound[kind.name],
    )
    if checked.problems:
        return rejected(*checked.problems)
    point_convert(checked.values)
    named = checked.values.pop("grid", None)
    joined = lists_join(change, held, checked.values) if kind.files and not actor.by_hub else Joined()
    differing = {f: v for f, v in checked.values.items() if held.values.get(f) != v}
    stale = change.base is None or change.base < held.version
    if not differing and named in (None, held.grid):
        return Outcome(Status.IDENTICAL, held=held, whole=stale or joined.altered)
    taken, contests = _divide(actor, change, held, differing, joined)
    problems = _against_whole(state, actor, held, taken, contests) or _against_step(state, actor, held, taken)
    if problems:
        return rejected(*problems)
    grid = _grid_after(state, held, taken, str(named) if named else None)
    problem = _outside(actor, kind, grid)
    if problem is not None:
        return rejected(problem)
    return _take(actor, held, str(grid), taken, contests, stale, now)


def _grid_after(state: State, held: Held, taken: dict[str, object], named: str | None) -> str | Problem:
    """Give the record's grid after a change; what says nothing of its place leaves it where it is."""
    kind = held.kind
    placing = {"lon", "lat"} if kind.anchor is None else {item.name for item in kind.references}
    if named in (None, held.grid) and not placing & taken.keys():
        return held.grid
    return grid_find(state, kind, {**held.values, **taken}, named=named, held=held.grid)


def _whole(held: Held) -> dict[str, object]:
    """Give the record as the contract's rules see it: with its grid where the kind names one."""
    return {**held.values, "grid": held.grid} if "grid" in held.kind.by_name else held.values


def _divide(
    actor: Actor, change: Change, held: Held, differing: dict[str, object], joined: Joined
) -> tuple[dict[str, object], list[Contest]]:
    """Part the offered values into those that apply and those that go to review."""
    taken: dict[str, object] = {}
    contests: list[Contest] = []
    for name, value in differing.items():
        item = held.kind.by_name[name]
        # A worker cannot offer what the hub keeps: such a value follows from what he did offer.
        follows = item.owner is Owner.HUB
        sure = actor.by_hub or follows or name in joined.taken
        reason = None if sure else _contest(actor, change, held, item)
        if name in joined.full:
            reason = "clash"
        if reason is None:
            taken[name] = value
        else:
            contests.append(Contest(name, value, held.values.get(name), reason))
    lost = {contest.field for contest in contests}
    if lost & set(held.kind.report):
        for name in [name for name in held.kind.report if name in taken]:
            contests.append(Contest(name, taken.pop(name), held.values.get(name), "clash"))
        lost |= set(held.kind.report)
    for name in list(taken):  # What was derived from a value under review waits with it.
        source = held.kind.by_name[name].derived_from
        if source in lost and name not in change.set:
            del taken[name]
    return taken, contests


def _contest(actor: Actor, change: Change, held: Held, item: Field) -> str | None:
    """Say why a value may not overwrite the held one; see 一数一源 in docs/architecture.md."""
    if held.values.get(item.name) is None and item.name not in _stamped(held):
        return None
    origin = origin_of(held.origins, item.name)
    source = origin.get("s", "")
    if source == item.owner.value and source not in _OWN_EYES and actor.source != source:
        return "source"
    if origin.get("v", 0) > (change.base or 0):
        return "clash" if item.name in change.overtaken or not _same_writer(actor, origin) else None
    return None


def _same_writer(actor: Actor, origin: Origin) -> bool:
    return origin.get("u") == actor.user_id and origin.get("d") == actor.device_key


def _stamped(held: Held) -> set[str]:
    return {name for origin in held.origins[1:] for name in origin["f"]}


def _against_whole(
    state: State, actor: Actor, held: Held, taken: dict[str, object], contests: list[Contest]
) -> list[Problem]:
    problems = _references(state, actor, held.kind, taken)
    if contests:
        whole = {**_whole(held), **taken}
        problems += [problem for rule in held.kind.rules for problem in rule(whole)]
    reason = closing_refused(state.children(held)) if taken.get("closed_on") is not None else ""
    if reason:
        problems.append(Problem("closed_on", "state", reason))
    return problems


def _against_step(state: State, actor: Actor, held: Held, taken: dict[str, object]) -> list[Problem]:
    """Say what the kind has against the way from the record as it is to what it would be."""
    step = held.kind.step
    if step is None or actor.by_hub or not taken:
        return []

    def lookup(kind: str, id_: str) -> tuple[Kind, Values] | None:
        near = state.get(kind, id_) if is_id(id_) and is_kept(kind) else None
        return (near.kind, near.values) if near is not None else None

    return list(step(held.values, {**held.values, **taken}, lookup))


def _take(
    actor: Actor,
    held: Held,
    grid: str,
    taken: dict[str, object],
    contests: list[Contest],
    stale: bool,
    now: str,
) -> Outcome:
    outcome = Outcome(Status.CONTESTED if contests else Status.MERGED if stale else Status.UPDATED, held=held)
    outcome.contests = contests
    outcome.errors = [_review(held, contest) for contest in contests]
    outcome.whole = stale or bool(contests)
    if taken or grid != held.grid:
        outcome.applied = taken
        outcome.before = {name: held.values.get(name) for name in taken}
        held.version += 1
        verified = {**held.values, **taken}.get("verification") == VERIFIED
        origin = origin_make(actor, held.version, now, verified=verified)
        held.origins = origins_stamp(held.origins, taken, origin)
        for name, value in taken.items():
            if value is None:
                held.values.pop(name, None)
            else:
                held.values[name] = value
        held.dirty = True
        if grid != held.grid:
            outcome.moved_from, held.grid = held.grid, grid
    return outcome


def _review(held: Held, contest: Contest) -> Problem:
    label = held.kind.by_name[contest.field].label
    if contest.reason == "source":
        return Problem(contest.field, "source", f"{label}：现有值来自主管部门，您报的值已送核")
    return Problem(contest.field, "clash", f"{label}：期间已有他人改过，您报的值已送核")
