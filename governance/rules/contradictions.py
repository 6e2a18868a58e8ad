"""Rules that can never hold: conditions of which each excludes another, told before the database is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from governance.contract import KINDS, Kind, Problem, Type
from governance.rules import grammar as g
from governance.rules.relations import resolve
from governance.rules.wording import label_of

_DAYS = {g.Unit.DAYS: 1.0, g.Unit.WEEKS: 7.0, g.Unit.MONTHS: 30.44, g.Unit.YEARS: 365.25}
_SLACK = 3.0
"""Days within which months and years of different length are not told apart."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that must hold: of what, between which bounds or among which values."""

    about: tuple[object, ...]
    low: float = -inf
    high: float = inf
    values: frozenset[object] | None = None


def contradictions(body: g.Body) -> Iterator[Problem]:
    """Say where a rule's conditions exclude each other, its moment and what settles it included."""
    kind = KINDS[body.subject]
    beside = list(_moment_said(body))
    reason = _never(body.who, kind, beside)
    if reason:
        yield Problem("who", "never", f"条件相互矛盾，永远不会成立：{reason}")
    if body.settled is not None and body.settled == body.who:
        yield Problem("settled", "never", "“无需办理”与条件相同，永远不会产生任务")


def never_holds(node: g.Condition, kind: Kind) -> str:
    """Give in Chinese why a condition on a kind's records can never hold; empty where it can."""
    return _never(node, kind, [])


def _moment_said(body: g.Body) -> Iterator[_Said]:
    """Give what the moment says of the age on the days on which the occasion is open."""
    moment, window = body.moment, body.window
    if not isinstance(moment, g.Milestone) or not moment.numbers:
        return
    if window.expires is not None and moment.unit in _DAYS:
        unit = _DAYS[moment.unit]
        slack = _SLACK + 15
        low = min(moment.numbers) * unit + _span(window.opens) - slack
        high = max(moment.numbers) * unit + _span(window.expires) + slack
        yield _Said(("age", moment.field), low, high)


def _span(term: g.Term) -> float:
    return term.n * _DAYS.get(term.unit, 1.6)


def _never(node: g.Condition, kind: Kind, beside: list[_Said]) -> str:
    """Give in Chinese why a condition cannot hold beside what is said already; empty where it can."""
    if isinstance(node, g.Any):
        reasons = [_never(each, kind, beside) for each in node.of]
        return reasons[0] if reasons and all(reasons) else ""
    if isinstance(node, g.All):
        parts = list(_flat(node))
        said = [*beside, *(each for part in parts for each in _said(part, kind))]
        opposed = next((part for part in parts if isinstance(part, g.Not) and part.of in parts), None)
        if opposed is not None:
            return "同一条件既要求成立又要求不成立"
        wider = (_never(part, kind, said) for part in parts if isinstance(part, g.Any))
        return _clash(said, kind) or next((reason for reason in wider if reason), "")
    if isinstance(node, g.Not) and node.of == g.All():
        return "“不限”的反面不会成立"
    return _clash([*beside, *_said(node, kind)], kind)


def _flat(node: g.All) -> Iterator[g.Condition]:
    for each in node.of:
        if isinstance(each, g.All):
            yield from _flat(each)
        else:
            yield each


def _clash(said: list[_Said], kind: Kind) -> str:
    by_subject: dict[tuple[object, ...], list[_Said]] = {}
    for each in said:
        by_subject.setdefault(each.about, []).append(each)
    for about, parts in by_subject.items():
        if max(part.low for part in parts) > min(part.high for part in parts):
            return _named(about, kind)
        sets = [part.values for part in parts if part.values is not None]
        if sets and not frozenset.intersection(*sets):
            return _named(about, kind)
    return ""


def _named(about: tuple[object, ...], kind: Kind) -> str:
    return label_of(kind, str(about[1])) if about[0] != "count" else "数量"


def _said(node: g.Condition, kind: Kind) -> Iterator[_Said]:
    if isinstance(node, g.Not):
        yield from _denied(node.of)
        return
    yield from _bounds(node)
    if isinstance(node, g.Code) and not _of_many(node, kind):
        yield _Said(("value", node.field), values=frozenset(node.codes))
    elif isinstance(node, g.Flag):
        yield _Said(("value", node.field), values=frozenset({node.value}))
    if isinstance(node, g.Age | g.Day | g.Between | g.Code | g.Number | g.Flag | g.Present | g.Area):
        yield _Said(("present", node.field), values=frozenset({True}))


def _of_many(node: g.Code, kind: Kind) -> bool:
    """Whether a field holds several codes at once, so that one of these and one of those may both be held."""
    end = resolve(kind, node.field)
    return end is not None and end.field.type is Type.CODES


def _denied(node: g.Condition) -> Iterator[_Said]:
    if isinstance(node, g.Present):
        yield _Said(("present", node.field), values=frozenset({False}))


def _bounds(node: g.Condition) -> Iterator[_Said]:
    if isinstance(node, g.Age) and node.unit in _DAYS:
        unit, slack = _DAYS[node.unit], _SLACK if node.unit in (g.Unit.MONTHS, g.Unit.YEARS) else 0.0
        low = -inf if node.least is None else float(node.least)
        high = inf if node.below is None else float(node.below) - 1
        yield _Said(("full", node.field, node.unit), low, high)
        yield _Said(("age", node.field), low * unit - slack, (high + 1) * unit - 1 + slack)
    elif isinstance(node, g.Day) and node.base is g.Base.TODAY and node.unit in _DAYS:
        unit = _DAYS[node.unit]
        low = -inf if node.last is None else -node.last * unit - _SLACK
        high = inf if node.first is None else -node.first * unit + _SLACK
        yield _Said(("age", node.field), low, high)
    elif isinstance(node, g.Between):
        low = -inf if node.first is None else float(node.first.toordinal())
        high = inf if node.last is None else float(node.last.toordinal())
        yield _Said(("between", node.field), low, high)
    elif isinstance(node, g.Number | g.Count):
        about = ("number", node.field) if isinstance(node, g.Number) else ("count", *_related(node))
        low = -inf if node.least is None else float(node.least)
        yield _Said(about, low, inf if node.most is None else float(node.most))


def _related(node: g.Count) -> tuple[object, ...]:
    return (node.relation, node.base, node.where)
