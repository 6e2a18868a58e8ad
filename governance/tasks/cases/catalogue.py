"""What can be done on a resident's behalf (代办事项目录): kept by an administrator, told to every tablet."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, CodeItem, Sensitivity
from governance.contract.asks import MATERIALS
from governance.contract.codes import code_problem
from governance.feed.services import Item, feed_append, heads_lock
from governance.records.codes import Told, book, switches_on
from governance.records.models import Code, CodeList
from governance.records.services.lists import codelist_save, list_uid
from governance.tasks.models import ProxyService

SERVICES = "proxy_service"
_SHARED_KINDS = ("person", "household")
_MOST_DAYS = 250
_COLUMNS = (
    "code", "department", "level", "days", "mend_days", "needed", "optional", "shared", "legal_basis",
    "parts", "task_items", "confirmed",
)  # fmt: skip
_LISTED = frozenset({"needed", "optional", "shared", "parts", "task_items"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What an administrator says of a service; see :class:`ProxyService` for each."""

    code: str
    label: str
    department: str = ""
    level: int = 5
    days: int = 10
    mend_days: int = 10
    needed: Sequence[str] = ()
    optional: Sequence[str] = ()
    shared: Sequence[str] = ()
    legal_basis: str = ""
    parts: Sequence[str] = ()
    task_items: Sequence[str] = ()
    enabled: bool = True
    confirmed: bool = False


@transaction.atomic
def service_save(*, actor: Actor, terms: Terms) -> ProxyService:
    """Store a service, new or changed; its name goes into the code list, and every tablet is told.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    ValidationError
        In Chinese, by field.
    """
    check_can(actor, "manage_system")
    heads_lock([CITY])
    held = ProxyService.objects.filter(pk=terms.code).first() or ProxyService(code=terms.code)
    problems = terms_problems(terms)
    if problems:
        raise ValidationError(problems)
    _fill(held, terms)
    held.version += 1
    held.full_clean()
    held.save()
    _code_save(actor, terms)
    feed_append(heads_lock([CITY]), [Item(CITY, "service", held.uid, held.version)])
    audit_append(
        actor=actor,
        action="cases.service",
        scope=CITY,
        detail={"service": held.code, "enabled": held.enabled, "version": held.version},
        chain=CITY,
    )
    return held


def terms_problems(terms: Terms) -> dict[str, list[str]]:
    """Say in Chinese, by field, what is wrong with a service."""
    found: dict[str, list[str]] = {}
    if problem := code_problem(terms.code):
        found["code"] = [problem]
    for name, check in (("parts", _parts), ("needed", _materials), ("shared", _shared), ("days", _days)):
        if problem := check(terms):
            found[name] = [problem]
    return found


def services_load(*, actor: Actor, folder: Path) -> int:
    """Bring the services of ``services.csv`` into the database; one that is there already stays as it is.

    Returns
    -------
    int
        How many were new.

    Raises
    ------
    ValueError
        In Chinese: wrong columns, or a service that is wrong in itself.
    """
    held = set(ProxyService.objects.values_list("code", flat=True))
    labels = {code: item.label for code, item in book().get(SERVICES, {}).items()}
    rows = [_terms(row, labels) for row in _read(folder / "services.csv")]
    new = [row for row in rows if row.code not in held]
    for terms in sorted(new, key=lambda each: bool(each.parts)):
        try:
            service_save(actor=actor, terms=terms)
        except ValidationError as error:
            raise ValueError(f"services.csv {terms.code}：{'；'.join(error.messages)}") from error
    return len(new)


def service_records(ids: Collection[UUID] | None = None) -> list[Told]:
    """Give the services as tablets receive them, all or those with the ids."""
    chosen = ProxyService.objects.select_related("department").order_by("code")
    if ids is not None:
        chosen = chosen.filter(uid__in=ids)
    return [Told(row.uid, row.version, _record(row)) for row in chosen]


def _record(row: ProxyService) -> dict[str, object]:
    return {
        "code": row.code,
        "label": row.label,
        "department": row.department.name if row.department else "",
        "days": row.days,
        "needed": row.needed,
        "optional": row.optional,
        "parts": row.parts,
        "task_items": row.task_items,
        "enabled": row.enabled,
    }


def _fill(held: ProxyService, terms: Terms) -> None:
    held.uid = list_uid(f"service:{terms.code}")
    held.label, held.department_id = terms.label.strip(), terms.department or None
    held.level, held.days, held.mend_days = terms.level, terms.days, terms.mend_days
    held.legal_basis, held.enabled, held.confirmed = terms.legal_basis.strip(), terms.enabled, terms.confirmed
    for name in _LISTED:
        setattr(held, name, list(dict.fromkeys(getattr(terms, name))))


def _code_save(actor: Actor, terms: Terms) -> None:
    """Keep the code list of the services in step, where it is not."""
    known = CodeList.objects.filter(id=SERVICES).first()
    if known is None:
        raise ValidationError({"code": ["代码表尚未载入，请先运行 manage.py codes_load"]})
    items = {
        code: CodeItem(code, label, retired)
        for code, label, retired in Code.objects.filter(list=known).values_list("code", "label", "retired")
    }
    mine = CodeItem(terms.code, terms.label.strip(), not terms.enabled)
    if items.get(terms.code) != mine:
        items[terms.code] = mine
        codelist_save(
            actor=actor, name=SERVICES, label=known.label, confirmed=known.confirmed, items=[*items.values()]
        )


def _parts(terms: Terms) -> str:
    if not terms.parts:
        return ""
    if terms.department or terms.needed or terms.optional or terms.shared:
        return "“一件事”由所含事项分别办理，自身不填部门、材料和数据项"
    known = dict(ProxyService.objects.filter(code__in=terms.parts).values_list("code", "parts"))
    wrong = [code for code in terms.parts if code not in known or known[code]]
    return f"没有可以包含的事项：{'、'.join(wrong)}" if wrong else ""


def _materials(terms: Terms) -> str:
    known = book().get(MATERIALS, {})
    for code in (*terms.needed, *terms.optional):
        if code not in known:
            return f"代码表“办事材料”中没有{code}"
        if known[code].retired:
            return f"材料“{known[code].label}”已停用"
    both = set(terms.needed) & set(terms.optional)
    return f"既必交又选交：{'、'.join(sorted(both))}" if both else ""


def _shared(terms: Terms) -> str:
    switched = switches_on()
    for name in terms.shared:
        kind, _, field = name.partition(".")
        item = KINDS[kind].by_name.get(field) if kind in _SHARED_KINDS else None
        if item is None:
            return f"没有数据项 {name}"
        if item.switched and name not in switched:
            return f"{item.label}未经本市启用，不得提供"
        if item.sensitivity is not Sensitivity.PUBLIC and not terms.legal_basis.strip():
            return f"提供“{item.label}”须写明依据"
    return "没有办理部门，不必提供数据项" if terms.shared and not terms.department else ""


def _days(terms: Terms) -> str:
    if terms.parts:
        return ""
    if not (1 <= terms.days <= _MOST_DAYS and 1 <= terms.mend_days <= _MOST_DAYS):
        return f"期限应为1到{_MOST_DAYS}个工作日"
    return ""


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ValueError(f"{path.name} 第1行：列应为 {','.join(_COLUMNS)}")
        return list(reader)


def _terms(row: Mapping[str, str], labels: Mapping[str, str]) -> Terms:
    values: dict[str, Any] = {name: row[name].split() if name in _LISTED else row[name] for name in _COLUMNS}
    for name in ("level", "days", "mend_days"):
        if not row[name].isdigit():
            raise ValueError(f"services.csv {row['code']}：{name} 应为整数")
        values[name] = int(row[name])
    values["confirmed"] = row["confirmed"] == "1"
    return Terms(label=labels.get(row["code"], row["code"]), **values)
