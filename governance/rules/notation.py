"""Rules as JSON: written out for the database, read back strictly."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any as AnyValue
from typing import Union, get_args, get_origin, get_type_hints

from governance.rules import grammar
from governance.rules.grammar import CONDITIONS, MOMENTS, Body, Condition, Moment

MOST_DEPTH = 8
MOST_NODES = 200
MOST_LISTED = 200
_MOST_FAULTS = 50

_TREES: dict[object, Mapping[str, type]] = {Condition: CONDITIONS, Moment: MOMENTS}
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is no rule: ``place`` is where, such as ``who.of.1.codes``, ``reason`` Chinese."""

    place: str
    reason: str


class GrammarError(ValueError):
    """JSON that is no rule, with everything in it that cannot be read."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("；".join(f"{each.place}：{each.reason}".lstrip("：") for each in faults))
        self.faults = faults


def as_json(node: object) -> AnyValue:
    """Give the JSON form of a body, a moment, a condition or a part of them; defaults are left out."""
    if isinstance(node, Enum):
        return node.value
    if isinstance(node, date):
        return node.isoformat()
    if isinstance(node, tuple):
        return [as_json(each) for each in node]
    if not is_dataclass(node):
        return node
    made = {"op": node.op} if hasattr(node, "op") else {}
    for item in fields(node):
        value = getattr(node, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if value != default or type(value) is not type(default):
            made[item.name] = as_json(value)
    return made


def body_read(value: object) -> Body:
    """Read a rule's body.

    Raises
    ------
    GrammarError
        Where it is none, naming every place.
    """
    body: Body = _Reader().whole(Body, value, "")
    return body


def condition_read(value: object, place: str = "") -> Condition:
    """Read one condition, as :func:`body_read`."""
    node: Condition = _Reader().whole(Condition, value, place)
    return node


class _Reader:
    """Reads on behind what it cannot read and gives nothing in its stead, so that all faults are told."""

    def __init__(self) -> None:
        self.nodes = 0
        self.faults: list[Fault] = []

    def whole(self, wanted: AnyValue, value: object, place: str) -> AnyValue:
        made = self.read(wanted, value, place, 0)
        if self.faults:
            raise GrammarError(*self.faults)
        return made

    def fault(self, place: str, reason: str) -> None:
        self.faults.append(Fault(place, reason))
        if len(self.faults) >= _MOST_FAULTS:
            raise GrammarError(*self.faults)

    def read(self, wanted: AnyValue, value: object, place: str, depth: int) -> AnyValue:
        if wanted in _TREES:
            return self._node(_TREES[wanted], value, place, depth)
        if isinstance(wanted, type) and is_dataclass(wanted):
            return self._fields(wanted, value, place, depth, frozenset())
        origin = get_origin(wanted)
        if origin in (Union, types.UnionType):
            inner, optional = _optional(wanted)
            return None if optional and value is None else self.read(inner, value, place, depth)
        if origin is tuple:
            if not isinstance(value, list) or len(value) > MOST_LISTED:
                return self.fault(place, f"应为列表，至多{MOST_LISTED}项")
            part = get_args(wanted)[0]
            return tuple(
                self.read(part, each, f"{place}.{number}", depth) for number, each in enumerate(value)
            )
        return self._plain(wanted, value, place)

    def _node(self, table: Mapping[str, type], value: object, place: str, depth: int) -> AnyValue:
        self.nodes += 1
        if depth >= MOST_DEPTH or self.nodes > MOST_NODES:
            reason = f"条件过多或嵌套过深（至多{MOST_DEPTH}层、{MOST_NODES}项）"
            raise GrammarError(*self.faults, Fault(place, reason))
        op = value.get("op") if isinstance(value, dict) else None
        made = table.get(op) if isinstance(op, str) else None
        if made is None:
            return self.fault(place, "没有这种条件")
        return self._fields(made, value, place, depth + 1, frozenset({"op"}))

    def _fields(self, made: type, value: object, place: str, depth: int, beside: frozenset[str]) -> AnyValue:
        if not isinstance(value, dict):
            return self.fault(place, "格式不对")
        hints = _hints(made)
        unknown = value.keys() - hints.keys() - beside
        if unknown:
            return self.fault(place, f"没有“{min(map(str, unknown))}”这一项")
        read: dict[str, object] = {}
        for item in fields(made):
            given = value.get(item.name, _ABSENT)
            inner = f"{place}.{item.name}".lstrip(".")
            if given is not _ABSENT:
                read[item.name] = self.read(hints[item.name], given, inner, depth)
            elif item.default is MISSING and item.default_factory is MISSING:
                self.fault(inner, "必填")
        return None if self.faults else made(**read)

    def _plain(self, wanted: AnyValue, value: object, place: str) -> AnyValue:
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            try:
                return wanted(value)
            except ValueError:
                return self.fault(place, f"没有“{value}”这种取值")
        if wanted is date:
            try:
                return date.fromisoformat(value if isinstance(value, str) else "")
            except ValueError:
                return self.fault(place, "应为日期，如 2026-01-01")
        if wanted is float and type(value) in (int, float):
            return value
        return value if type(value) is wanted else self.fault(place, _WANTED.get(wanted, "格式不对"))


@cache
def _hints(made: type) -> dict[str, AnyValue]:
    names = {item.name for item in fields(made)}
    hints = get_type_hints(made, vars(grammar))
    return {name: hint for name, hint in hints.items() if name in names}


def _optional(wanted: AnyValue) -> tuple[AnyValue, bool]:
    parts = [part for part in get_args(wanted) if part is not type(None)]
    optional = len(parts) < len(get_args(wanted))
    if len(parts) == 1:
        return parts[0], optional
    return next(tree for tree in _TREES if set(get_args(tree)) == set(parts)), optional


_WANTED = {int: "应为整数", float: "应为数字", str: "应为文字", bool: "应为是或否"}
