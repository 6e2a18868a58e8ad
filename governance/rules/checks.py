"""What is wrong with a rule before anybody is asked for (规则检查): named in Chinese, by place."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from governance.contract import KINDS, CodeBook, Kind, Problem
from governance.contract.asks import asks_problems
from governance.rules import grammar as g
from governance.rules.condition_checks import DATES, condition_problems, field_problems, relation_problems
from governance.rules.contradictions import contradictions
from governance.rules.notation import GrammarError, as_json, body_read
from governance.rules.reads import kinds_read
from governance.rules.relations import SUBJECTS, is_hidden
from governance.rules.terms import days_of, term_day

MOST_NUMBERS = 150
LONGEST_WINDOW = 800
"""Days that a milestone's window may span."""

LONGEST_TERM = 3_700
"""Days that a window may lie from its moment: ten years."""

_LENGTHS = {"title": 100, "item": 50, "text": 300}
_ASSIGNEE = re.compile(r"(station|peace|grid|team|(user|station|team):[^\s:]{1,53})?")
_DAYS = {g.Unit.WEEKS: 7, g.Unit.MONTHS: 31, g.Unit.YEARS: 366}
_SAMPLES = (date(2026, 1, 1), date(2026, 1, 31), date(2024, 2, 29), date(2026, 9, 30))


def body_problems(body: g.Body, book: CodeBook) -> list[Problem]:
    """Give every reason why a rule's content cannot come into force; empty where it can.

    Parameters
    ----------
    body : Body
    book : CodeBook
        As it stands, retired codes included.
    """
    if body.subject not in SUBJECTS:
        return [Problem("subject", "unknown_kind", "没有这种对象")]
    kind = KINDS[body.subject]
    problems = [*_texts(body, book), *_moment(body, kind, book), *_window(body), *_registers(body)]
    every = isinstance(body.moment, g.Every)
    problems += condition_problems(body.who, kind, book, place="who", moment=every)
    if body.settled is not None:
        problems += condition_problems(body.settled, kind, book, place="settled", moment=every)
    told = any(problem.code == "never" for problem in problems)
    return problems if told else [*problems, *contradictions(body)]


def content_problems(content: Mapping[str, Any], book: CodeBook) -> list[Problem]:
    """Give every reason why the JSON of a rule cannot come into force: what cannot be read, and what else.

    What is wrong with a part that can be read is told whatever the parts beside it are like.
    """
    try:
        return body_problems(body_read(content), book)
    except GrammarError as error:
        unread = [Problem(fault.place, "format", fault.reason) for fault in error.faults]
    broken = {problem.field.partition(".")[0] for problem in unread}
    try:
        body = body_read({**content, **{name: _SOUND.get(name) for name in broken}})
    except GrammarError:
        return unread
    others = body_problems(body, book)
    return [*unread, *(each for each in others if each.field.partition(".")[0] not in broken)]


_SOUND: Mapping[str, Any] = {
    "subject": "person",
    "title": "任务",
    "item": "事项",
    "text": "说明",
    "moment": as_json(g.Every(1, date(2026, 1, 1))),
    "who": as_json(g.Present("grid")),
    "window": {},
    "priority": "1",
    "asks": [],
    "assignee": "",
}
"""What stands for a part that cannot be read while the others are looked at."""


def rights_of(body: g.Body) -> frozenset[str]:
    """Give the rights that someone needs who reads whom the rule concerns: those of its care registers."""
    return frozenset(kind.right for kind in kinds_read(body) if kind.right is not None)


def is_mass(found: int, total: int) -> bool:
    """Whether a rule concerns more than one in a hundred, so that a second person must agree."""
    return found * 100 > total


def reach_problem(found: int, total: int) -> Problem | None:
    """Say where a rule concerns nobody at all, or everybody there is."""
    if found == 0:
        return Problem("who", "nobody", "按该日数据没有任何对象符合条件")
    if found >= total > 1:
        return Problem("who", "everybody", f"全部{total}个对象都符合条件，请补充条件")
    return None


def _texts(body: g.Body, book: CodeBook) -> Iterator[Problem]:
    labels = {"title": "任务名称", "item": "事项", "text": "办理说明"}
    hidden = [each.label for each in kinds_read(body) if is_hidden(each)]
    for name, most in _LENGTHS.items():
        text = getattr(body, name)
        if not text.strip():
            yield Problem(name, "required", f"{labels[name]}：必填")
        elif len(text) > most:
            yield Problem(name, "length", f"{labels[name]}：不能超过{most}个字")
        elif text != text.strip() or not text.isprintable():
            yield Problem(name, "format", f"{labels[name]}：不能换行，首尾不能有空格")
        for label in hidden:
            if label in text:
                yield Problem(name, "privacy", f"{labels[name]}：不能写明“{label}”")
    if body.priority not in ("1", "2", "3"):
        yield Problem("priority", "code", "优先级：没有这一级")
    if _ASSIGNEE.fullmatch(body.assignee) is None:
        yield Problem("assignee", "format", "承办：应为网格员、中心（站）、志愿者队伍，或指明其中一个")
    yield from _taker(body, hidden)
    yield from asks_problems(" ".join(body.asks), KINDS, book, subject_kind=body.subject)


def _taker(body: g.Body, hidden: list[str]) -> Iterator[Problem]:
    """Refuse to send to a desk or a team what it may not see, or could not do."""
    if body.assignee and not body.assignee.startswith("user:") and hidden:
        yield Problem("assignee", "privacy", "承办：用到专项名册的规则只能派给网格员")
    elif body.assignee.startswith("team") and body.asks:
        yield Problem("assignee", "contradiction", "承办：要登记信息或收材料的任务不能派给志愿者队伍")


def _registers(body: g.Body) -> Iterator[Problem]:
    """Refuse two registers: a task is hidden behind one right, and would tell its holder of the other."""
    labels = [each.label for each in kinds_read(body) if is_hidden(each)]
    if len(labels) > 1:
        yield Problem("who", "privacy", f"一条规则至多用一个专项名册，现用了：{'、'.join(labels)}")


def _moment(body: g.Body, kind: Kind, book: CodeBook) -> Iterator[Problem]:
    moment = body.moment
    if isinstance(moment, g.Standing):
        if body.who == g.All():
            yield Problem("who", "everybody", "“条件成立时”的规则须有条件，否则涉及全部对象")
        return
    if moment.unit is g.Unit.WORKDAYS:
        yield Problem("moment.unit", "format", "时点不能按工作日计")
    if isinstance(moment, g.Milestone):
        yield from _milestone(moment, body, kind)
    elif isinstance(moment, g.Since):
        yield from _since(moment, kind, book)
    elif moment.step < 1:
        yield Problem("moment.step", "range", "周期应为正数")


def _milestone(moment: g.Milestone, body: g.Body, kind: Kind) -> Iterator[Problem]:
    yield from field_problems(moment.field, DATES, "日期", kind, "moment.field")
    if body.window.expires is None:
        yield Problem("window.expires", "required", "失效期限：必填，否则早已过去的也会找出")
    if not moment.at:
        yield Problem("moment.at", "required", "时点：至少填一个数")
        return
    numbers = moment.numbers
    if len(numbers) > MOST_NUMBERS or len(set(numbers)) < len(numbers):
        yield Problem("moment.at", "range", f"各数不能重复，至多{MOST_NUMBERS}个")
    if moment.step is not None and (moment.step < 1 or moment.times < 1):
        yield Problem("moment.step", "range", "重复的间隔和次数应为正数")
    if moment.field.rpartition(".")[2] == "birth_date" and not _of_life(numbers, moment.unit):
        yield Problem("moment.at", "never", "年龄应在0到150周岁之间")


def _of_life(numbers: tuple[int, ...], unit: g.Unit) -> bool:
    a_year = {g.Unit.YEARS: 1, g.Unit.MONTHS: 12, g.Unit.WEEKS: 52}.get(unit, 365)
    return min(numbers) >= 0 and max(numbers) <= 150 * a_year


def _since(moment: g.Since, kind: Kind, book: CodeBook) -> Iterator[Problem]:
    other, problems = relation_problems(moment.relation, moment.base, kind, "moment")
    yield from problems
    if moment.after < 1:
        yield Problem("moment.after", "range", "间隔应为正数")
    if other is not None:
        yield from field_problems(moment.field, DATES, "日期", other, "moment.field")
        if "." in moment.field:
            yield Problem("moment.field", "format", "应为该记录自己的日期")
        if moment.where is not None:
            yield from condition_problems(moment.where, other, book, place="moment.where")


def _window(body: g.Body) -> Iterator[Problem]:
    window = body.window
    far = [name for name in ("opens", "due", "expires") if _is_far(getattr(window, name))]
    yield from (Problem(f"window.{name}", "range", f"期限：不能超过{LONGEST_TERM}天") for name in far)
    for day in () if far else _SAMPLES:
        opens, due = term_day(window.opens, day, _weekday), term_day(window.due, day, _weekday)
        if opens > due:
            yield Problem("window.due", "contradiction", "办理期限不能早于开始日期")
            return
        if window.expires is not None and term_day(window.expires, day, _weekday) < due:
            yield Problem("window.expires", "contradiction", "失效日期不能早于办理期限")
            return
        days = days_of(window, day, _weekday)
        if days.expires is not None and (days.expires - days.opens).days > LONGEST_WINDOW:
            yield Problem("window.expires", "range", f"从开始到失效不能超过{LONGEST_WINDOW}天")
            return
    if isinstance(body.moment, g.Standing) and window.opens.n < 0:
        yield Problem("window.opens", "contradiction", "“条件成立时”不能提前开始")


def _is_far(term: g.Term | None) -> bool:
    return term is not None and abs(term.n) * _DAYS.get(term.unit, 1) > LONGEST_TERM


def _weekday(day: date, n: int) -> date:
    """Count five working days a week."""
    from_monday, rest = divmod(n, 5)
    return date.fromordinal(day.toordinal() + from_monday * 7 + rest)
