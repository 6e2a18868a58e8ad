"""Reading what the editor sends (编制表单): the rule's head, days and content, each fault at its place."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from governance.rules.desk.services import Sheet
from governance.rules.notation import GrammarError, body_read
from governance.rules.services import Draft

MOST_BYTES = 200_000
_WORDS = {"code": 40, "name": 100, "source": 200, "note": 200}
_LABELS = {"code": "规则编号", "name": "规则名称", "source": "依据", "note": "修改说明"}
Problems = list[dict[str, str]]


def sent(request: HttpRequest) -> dict[str, Any]:
    """Give the JSON object of a request.

    Raises
    ------
    ValidationError
        Where it is none.
    """
    try:
        value = json.loads(request.body) if len(request.body) <= MOST_BYTES else None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValidationError("提交的内容看不懂，请刷新页面后重试")
    return value


def sheet_of(value: Mapping[str, Any]) -> Sheet:
    """Read a rule's head and draft.

    Raises
    ------
    ValidationError
        In Chinese, by field.
    """
    faults: dict[str, str] = {}
    words = {name: _text(value, name, faults) for name in _WORDS}
    first = _day(value, "valid_from", "生效日期", faults, required=True)
    last = _day(value, "valid_to", "截止日期", faults, required=False)
    number = value.get("number")
    content = value.get("content")
    if not isinstance(content, dict):
        faults["content"] = "规则内容未填写"
    else:
        try:
            body_read(content)
        except GrammarError as error:
            faults["content"] = f"{error.place}\t{error.reason}"
    if faults or first is None:
        raise ValidationError(faults)
    return Sheet(
        code=words["code"],
        name=words["name"],
        source=words["source"],
        confirmed=value.get("confirmed") is True,
        draft=Draft(dict(content or {}), first, last, words["note"]),
        number=number if isinstance(number, int) else None,
        new=value.get("new") is True,
    )


def problems_of(error: ValidationError) -> Problems:
    """Give a refusal's messages with the place each belongs to, as the editor shows them."""
    if not hasattr(error, "error_dict"):
        return [{"place": "", "reason": message} for message in error.messages]
    found = []
    for name, messages in error.message_dict.items():
        for message in messages:
            place, tab, reason = message.partition("\t")
            where = f"content.{place}".rstrip(".") if tab else name
            found.append({"place": "" if name == "__all__" else where, "reason": reason or message})
    return found


def _text(value: Mapping[str, Any], name: str, faults: dict[str, str]) -> str:
    given = value.get(name, "")
    text = given.strip() if isinstance(given, str) else ""
    if len(text) > _WORDS[name]:
        faults[name] = f"{_LABELS[name]}：至多{_WORDS[name]}字"
    if not text and name in ("code", "name"):
        faults[name] = f"{_LABELS[name]}：必填"
    return text


def _day(
    value: Mapping[str, Any], name: str, label: str, faults: dict[str, str], *, required: bool
) -> date | None:
    given = value.get(name)
    if not given:
        if required:
            faults[name] = f"{label}：必填"
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        faults[name] = f"{label}：应为日期，如 2026-01-01"
        return None
