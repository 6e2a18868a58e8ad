"""Conditions asked of plain dictionaries, record by record: the second opinion the SQL is held against."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from governance.contract import Kind
from governance.rules import grammar as g
from governance.rules.relations import related, resolve, walk

Record = dict[str, Any]
Held = dict[str, dict[str, Record]]
"""Kind to id to record; a record has ``id``, ``grid`` and its values in JSON form."""


def holds(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    """Say whether a condition holds of a record."""
    return bool(_ASK[type(node)](node, kind, record, held, day))


def value_of(path: str, kind: Kind, record: Record, held: Held) -> Any:
    """Give what a path leads to."""
    end = resolve(kind, path)
    assert end is not None, path
    for step in end.steps:
        above = held[step.target or ""].get(record.get(step.name) or "")
        if above is None:
            return None
        record = above
    return record.get(end.field.name)


def day_of(value: Any) -> date | None:
    """Give the Asia/Shanghai day of a date or moment in JSON form."""
    if value is None:
        return None
    if len(value) == 10:
        return date.fromisoformat(value)
    return (datetime.fromisoformat(value) + timedelta(hours=8)).date()


def full(begun: date, n: int, unit: g.Unit) -> date:
    """Count on day by day or month by month, the slow way."""
    if unit in (g.Unit.DAYS, g.Unit.WEEKS):
        return begun + timedelta(days=n * (7 if unit is g.Unit.WEEKS else 1))
    months = n * (12 if unit is g.Unit.YEARS else 1)
    year, month = begun.year + (begun.month - 1 + months) // 12, (begun.month - 1 + months) % 12 + 1
    try:
        return date(year, month, begun.day)
    except ValueError:
        return date(year, month, 28).replace(day=28) + timedelta(days=_to_next(year, month))


def _to_next(year: int, month: int) -> int:
    day, away = date(year, month, 28), 0
    while day.month == month:
        day, away = day + timedelta(days=1), away + 1
    return away


def related_to(node: Any, kind: Kind, record: Record, held: Held, day: date) -> list[Record]:
    """Give the related records that count."""
    walked = walk(kind, node.base)
    assert walked is not None
    base: Record | None = record
    for step in walked[0]:
        base = held[step.target or ""].get((base or {}).get(step.name) or "")
    other = related(walked[1], node.relation)
    assert other is not None
    if base is None:
        return []
    back = node.relation.partition(".")[2]
    mine = base["id"] if back != "grid" else record["grid"]
    found = [each for each in held.get(other.name, {}).values() if each.get(back) == mine]
    past = other.name in ("visit", "event", "task")
    found = [each for each in found if past or each.get("closed_on") is None]
    return [each for each in found if node.where is None or holds(node.where, other, each, held, day)]


def _between(value: Any, low: Any, high: Any) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _age(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    begun = day_of(value_of(node.field, kind, record, held))
    if begun is None:
        return False
    reached = node.least is None or full(begun, node.least, node.unit) <= day
    return reached and (node.below is None or full(begun, node.below, node.unit) > day)


def _day(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    first = None if node.first is None else full(day, node.first, node.unit)
    last = None if node.last is None else full(day, node.last, node.unit)
    return _between(day_of(value_of(node.field, kind, record, held)), first, last)


def _code(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    value = value_of(node.field, kind, record, held)
    return bool(set(node.codes) & set(value if isinstance(value, list) else [value]))


def _area(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    value = value_of(node.field, kind, record, held)
    return value is not None and any(value.startswith(prefix) for prefix in node.prefixes)


def _count(node: Any, kind: Kind, record: Record, held: Held, day: date) -> bool:
    return _between(len(related_to(node, kind, record, held, day)), node.least, node.most)


_ASK: dict[type, Callable[..., bool]] = {
    g.All: lambda node, *rest: all(holds(each, *rest) for each in node.of),
    g.Any: lambda node, *rest: any(holds(each, *rest) for each in node.of),
    g.Not: lambda node, *rest: not holds(node.of, *rest),
    g.Age: _age,
    g.Day: _day,
    g.Between: lambda node, kind, record, held, day: _between(
        day_of(value_of(node.field, kind, record, held)), node.first, node.last
    ),
    g.Code: _code,
    g.Number: lambda node, kind, record, held, day: _between(
        value_of(node.field, kind, record, held), node.least, node.most
    ),
    g.Flag: lambda node, kind, record, held, day: value_of(node.field, kind, record, held) is node.value,
    g.Present: lambda node, kind, record, held, day: (
        value_of(node.field, kind, record, held) not in (None, [])
    ),
    g.Area: _area,
    g.Count: _count,
}

assert set(_ASK) == set(g.CONDITIONS.values())
