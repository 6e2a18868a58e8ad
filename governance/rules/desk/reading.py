"""Reading what the editor sends (编制表单): the rule's head, days and content, each fault at its place."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from governance.records.codes import book
from governance.rules.checks import content_problems
from governance.rules.desk.services import Sheet
from governance.rules.grammar import Body
from governance.rules.models import Rule
from governance.rules.notation import GrammarError, body_read
from governance.rules.relations import SUBJECTS
from governance.rules.services import Draft

MOST_BYTES = 200_000
_WORDS = {"code": 40, "name": 100, "source": 200, "note": 200}
_LABELS = {"code": "规则编号", "name": "规则名称", "source": "依据", "note": "修改说明"}
_CODE = Rule._meta.get_field("code")
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
    faults: dict[str, Any] = {}
    words = {name: _text(value, name, faults) for name in _WORDS}
    first = _day(value, "valid_from", "生效日期", faults, required=True)
    last = _day(value, "valid_to", "截止日期", faults, required=False)
    number = value.get("number")
    if first is not None and last is not None and last < first:
        faults["valid_to"] = "截止日期：不能早于生效日期"
    content = value.get("content")
    if not _is_readable(content) or (faults and value.get("put") is True):
        faults["content"] = wrong_in(content)
    if first is None or any(faults.values()):
        raise ValidationError({name: said for name, said in faults.items() if said})
    return Sheet(
        code=words["code"],
        name=words["name"],
        source=words["source"],
        confirmed=value.get("confirmed") is True,
        draft=Draft(dict(content or {}), first, last, words["note"]),
        number=number if isinstance(number, int) else None,
        new=value.get("new") is True,
    )


def body_of(content: object) -> Body:
    """Read a rule's content.

    Raises
    ------
    ValidationError
        With everything that is wrong, where it cannot be read or is about no kind that rules know.
    """
    if not isinstance(content, dict) or not _is_readable(content):
        raise ValidationError({"content": wrong_in(content)})
    body = body_read(content)
    if body.subject not in SUBJECTS:
        raise ValidationError({"content": "subject\t没有这种对象"})
    return body


def wrong_in(content: object) -> list[str]:
    """Give what is wrong with a rule's content, each place before a tab."""
    if not isinstance(content, dict):
        return ["规则内容未填写"]
    return [f"{problem.field}\t{problem.reason}" for problem in content_problems(content, book())]


def _is_readable(content: object) -> bool:
    try:
        body_read(content)
    except GrammarError:
        return False
    return True


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


def _text(value: Mapping[str, Any], name: str, faults: dict[str, Any]) -> str:
    given = value.get(name, "")
    text = given.strip() if isinstance(given, str) else ""
    if len(text) > _WORDS[name]:
        faults[name] = f"{_LABELS[name]}：至多{_WORDS[name]}字"
    if not text and name in ("code", "name"):
        faults[name] = f"{_LABELS[name]}：必填"
    elif name == "code":
        try:
            _CODE.run_validators(text)
        except ValidationError as error:
            faults[name] = error.messages
    return text


def _day(
    value: Mapping[str, Any], name: str, label: str, faults: dict[str, Any], *, required: bool
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
