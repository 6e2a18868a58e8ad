"""Conditions as SQL: set-based, alike on both databases, with every value bound as a parameter.

A missing value makes a comparison unknown, which SQL treats as not holding; :class:`grammar.Not` holds where
its condition does not, unknown included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import count
from typing import Any as AnyNode

from django.db import connection

from governance.contract import Field, Type
from governance.rules import grammar as g
from governance.rules.frames import Frame, Sql, counted_by, is_indexed_with, joined, linked, live
from governance.rules.pools import Pools
from governance.rules.relations import NEAR
from governance.rules.terms import add, latest
from gridmap.selectors import code_range

_DAY = timedelta(days=1)
_SHANGHAI = timezone(timedelta(hours=8))
ALWAYS = Sql("1 = 1")
NEVER = Sql("1 = 0")
_LISTS = frozenset({Type.CODES, Type.FILES})


@dataclass(slots=True)
class Asked:
    """What a condition is asked for: the day, and the occasion's own day where it is one for all.

    With ``pools`` related records are counted for everybody at once, not subject by subject.
    """

    day: date
    moment: date | None = None
    numbers: "count[int]" = field(default_factory=count)
    pools: Pools | None = None

    def alias(self) -> str:
        """Give an alias that no other table has."""
        return f"x{next(self.numbers)}"


def condition_sql(node: g.Condition, frame: Frame, asked: Asked) -> Sql:
    """Compile a condition on the frame's records; joins are noted in the frame."""
    return _COMPILE[type(node)](node, frame, asked)


def dates_within(frame: Frame, path: str, first: date | None, last: date | None) -> Sql:
    """Give the condition that a date or moment lies between two days, both included."""
    return _dates(*frame.column(path), first, last)


def _dates(column: str, item: Field, first: date | None, last: date | None) -> Sql:
    low = date_bound(first, item.type)
    high = date_bound(last + _DAY if item.type is Type.MOMENT and last else last, item.type)
    parts = []
    if low is not None:
        parts.append(Sql(f"{column} >= {low.text}", low.values))
    if high is not None:
        sign = "<" if item.type is Type.MOMENT else "<="
        parts.append(Sql(f"{column} {sign} {high.text}", high.values))
    return joined(parts, " AND ") if parts else Sql(f"{column} IS NOT NULL")


def date_bound(day: date | None, type_: Type) -> Sql | None:
    """Give a day as a bound parameter; of moments its first second, in UTC."""
    if day is None:
        return None
    postgres = connection.vendor == "postgresql"
    if type_ is not Type.MOMENT:
        return Sql("%s::date" if postgres else "%s", (day.isoformat(),))
    start = datetime.combine(day, time(), _SHANGHAI).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Sql("%s::timestamptz", (f"{start}+00",)) if postgres else Sql("%s", (start,))


def as_day(column: str, type_: Type) -> str:
    """Give the SQL of the Asia/Shanghai day of a date or moment."""
    if type_ is not Type.MOMENT:
        return column
    if connection.vendor == "postgresql":
        return f"({column} AT TIME ZONE INTERVAL '8 hours')::date"
    return f"date({column}, '+8 hours')"


def _all(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    rest = list(node.of)
    parts = []
    for counts in _countable(node.of) if asked.pools is not None else ():
        rest = [each for each in rest if each not in counts]
        parts.append(_counted(counts, node.of, frame, asked))
    parts = [condition_sql(each, frame, asked) for each in sorted(rest, key=_cost)] + parts
    return _bracketed(parts, " AND ") if parts else ALWAYS


def _any(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    parts = [condition_sql(each, frame, asked) for each in sorted(node.of, key=_cost)]
    return _bracketed(parts, " OR ") if parts else NEVER


def _bracketed(parts: list[Sql], by: str) -> Sql:
    return joined([Sql(f"({part.text})", part.values) for part in parts], by)


def _cost(node: g.Condition) -> int:
    """Give a rank by which what costs the database more is asked last."""
    inner = getattr(node, "of", ())
    parts = inner if isinstance(inner, tuple) else (inner,)
    own = 0 if not isinstance(node, g.Count) else 1 if _is_existence(node) else 2
    return max([own, *(_cost(part) for part in parts)])


def _is_existence(node: g.Count) -> bool:
    """Whether the first related record answers a count."""
    return node.most == 0 or (node.least == 1 and node.most is None)


def _not(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    inner = condition_sql(node.of, frame, asked)
    return Sql(f"({inner.text}) IS NOT TRUE", inner.values)


def _age(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    return _aged(node, *frame.column(node.field), asked)


def _aged(node: g.Age, column: str, item: Field, asked: Asked) -> Sql:
    last = None if node.least is None else latest(asked.day, node.least, node.unit)
    first = None if node.below is None else latest(asked.day, node.below, node.unit) + _DAY
    return _dates(column, item, first, last)


def _day(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    base = asked.day if node.base is g.Base.TODAY or asked.moment is None else asked.moment
    first = None if node.first is None else add(base, node.first, node.unit)
    last = None if node.last is None else add(base, node.last, node.unit)
    return dates_within(frame, node.field, first, last)


def _between(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    return dates_within(frame, node.field, node.first, node.last)


def _code(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    column, item = frame.column(node.field)
    marks = ", ".join(["%s"] * len(node.codes))
    if not node.codes:
        return NEVER
    if item.type is not Type.CODES:
        return Sql(f"{column} IN ({marks})", node.codes)
    if connection.vendor == "postgresql":
        return Sql(f"jsonb_exists_any({column}, ARRAY[{marks}]::text[])", node.codes)
    return Sql(f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({marks}))", node.codes)


def _number(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    column, _ = frame.column(node.field)
    return _within(Sql(column), node.least, node.most)


def _flag(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    column, _ = frame.column(node.field)
    return Sql(f"{column} IS {'TRUE' if node.value else 'FALSE'}")


def _present(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    column, item = frame.column(node.field)
    if item.type in _LISTS:
        return Sql(f"CAST({column} AS text) <> '[]'")
    return Sql(f"{column} IS NOT NULL")


def _area(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    column, item = frame.column(node.field)
    parts = []
    for prefix in node.prefixes:
        if item.type is Type.GRID:
            parts.append(Sql(f"{column} BETWEEN %s AND %s", code_range(prefix)))
        else:
            parts.append(Sql(f"substr({column}, 1, {len(prefix)}) = %s", (prefix,)))
    return _bracketed(parts, " OR ") if parts else NEVER


def _count(node: AnyNode, frame: Frame, asked: Asked) -> Sql:
    least, most = node.least or 0, node.most
    if least == 0 and most is None:
        return ALWAYS
    what = "1" if _is_existence(node) else "count(*)"
    rows = related_sql(frame, node.relation, node.base, node.where, asked, Sql(what))
    if most == 0:
        return Sql(f"NOT EXISTS ({rows.text})", rows.values)
    if what == "1":
        return Sql(f"EXISTS ({rows.text})", rows.values)
    return _within(Sql(f"({rows.text})", rows.values), least or None, most)


def counts_related(node: g.Condition) -> bool:
    """Whether a condition has counts that a pool tells."""
    return isinstance(node, g.All) and (
        bool(_countable(node.of)) or any(counts_related(each) for each in node.of)
    )


def _countable(nodes: Sequence[g.Condition]) -> list[list[g.Count]]:
    """Give the conditions that count the same related records, of which there must be some."""
    found: dict[tuple[str, str], list[g.Count]] = {}
    for node in nodes:
        if isinstance(node, g.Count) and node.relation not in NEAR:
            found.setdefault((node.relation, node.base), []).append(node)
    return [counts for counts in found.values() if any(each.least for each in counts)]


def _counted(counts: Sequence[g.Count], beside: Sequence[g.Condition], frame: Frame, asked: Asked) -> Sql:
    """Ask for several numbers of the same related records in the pass over those."""
    assert asked.pools is not None
    key, other, back = counted_by(frame, counts[0].relation, counts[0].base)
    pool = asked.pools.of(other, back)
    alone = replace(asked, pools=None)
    parts = []
    for node in counts:
        such = condition_sql(node.where, pool.frame, alone) if node.where is not None else None
        parts.append(_within(_number_of(such), node.least or None, node.most))
    if other is frame.kind and key == f'{frame.alias}."{back}"':
        # The subject is one of those counted, so of these somebody has the age that it must have.
        own = [
            each for each in beside if isinstance(each, g.Age) and is_indexed_with(other, back, each.field)
        ]
        single = any(node.where is None and node.least == node.most == 1 for node in counts)
        parts += [_one_aged(each, pool.frame, alone, single=single) for each in own]
    return pool.holds(key, _bracketed(parts, " AND "))


def _one_aged(node: g.Age, frame: Frame, asked: Asked, *, single: bool) -> Sql:
    """Give the condition that one of a group has an age; the first date of a ``single`` one is its only."""
    column, item = frame.column(node.field)
    if single:
        return _aged(node, f"min({column})", item, asked)
    return _within(_number_of(_aged(node, column, item, asked)), 1, None)


def _number_of(such: Sql | None) -> Sql:
    return Sql(f"count(*) FILTER (WHERE {such.text})", such.values) if such else Sql("count(*)")


def related_sql(
    frame: Frame, relation: str, base: str, where: g.Condition | None, asked: Asked, what: Sql
) -> Sql:
    """Give the query for the records related to the frame's; ``what`` may name their alias ``{alias}``."""
    alias = asked.alias()
    other, tie = linked(frame, relation, base, alias)
    inner = Frame(other, alias)
    such = condition_sql(where, inner, asked) if where is not None else ALWAYS
    wanted = what.text.format(alias=alias)
    return Sql(
        f"SELECT {wanted} FROM {inner.source} WHERE {tie} AND {live(other, alias)} AND ({such.text})",
        (*what.values, *such.values),
    )


def _within(value: Sql, least: float | None, most: float | None) -> Sql:
    if least is not None and least == most:
        return Sql(f"{value.text} = %s", (*value.values, least))
    bounds = [(f"{value.text} >= %s", least), (f"{value.text} <= %s", most)]
    parts = [Sql(text, (*value.values, bound)) for text, bound in bounds if bound is not None]
    return joined(parts, " AND ") if parts else Sql(f"{value.text} IS NOT NULL", value.values)


_COMPILE: dict[type, Callable[[AnyNode, Frame, Asked], Sql]] = {
    g.All: _all,
    g.Any: _any,
    g.Not: _not,
    g.Age: _age,
    g.Day: _day,
    g.Between: _between,
    g.Code: _code,
    g.Number: _number,
    g.Flag: _flag,
    g.Present: _present,
    g.Area: _area,
    g.Count: _count,
}
