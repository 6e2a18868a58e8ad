"""What the editor's rows offer (可选条件): every field, code, relation and word, from the contract.

The page in the browser builds its lists from this alone; what it sends back is read by the grammar.
"""

from functools import cache
from typing import Any

from governance.contract import KINDS, CodeBook, Kind, Owner, Type
from governance.contract.asks import MATERIALS
from governance.rules.relations import SUBJECTS, bases_of, paths_of, related, relations_of, resolve, walk
from governance.rules.wording import ASSIGNEES, UNITS

_ROWS: dict[Type, tuple[str, ...]] = {
    Type.DATE: ("age", "day", "between", "present"),
    Type.MOMENT: ("day", "between", "present"),
    Type.CODE: ("code", "present"),
    Type.CODES: ("code", "present"),
    Type.INTEGER: ("number", "present"),
    Type.NUMBER: ("number", "present"),
    Type.FLAG: ("flag", "present"),
    Type.AREA: ("area", "present"),
    Type.GRID: ("area", "present"),
}
"""What may be asked of a field, by its type; of all others whether it is filled."""

ROW_WORDS = {
    "age": "年龄（时长）",
    "day": "在今天前后",
    "between": "在某段日期内",
    "code": "是下列之一",
    "number": "数值范围",
    "flag": "是或否",
    "present": "已填写",
    "area": "属于区划",
}
_PLACED = frozenset({Type.LON, Type.LAT, Type.FILES, Type.REF})


def catalogue(book: CodeBook) -> dict[str, Any]:
    """Give everything the editor offers, as JSON.

    Parameters
    ----------
    book : CodeBook
        Retired codes are left out.
    """
    lists = {field["codes"] for kind in _kinds().values() for field in kind["fields"] if field.get("codes")}
    return {
        "subjects": [{"name": name, "label": KINDS[name].label} for name in SUBJECTS],
        "kinds": _kinds(),
        "codes": {name: _codes(book, name) for name in sorted(lists)},
        "units": {str(unit): label for unit, label in UNITS.items()},
        "rows": ROW_WORDS,
        "assignees": ASSIGNEES,
        "priorities": _codes(book, "priority"),
        "materials": _codes(book, MATERIALS),
        "asks": {name: _asks(KINDS[name]) for name in SUBJECTS},
    }


def _codes(book: CodeBook, name: str) -> list[list[str]]:
    return [[item.code, item.label] for item in book.get(name, {}).values() if not item.retired]


@cache
def _kinds() -> dict[str, Any]:
    return {name: _kind(kind) for name, kind in KINDS.items()}


def _kind(kind: Kind) -> dict[str, Any]:
    return {
        "label": kind.label,
        "fields": [line for path, label in paths_of(kind).items() if (line := _field(kind, path, label))],
        "bases": [
            {"path": path, "label": label, "relations": _relations(kind, path)}
            for path, label in bases_of(kind).items()
        ],
    }


def _field(kind: Kind, path: str, label: str) -> dict[str, Any] | None:
    end = resolve(kind, path)
    if end is None or end.field.type in _PLACED:
        return None
    line: dict[str, Any] = {"path": path, "label": label, "rows": _ROWS.get(end.field.type, ("present",))}
    line["group"] = "的".join([step.label for step in end.steps]) or kind.label
    line["type"] = end.field.type.value
    if end.field.codes:
        line["codes"] = end.field.codes
    if end.field.unit:
        line["unit"] = end.field.unit
    return line


def _relations(kind: Kind, base: str) -> list[dict[str, Any]]:
    walked = walk(kind, base)
    if walked is None:
        return []
    found = []
    for relation, label in relations_of(walked[1]).items():
        other = related(walked[1], relation)
        if other is not None and other.name in KINDS:
            days = [item.name for item in other.fields if item.type in (Type.DATE, Type.MOMENT)]
            found.append({"name": relation, "label": label, "kind": other.name, "days": days})
        elif other is not None:
            found.append({"name": relation, "label": label, "kind": "", "days": []})
    return found


def _asks(kind: Kind) -> list[list[str]]:
    """Give the fields of a subject and its household that a task may ask for."""
    found = []
    for each in (kind, KINDS["household"]) if kind.name != "household" else (kind,):
        for item in each.fields:
            if item.owner is not Owner.HUB and not item.switched and item.type not in _PLACED:
                found.append([f"{each.name}.{item.name}", f"{each.label}：{item.label}"])
    return found
