"""Writing rules: loaded from fixtures, changed by an administrator; both leave their trace."""

import csv
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.scope import division_prefix
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.rules.models import LifeEvent

_WHOLE_CITY = division_prefix(CITY, 2)
_FLAGS = ("confirmed", "enabled")


def may_change_rules(actor: Actor) -> bool:
    """Whether the actor may change rules: they hold for the whole city, so he must serve all of it."""
    everywhere = actor.scope.covers_prefix(_WHOLE_CITY)
    return actor.can("manage_system") or (actor.can("plan_tasks") and everywhere)


@transaction.atomic
def rule_save(*, actor: Actor, rule: LifeEvent) -> LifeEvent:
    """Store a new or changed rule.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese, by field.
    """
    if not may_change_rules(actor):
        raise Forbidden("规则对全市生效，须由负责全市任务的人员或系统管理员修改")
    held = LifeEvent.objects.select_for_update().filter(pk=rule.pk).first()
    rule.full_clean(validate_unique=held is None)
    before = model_to_dict(held) if held else {}
    after = model_to_dict(rule)
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    rule.save()
    audit_append(
        actor=actor,
        action="rules.save",
        scope=CITY,
        count=1,
        chain=CITY,
        detail={"rule": rule.code, "changed": changed},
    )
    return rule


@transaction.atomic
def rules_load(*, actor: Actor, folder: Path) -> int:
    """Bring in the rules of a folder's CSV files; a rule that is there already stays as it was left.

    Returns
    -------
    int
        How many were new.

    Raises
    ------
    ValueError
        In Chinese, naming file, line and field.
    """
    if not folder.is_dir():
        raise ValueError(f"没有文件夹 {folder}")
    held = set(LifeEvent.objects.values_list("code", flat=True))
    new = 0
    for path in sorted(folder.glob("*.csv")):
        for line, row in _rows(path):
            if row.get("code") in held:
                continue
            try:
                rule_save(actor=actor, rule=_rule(row))
            except (ValidationError, TypeError) as error:
                raise ValueError(f"{path.name} 第{line}行：{_reason(error)}") from None
            held.add(row["code"])
            new += 1
    return new


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(enumerate(csv.DictReader(file), start=2))
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} 不是 UTF-8 编码") from None


def _rule(row: dict[str, str]) -> LifeEvent:
    values: dict[str, object] = {name: text for name, text in row.items() if text != ""}
    values.update({name: row.get(name) == "1" for name in _FLAGS})
    return LifeEvent(**values)


def _reason(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "列数或列名不对"
    if not hasattr(error, "error_dict"):
        return "；".join(error.messages)
    return "；".join(
        f"{_label(name)}：{message}" for name, messages in error.message_dict.items() for message in messages
    )


def _label(name: str) -> str:
    labels = {field.name: str(field.verbose_name) for field in LifeEvent._meta.fields}
    return labels.get(name, "规则")
