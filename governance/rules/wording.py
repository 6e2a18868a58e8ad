"""Rules in plain Chinese: what each condition, moment and term says to the people who decide on it."""

from collections.abc import Callable, Mapping
from typing import Any as AnyNode

from governance.contract import KINDS, CodeBook, CodeItem, Kind
from governance.contract.asks import MATERIALS, Ask, What, asks_read
from governance.rules import grammar as g
from governance.rules.relations import paths_of, related, relations_of, resolve, walk

_NOTHING: Mapping[str, CodeItem] = {}
UNITS = {
    g.Unit.DAYS: "天",
    g.Unit.WEEKS: "周",
    g.Unit.MONTHS: "个月",
    g.Unit.YEARS: "年",
    g.Unit.WORKDAYS: "个工作日",
}

AREAS = "area"
"""Where a code book holds what people call the areas that a rule names; without it their digits are said."""

TAKERS = "taker"
"""Where a code book holds what people call those whom a rule names; without it their codes are said."""

ASSIGNEES = {
    "": "网格员（含顶岗）",
    "station": "便民服务中心（站）",
    "peace": "综治信访维稳中心（站）",
    "grid": "网格管理中心（站）",
    "team": "志愿者队伍",
}


_NAMED = {"user": "人员", "station": "中心（站）", "team": "队伍"}


def label_of(kind: Kind, path: str) -> str:
    """Give the Chinese label of a path; the path itself where it leads nowhere."""
    return paths_of(kind).get(path, f"“{path}”")


def describe(node: g.Condition, kind: Kind, book: CodeBook) -> str:
    """Say a condition in Chinese.

    Parameters
    ----------
    node : Condition
    kind : Kind
        Kind of the records it is asked of.
    book : CodeBook
        For the names of codes.
    """
    return _WORDS[type(node)](node, kind, book)


def describe_moment(moment: g.Moment, kind: Kind, book: CodeBook) -> str:
    """Say in Chinese on which day an occasion arises."""
    if isinstance(moment, g.Standing):
        return "条件成立之日"
    if isinstance(moment, g.Every):
        return f"自{_day(moment.start)}起每{moment.step}{UNITS[moment.unit]}"
    if isinstance(moment, g.Since):
        what = _related(moment.relation, moment.base, kind, book)
        such = f"（{describe(moment.where, what[1], book)}）" if moment.where and what[1] else ""
        never = f"或在此之前的自{_day(moment.start)}起算" if moment.start else "的不在此列"
        return f"距最近一次{what[0]}{such}满{moment.after}{UNITS[moment.unit]}；从未有过{never}"
    return _milestone(moment, kind)


def describe_term(term: g.Term) -> str:
    """Say a term in Chinese."""
    if term.n == 0:
        return "当天"
    return f"{'前' if term.n < 0 else '后'}{abs(term.n)}{UNITS[term.unit]}"


def describe_body(body: g.Body, book: CodeBook) -> list[str]:
    """Say a whole rule in Chinese, a sentence a line."""
    kind = KINDS[body.subject]
    window = body.window
    lines = [
        f"对象：{kind.label}",
        f"时点：{describe_moment(body.moment, kind, book)}",
        f"条件：{describe(body.who, kind, book)}",
    ]
    if body.settled is not None:
        lines.append(f"无需办理：{describe(body.settled, kind, book)}")
    lapse = f"，时点{describe_term(window.expires)}失效" if window.expires else ""
    lines.append(f"期限：时点{describe_term(window.opens)}开始，时点{describe_term(window.due)}到期{lapse}")
    priority = book.get("priority", _NOTHING).get(body.priority)
    lines.append(f"优先级：{priority.label if priority else body.priority}")
    if body.asks:
        lines.append(f"要求：{describe_asks(' '.join(body.asks), book)}")
    lines.append(f"承办：{_assignee(body.assignee, book)}")
    return lines


def describe_asks(text: str, book: CodeBook) -> str:
    """Say in Chinese what a task asks for.

    Parameters
    ----------
    text : str
        Tokens separated by spaces, as :mod:`governance.contract.asks` reads them.
    book : CodeBook
        For the names of materials.
    """
    return "、".join(_ask(ask, book) for ask in asks_read(text))


def _ask(ask: Ask, book: CodeBook) -> str:
    if ask.what is What.FIELD:
        kind = KINDS.get(ask.kind)
        item = kind.by_name.get(ask.name) if kind else None
        return f"{kind.label}：{item.label}" if kind and item else f"“{ask}”"
    if ask.what is What.DOCUMENT:
        known = book.get(MATERIALS, _NOTHING).get(ask.name)
        return f"材料：{known.label if known else ask.name}"
    return "拍照" if ask.what is What.PHOTO else "居民签名"


def _assignee(assignee: str, book: CodeBook) -> str:
    what, _, name = assignee.partition(":")
    if not name:
        return ASSIGNEES.get(assignee, assignee)
    known = book.get(TAKERS, _NOTHING).get(assignee)
    return f"指定{_NAMED.get(what, what)}{known.label if known else f'“{name}”'}"


def reached_words(moment: g.Milestone, number: int, kind: Kind) -> str:
    """Say what is reached at a number: ``年满60周岁``, ``出生``, ``居住证件到期日期前30天``."""
    label = label_of(kind, moment.field)
    name = moment.field.rpartition(".")[2]
    if name == "birth_date":
        if number == 0:
            return "出生"
        return f"年满{number}{'周岁' if moment.unit is g.Unit.YEARS else UNITS[moment.unit]}"
    if number == 0:
        return label
    return f"{label}{'前' if number < 0 else '后'}{abs(number)}{UNITS[moment.unit]}"


def _milestone(moment: g.Milestone, kind: Kind) -> str:
    said = "、".join(reached_words(moment, number, kind) for number in moment.at)
    if moment.step:
        said += f"，此后每{moment.step}{UNITS[moment.unit]}，共{moment.times}次"
    return said + ("（日期变更即为新的事项）" if moment.each is g.Each.DATE else "")


def _day(day: AnyNode) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _together(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    if not node.of:
        return "不限"
    said = [describe(each, kind, book) for each in node.of]
    joined = ("，且" if isinstance(node, g.All) else "，或").join(said)
    return f"（{joined}）" if len(said) > 1 else joined


def _not(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    if isinstance(node.of, g.Present):
        return f"{label_of(kind, node.of.field)}未填写"
    return f"并非{describe(node.of, kind, book)}"


def _age(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    birth = node.field.rpartition(".")[2] == "birth_date"
    unit = "周岁" if birth and node.unit is g.Unit.YEARS else UNITS[node.unit]
    parts = []
    if node.least is not None:
        parts.append(f"满{node.least}{unit}")
    if node.below is not None:
        parts.append(f"未满{node.below}{unit}")
    label = label_of(kind, node.field)
    owner = label.removesuffix("出生日期") if birth else f"{label}距今"
    return owner + "、".join(parts)


def _day_words(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    base, unit = ("今天" if node.base is g.Base.TODAY else "时点"), UNITS[node.unit]

    def at(number: int) -> str:
        return base if number == 0 else f"{base}{'前' if number < 0 else '后'}{abs(number)}{unit}"

    first = "" if node.first is None else f"不早于{at(node.first)}"
    last = "" if node.last is None else f"不晚于{at(node.last)}"
    return label_of(kind, node.field) + "、".join(part for part in (first, last) if part)


def _between(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    first = "" if node.first is None else f"自{_day(node.first)}"
    last = "" if node.last is None else f"至{_day(node.last)}"
    return f"{label_of(kind, node.field)}{first}{last}"


def _code(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    end = resolve(kind, node.field)
    items = book.get(end.field.codes or "", _NOTHING) if end else _NOTHING
    names = "、".join(items[code].label if code in items else f"“{code}”" for code in node.codes)
    return f"{label_of(kind, node.field)}为{names}"


def _number(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    end = resolve(kind, node.field)
    unit = end.field.unit if end else ""
    least = "" if node.least is None else f"不少于{node.least:g}{unit}"
    most = "" if node.most is None else f"不多于{node.most:g}{unit}"
    return label_of(kind, node.field) + "、".join(part for part in (least, most) if part)


def _flag(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    return f"{label_of(kind, node.field)}：{'是' if node.value else '否'}"


def _present(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    return f"{label_of(kind, node.field)}已填写"


def _area(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    names = book.get(AREAS, _NOTHING)
    said = [names[code].label if code in names else code for code in node.prefixes]
    return f"{label_of(kind, node.field)}属于{'、'.join(said)}"


def _count(node: AnyNode, kind: Kind, book: CodeBook) -> str:
    what, other = _related(node.relation, node.base, kind, book)
    such = f"（{describe(node.where, other, book)}）" if node.where is not None and other else ""
    if node.most == 0:
        return f"没有{what}{such}"
    if node.least == 1 and node.most is None:
        return f"有{what}{such}"
    if node.least == node.most:
        return f"{what}{such}恰有{node.least}条"
    least = "" if node.least is None else f"至少{node.least}条"
    most = "" if node.most is None else f"至多{node.most}条"
    return f"{what}{such}" + "、".join(part for part in (least, most) if part)


def _related(relation: str, base: str, kind: Kind, book: CodeBook) -> tuple[str, Kind | None]:
    walked = walk(kind, base)
    if walked is None:
        return f"“{base}.{relation}”", None
    steps, end = walked
    label = relations_of(end).get(relation, f"“{relation}”")
    return "".join(f"{step.label}的" for step in steps) + label, related(end, relation)


_WORDS: dict[type, Callable[[AnyNode, Kind, CodeBook], str]] = {
    g.All: _together,
    g.Any: _together,
    g.Not: _not,
    g.Age: _age,
    g.Day: _day_words,
    g.Between: _between,
    g.Code: _code,
    g.Number: _number,
    g.Flag: _flag,
    g.Present: _present,
    g.Area: _area,
    g.Count: _count,
}
