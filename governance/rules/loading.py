"""Bringing in rules from JSON files, as those that ship with the product.

A file holds a list of rules ``{"code", "name", "source", "confirmed", "enabled", "versions": [{"valid_from",
"valid_to", "note", "content"}]}``; versions are put in force in their order.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.contract import CITY
from governance.feed.services import heads_lock
from governance.rules.models import Rule
from governance.rules.services import Draft, rule_save, version_activate, version_draft

LOADED = "loaded"
"""Instead of the day from which those who never had a visit are counted: the day of loading."""

_RULE = frozenset({"code", "name", "source", "confirmed", "enabled"})
_VERSION = frozenset({"content", "valid_from", "valid_to", "note"})


@transaction.atomic
def rules_load(*, actor: Actor, folder: Path) -> int:
    """Bring in the rules of a folder's JSON files; a rule that is there already stays as it was left.

    Returns
    -------
    int
        How many were new.

    Raises
    ------
    ValueError
        In Chinese, naming file and rule.
    """
    if not folder.is_dir():
        raise ValueError(f"没有文件夹 {folder}")
    heads_lock([CITY])  # whoever else brings them in just now comes before or after
    held = set(Rule.objects.values_list("code", flat=True))
    new = 0
    for path in sorted(folder.glob("*.json")):
        for place, given in enumerate(_read(path), 1):
            code = given.get("code") if isinstance(given, dict) else None
            if code in held:
                continue
            try:
                _load(actor, given)
            except (ValidationError, TypeError, KeyError, ValueError) as error:
                raise ValueError(f"{path.name} 第{place}条（{code}）：{_reason(error)}") from None
            held.add(str(code))
            new += 1
    return new


def _load(actor: Actor, given: Any) -> None:
    versions = given["versions"]
    odd = given.keys() - _RULE - {"versions"}
    if odd or not versions:
        raise ValueError(f"没有“{min(odd)}”这一项" if odd else "没有版本")
    rule = rule_save(actor=actor, rule=Rule(**{name: given[name] for name in given.keys() & _RULE}))
    for each in versions:
        draft = _draft(each, timezone.localdate())
        version_activate(actor=actor, version=version_draft(actor=actor, rule=rule, draft=draft))


def _draft(given: Any, day: date) -> Draft:
    odd = given.keys() - _VERSION
    if odd:
        raise ValueError(f"没有“{min(odd)}”这一项")
    ends, content = given.get("valid_to"), given["content"]
    if content.get("moment", {}).get("start") == LOADED:
        content = {**content, "moment": {**content["moment"], "start": day.isoformat()}}
    return Draft(
        content=content,
        valid_from=_day(given["valid_from"]),
        valid_to=_day(ends) if ends else None,
        note=given.get("note", ""),
    )


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"“{text}”不是日期") from None


def _read(path: Path) -> list[Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} 不是 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} 第{error.lineno}行不是 JSON") from None
    if not isinstance(read, list):
        raise ValueError(f"{path.name} 应为规则的列表")
    return read


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"缺少“{error.args[0]}”"
    if not isinstance(error, ValidationError):
        return str(error)
    if not hasattr(error, "error_dict"):
        return "；".join(error.messages)
    labels = {field.name: str(field.verbose_name) for field in Rule._meta.fields}
    return "；".join(
        f"{labels.get(name, name)}：{message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )
