"""What is wrong with a condition: missing fields, retired codes, bounds that nothing can meet."""

import re
from collections.abc import Callable, Iterator
from typing import Any as AnyNode

from governance.contract import CodeBook, Kind, Problem, Type
from governance.rules import grammar as g
from governance.rules.relations import related, resolve, walk
from governance.rules.wording import label_of

DATES = frozenset({Type.DATE, Type.MOMENT})
_FITTING = {
    g.Age: (DATES, "日期"),
    g.Day: (DATES, "日期"),
    g.Between: (DATES, "日期"),
    g.Code: (frozenset({Type.CODE, Type.CODES}), "代码"),
    g.Number: (frozenset({Type.INTEGER, Type.NUMBER, Type.LON, Type.LAT}), "数值"),
    g.Flag: (frozenset({Type.FLAG}), "是否"),
    g.Area: (frozenset({Type.AREA, Type.GRID}), "区划"),
    g.Present: (frozenset(Type), ""),
}


def condition_problems(
    node: g.Condition, kind: Kind, book: CodeBook, *, place: str = "", moment: bool = False
) -> list[Problem]:
    """Give what is wrong with a condition on records of a kind.

    Parameters
    ----------
    node : Condition
    kind : Kind
    book : CodeBook
    place : str
        What the problems' places begin with.
    moment : bool
        Whether days may count from the occasion's own day.
    """
    return list(_condition(node, kind, book, place, moment))


def _condition(node: g.Condition, kind: Kind, book: CodeBook, place: str, moment: bool) -> Iterator[Problem]:
    if isinstance(node, g.All | g.Any):
        if isinstance(node, g.Any) and not node.of:
            yield Problem(place, "never", "“满足任一”至少要有一个条件")
        for number, each in enumerate(node.of):
            yield from _condition(each, kind, book, f"{place}.of.{number}", moment)
    elif isinstance(node, g.Not):
        yield from _condition(node.of, kind, book, f"{place}.of", moment)
    elif isinstance(node, g.Count):
        yield from _count(node, kind, book, place, moment)
    else:
        types, label = _FITTING[type(node)]
        found = list(field_problems(node.field, types, label, kind, f"{place}.field"))
        yield from found or _VALUES.get(type(node), _nothing)(node, kind, book, place)
        if isinstance(node, g.Day) and node.base is g.Base.MOMENT and not moment:
            yield Problem(f"{place}.base", "format", "只有按周期的规则可以从时点起算")


def _count(node: g.Count, kind: Kind, book: CodeBook, place: str, moment: bool) -> Iterator[Problem]:
    other, problems = relation_problems(node.relation, node.base, kind, place)
    yield from problems
    yield from _bounds(node.least, node.most, place, "数量")
    if (node.least or 0) <= 0 and node.most is None:
        yield Problem(place, "always", "数量没有限制，这个条件不起作用")
    if other is not None and node.where is not None:
        yield from _condition(node.where, other, book, f"{place}.where", moment)


def relation_problems(relation: str, base: str, kind: Kind, place: str) -> tuple[Kind | None, list[Problem]]:
    """Give the kind that a relation leads to, or what is wrong with it."""
    walked = walk(kind, base)
    if walked is None:
        return None, [Problem(f"{place}.base", "missing_field", f"{kind.label}没有“{base}”")]
    other = related(walked[1], relation)
    if other is None:
        reason = f"{walked[1].label}没有相关的“{relation}”"
        return None, [Problem(f"{place}.relation", "missing_field", reason)]
    return other, []


def field_problems(
    path: str, types: frozenset[Type], label: str, kind: Kind, place: str
) -> Iterator[Problem]:
    """Say where a path leads nowhere, or to a field of another type."""
    end = resolve(kind, path)
    if end is None:
        yield Problem(place, "missing_field", f"{kind.label}没有“{path}”这一项")
    elif end.field.type not in types:
        yield Problem(place, "format", f"{label_of(kind, path)}：不是{label}")


def _bounds(low: float | None, high: float | None, place: str, label: str) -> Iterator[Problem]:
    if low is not None and high is not None and low > high:
        yield Problem(place, "never", f"{label}：下限大于上限，永远不会成立")
    elif low is None and high is None:
        yield Problem(place, "always", f"{label}：上下限至少填一个")


def _age(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    above = None if node.below is None else node.below - 1
    yield from _bounds(node.least, above, place, label_of(kind, node.field))
    if node.unit is g.Unit.WORKDAYS:
        yield Problem(f"{place}.unit", "format", "条件不能按工作日计")
    if min(node.least or 0, node.below if node.below is not None else 1) < 0:
        yield Problem(place, "never", f"{label_of(kind, node.field)}：不能为负数")


def _day(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    yield from _bounds(node.first, node.last, place, label_of(kind, node.field))
    if node.unit is g.Unit.WORKDAYS:
        yield Problem(f"{place}.unit", "format", "条件不能按工作日计")


def _between(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    low = node.first.toordinal() if node.first else None
    yield from _bounds(low, node.last.toordinal() if node.last else None, place, label_of(kind, node.field))


def _number(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    yield from _bounds(node.least, node.most, place, label_of(kind, node.field))


def _code(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    label = label_of(kind, node.field)
    end = resolve(kind, node.field)
    items = book.get((end.field.codes if end else None) or "", {})
    if not node.codes:
        yield Problem(f"{place}.codes", "never", f"{label}：至少选一个代码")
    for code in node.codes:
        if code not in items:
            yield Problem(f"{place}.codes", "code", f"{label}：没有代码“{code}”")
        elif items[code].retired:
            yield Problem(f"{place}.codes", "retired", f"{label}：代码“{items[code].label}”已停用")


def _area(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    if not node.prefixes:
        yield Problem(f"{place}.prefixes", "never", f"{label_of(kind, node.field)}：至少选一个区划")
    elif not all(re.fullmatch(r"[0-9]{2,15}", prefix) for prefix in node.prefixes):
        yield Problem(f"{place}.prefixes", "format", "区划应为2到15位数字")


def _nothing(node: AnyNode, kind: Kind, book: CodeBook, place: str) -> Iterator[Problem]:
    return iter(())


_VALUES: dict[type, Callable[[AnyNode, Kind, CodeBook, str], Iterator[Problem]]] = {
    g.Age: _age,
    g.Day: _day,
    g.Between: _between,
    g.Number: _number,
    g.Code: _code,
    g.Area: _area,
}
