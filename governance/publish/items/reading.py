"""Reading what a department sends about items: terms and rows, every problem with its field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from governance.contract import Problem
from governance.records.outside import Invalid, Malformed
from governance.tasks.items.targets import MOST_ROWS, Row
from governance.tasks.items.terms import Terms

TERMS = (
    "ref", "title", "text", "purpose", "legal_basis", "area", "asks", "opens_on", "due_on", "expires_on",
    "subject_kind", "priority", "chosen", "condition",
)  # fmt: skip
_DAYS = {"opens_on": "开始日期", "due_on": "办理期限", "expires_on": "失效日期"}
_ROW = ("key", "citizen_number", "id", "name")


def terms_read(body: Mapping[str, Any], today: date) -> Terms:
    """Read an item's terms; it opens today where no day is named.

    Raises
    ------
    Invalid
        Where a member is not of its type.
    """
    problems: list[Problem] = []
    given: dict[str, Any] = {"opens_on": today}
    for name in TERMS:
        value = body.get(name)
        if value is None:
            continue
        if name in _DAYS:
            value = _day(name, value, problems)
        elif name == "condition":
            if not isinstance(value, dict):
                problems.append(Problem(name, "type", "condition：应为 JSON 对象"))
        elif not isinstance(value, str):
            problems.append(Problem(name, "type", f"{name}：应为文字"))
        given[name] = value
    missing = [name for name in TERMS[:9] if name not in given]
    problems += [Problem(name, "required", f"{name}：必填") for name in missing]
    if problems:
        raise Invalid(problems)
    return Terms(**given)


def rows_read(body: Mapping[str, Any]) -> list[Row]:
    """Read the rows of a list.

    Raises
    ------
    Malformed
        Where they are no list of objects of texts, or too many.
    """
    rows = body.get("rows")
    if not isinstance(rows, list) or not rows:
        raise Malformed("rows 应为非空的数组")
    if len(rows) > MOST_ROWS:
        raise Malformed(f"每次最多{MOST_ROWS}行，请分次提交")
    return [_row(place, row) for place, row in enumerate(rows, 1)]


def _row(place: int, row: Any) -> Row:
    if not isinstance(row, dict) or set(row) - set(_ROW):
        raise Malformed(f"第{place}行应为对象，只含 {'、'.join(_ROW)}")
    if any(not isinstance(value, str) for value in row.values()):
        raise Malformed(f"第{place}行的各项应为文字")
    return Row(**{"key": "", **row})


def _day(name: str, value: object, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        problems.append(Problem(name, "format", f"{_DAYS[name]}：应如 2026-11-22"))
        return None
