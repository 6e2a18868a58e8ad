"""What can be published at all (资源目录): kinds and items, and what an agreement must say."""

import re
from collections.abc import Collection, Sequence

from governance.contract import KINDS, Field, Kind, Owner, Sensitivity, Type

BASE = ("person", "household", "building", "room", "organisation", "thing")
"""Kinds of the base registries; never care registers, which serve visits, nor tasks and events."""

_UNSHARED = frozenset({Type.GRID, Type.FILES})
_AREA = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}")
_WITHHELD = frozenset({"verification", "note", "closed_on", "closed_reason"})


def items_of(kind: Kind) -> list[Field]:
    """Give the items of a kind that an agreement may name."""
    return [
        item
        for item in kind.fields
        if item.type not in _UNSHARED and item.owner is not Owner.HUB and item.name not in _WITHHELD
    ]


def published(fields: Collection[str], kind: str, switched_on: Collection[str]) -> frozenset[str]:
    """Give the agreed items that may go out now: switched ones only while the city has them on."""
    return frozenset(
        item.name
        for item in items_of(KINDS[kind])
        if item.name in fields and (not item.switched or f"{kind}.{item.name}" in switched_on)
    )


def terms_problems(
    *, kind: str, fields: Sequence[str], area: str, legal_basis: str, switched_on: Collection[str]
) -> dict[str, str]:
    """Say what is wrong with an agreement's terms, in Chinese, by field of the agreement."""
    problems: dict[str, str] = {}
    if kind not in BASE:
        return {"kind": "这种数据不对外共享"}
    if not _AREA.fullmatch(area):
        problems["area"] = "应为4、6、9、12位区划编码或15位网格编码"
    problem = _fields_problem(KINDS[kind], fields, switched_on)
    if problem:
        problems["fields"] = problem
    else:
        guarded = [item.label for item in _named(KINDS[kind], fields) if _needs_basis(item)]
        if guarded and not legal_basis.strip():
            problems["legal_basis"] = f"含{'、'.join(guarded)}，须写明法律依据"
    return problems


def _fields_problem(kind: Kind, fields: Sequence[str], switched_on: Collection[str]) -> str | None:
    known = {item.name for item in items_of(kind)}
    unknown = [str(name) for name in fields if name not in known]
    if unknown:
        return f"{kind.label}没有可共享的数据项“{unknown[0][:32]}”"
    if not fields:
        return "至少选择一项"
    for item in _named(kind, fields):
        if item.switched and f"{kind.name}.{item.name}" not in switched_on:
            return f"{item.label}未经本市启用，不得共享"
    return None


def _named(kind: Kind, fields: Sequence[str]) -> list[Field]:
    return [item for item in kind.fields if item.name in fields]


def _needs_basis(item: Field) -> bool:
    return item.sensitivity is Sensitivity.SENSITIVE or item.switched
