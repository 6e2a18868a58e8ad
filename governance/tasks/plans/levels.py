"""Writing the levels of visit plans (走访等级): by administrators, from a file; every change audited."""

import csv
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, Type
from governance.records.codes import book
from governance.rules.services import may_change_rules
from governance.tasks.models.plans import REGISTERS, PlanLevel


@transaction.atomic
def level_save(*, actor: Actor, level: PlanLevel) -> PlanLevel:
    """Store a new or changed level; the plans follow with the next run.

    Raises
    ------
    Forbidden
        Unless the actor may change what holds for the whole city.
    ValidationError
        In Chinese, by field: no such register, field or code; intervals out of bounds.
    """
    if not may_change_rules(actor):
        raise Forbidden("走访等级对全市生效，须由负责全市任务的人员或系统管理员修改")
    level.full_clean()
    _check(level)
    held = PlanLevel.objects.select_for_update().filter(pk=level.pk).first()
    before = model_to_dict(held) if held else {}
    after = model_to_dict(level)
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    level.save()
    detail = {"level": level.pk, "changed": changed}
    audit_append(actor=actor, action="plans.level", scope=CITY, count=1, chain=CITY, detail=detail)
    return level


def _check(level: PlanLevel) -> None:
    """See that the field says a level in every register meant, and that the code is one that may be taken."""
    if not level.field:
        return
    registers = [level.register] if level.register else list(REGISTERS)
    items = [KINDS[name].by_name.get(level.field) for name in registers]
    for name, item in zip(registers, items, strict=True):
        if item is None or item.type is not Type.CODE:
            raise ValidationError({"field": f"“{REGISTERS[name]}”没有按代码填写的数据项“{level.field}”"})
        code = book().get(item.codes or "", {}).get(level.value)
        if code is None or code.retired:
            raise ValidationError({"value": f"“{item.label}”没有代码“{level.value}”，或该代码已停用"})


@transaction.atomic
def levels_load(*, actor: Actor, folder: Path) -> int:
    """Bring in the levels of ``levels.csv``, unless there are any already: then they stay as they were left.

    Returns
    -------
    int
        How many were new.

    Raises
    ------
    ValueError
        In Chinese, naming file, line and field.
    """
    if PlanLevel.objects.exists():
        return 0
    path = folder / "levels.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(enumerate(csv.DictReader(file), start=2))
    for line, row in rows:
        try:
            level_save(actor=actor, level=_level(row))
        except (ValidationError, TypeError) as error:
            raise ValueError(f"{path.name} 第{line}行：{_reason(error)}") from None
    return len(rows)


def _level(row: dict[str, str]) -> PlanLevel:
    values: dict[str, Any] = {name: text for name, text in row.items() if text != ""}
    values["confirmed"] = row.get("confirmed") == "1"
    return PlanLevel(**values)


def _reason(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "列数或列名不对"
    return "；".join(error.messages)
