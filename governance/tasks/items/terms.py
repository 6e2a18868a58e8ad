"""What a department says of an item, and what is wrong with it (事项内容)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from governance.contract import KINDS, Problem
from governance.contract.asks import What, asks_problems, asks_read
from governance.records.codes import book
from governance.tasks.items.chosen import chosen_problems
from governance.tasks.items.grants import Grant
from governance.tasks.models import Chosen

LAPSES = timedelta(days=30)
"""How long after its deadline an item's task lapses, where nothing is said."""

FURTHEST = timedelta(days=3650)
"""How far ahead a deadline may lie; what lies further is mistyped."""

_LENGTHS = {"ref": 40, "title": 100, "text": 300, "purpose": 200, "legal_basis": 300}
_LABELS = {
    "ref": "部门文号",
    "title": "事项名称",
    "text": "办理说明",
    "purpose": "用途",
    "legal_basis": "法律依据",
}
_SUBJECTS = {"person": "人员", "household": "户"}


@dataclass(frozen=True, slots=True)
class Terms:
    """An item as its department writes it down; see :class:`governance.tasks.models.items.WorkItem`."""

    ref: str
    title: str
    text: str
    purpose: str
    legal_basis: str
    area: str
    asks: str
    opens_on: date
    due_on: date
    expires_on: date | None = None
    subject_kind: str = "person"
    priority: str = "1"
    chosen: str = Chosen.LIST
    condition: Mapping[str, object] | None = field(default=None, hash=False)

    @property
    def lapses_on(self) -> date:
        """The day after which a task of it lapses."""
        return self.expires_on or min(self.due_on, date.max - LAPSES) + LAPSES


def terms_problems(terms: Terms, grant: Grant, day: date) -> list[Problem]:
    """Say in Chinese what is wrong with an item's terms.

    Parameters
    ----------
    terms : Terms
    grant : Grant
        The department's.
    day : date
        Today, Asia/Shanghai.
    """
    return [
        *_text_problems(terms),
        *_day_problems(terms, day),
        *_area_problems(terms, grant),
        *_ask_problems(terms, grant),
        *_chosen_problems(terms, grant),
    ]


def _text_problems(terms: Terms) -> Iterable[Problem]:
    for name, length in _LENGTHS.items():
        value = getattr(terms, name)
        if not value.strip():
            yield Problem(name, "required", f"{_LABELS[name]}：必填")
        elif len(value) > length or not value.isprintable():
            yield Problem(name, "length", f"{_LABELS[name]}：最多{length}个字，不含控制字符")
    if terms.subject_kind not in _SUBJECTS:
        yield Problem("subject_kind", "code", "对象种类：应为 person 或 household")
    if terms.priority not in book().get("priority", {}):
        yield Problem("priority", "code", "优先级：不在代码表中")
    if terms.chosen not in Chosen.values:
        yield Problem("chosen", "code", "对象来源：应为 list 或 condition")


def _day_problems(terms: Terms, day: date) -> Iterable[Problem]:
    if terms.due_on < day:
        yield Problem("due_on", "contradiction", f"办理期限：{terms.due_on}已经过去")
    if terms.due_on < terms.opens_on:
        yield Problem("due_on", "contradiction", "办理期限：不能早于开始日期")
    if terms.due_on - day > FURTHEST:
        yield Problem(
            "due_on", "contradiction", f"办理期限：{terms.due_on}太远，应在{FURTHEST.days // 365}年以内"
        )
    if terms.lapses_on < terms.due_on:
        yield Problem("expires_on", "contradiction", "失效日期：不能早于办理期限")


def _chosen_problems(terms: Terms, grant: Grant) -> Iterable[Problem]:
    if terms.chosen == Chosen.CONDITION and terms.subject_kind in _SUBJECTS:
        yield from chosen_problems(terms.condition, terms.subject_kind, terms.area, grant)
    elif terms.condition is not None:
        yield Problem("condition", "contradiction", "条件：对象来源为名单时不填")


def _area_problems(terms: Terms, grant: Grant) -> Iterable[Problem]:
    if not (terms.area.isascii() and terms.area.isdigit() and 4 <= len(terms.area) <= 15):
        yield Problem("area", "format", "区划：应为4至15位区划或网格编码的前几位")
        return
    agreed = grant.areas.get(terms.subject_kind)
    if agreed is None:
        label = _SUBJECTS.get(terms.subject_kind, terms.subject_kind)
        yield Problem("subject_kind", "forbidden", f"对象种类：没有获取{label}数据的约定，或约定不在有效期内")
    elif not terms.area.startswith(agreed):
        yield Problem("area", "forbidden", f"区划：超出约定的范围（{agreed}）")


def _ask_problems(terms: Terms, grant: Grant) -> Iterable[Problem]:
    asked = asks_read(terms.asks)
    if not asked:
        yield Problem("asks", "required", "需填报与收取：至少一项")
    yield from asks_problems(terms.asks, KINDS, book(), subject_kind=terms.subject_kind)
    for ask in asked:
        kind = KINDS.get(ask.kind)
        if ask.what is What.FIELD and kind and ask.name in kind.by_name and str(ask) not in grant.fields:
            label = f"{kind.label}的“{kind.by_name[ask.name].label}”"
            yield Problem("asks", "forbidden", f"需填报与收取：{label}不在约定的数据项内")
