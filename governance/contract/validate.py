"""Check an offered change against the contract; the same code runs on hub and tablet."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from governance.contract.codes import CodeBook
from governance.contract.fields import Field, Owner, Problem, Type
from governance.contract.kind import Kind, Values
from governance.contract.parse import BadValue, Parser, shown

_EMPTY: Values = {}

Sound = set[tuple[str, str]]
"""Fields with texts that were taken as they are: the people of a batch share most of their codes and days."""


@dataclass(slots=True)
class Checked:
    """What a change comes to: ``values`` to store (JSON forms) and what was wrong.

    ``values`` holds only what may be stored; when ``problems`` is not empty nothing is.
    """

    values: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def check(
    kind: Kind,
    offered: Mapping[str, object],
    book: CodeBook,
    *,
    current: Values | None = None,
    switched_on: Container[str] = (),
    by_hub: bool = False,
    sound: Sound | None = None,
) -> Checked:
    """Validate and normalise the offered fields of one change.

    Parameters
    ----------
    kind : Kind
    offered : mapping
        Field name to JSON value; null empties a field.
    book : CodeBook
    current : mapping, optional
        The record as it stands, JSON forms; None when it is new, then required fields must be there.
    switched_on : container of str
        ``kind.field`` names of the switched fields that this city turned on.
    by_hub : bool
        Whether the hub itself writes; only then may fields owned by the hub be set.
    sound : set, optional
        What was found sound of this kind with the same ``book``; filled, and not looked at again.
    """
    result = Checked(dict(offered))
    values, problems, steps = result.values, result.problems, kind.steps
    for name, value in _untried(offered, sound):
        step = steps.get(name)
        if step is None:
            problems.append(Problem(shown(name), "unknown_field", f"“{kind.label}”没有这一项"))
            del values[name]
            continue
        item, parse, guarded = step
        problem = _barred(kind, item, switched_on, by_hub) if guarded else None
        if problem is not None:
            problems.append(problem)
            del values[name]
        elif value is None or value == "":
            values[name] = None
        else:
            try:
                stored = values[name] = _parsed(item, parse, value, book, current)
            except BadValue as error:
                problems.append(Problem(name, error.args[0], f"{item.label}：{error.args[1]}"))
                del values[name]
                continue
            if sound is not None and not guarded and type(value) is str and stored == value:
                sound.add((name, value))
    _require(result, kind, current)
    if not problems:
        _complete(result, kind, current)
    return result


def _untried(offered: Mapping[str, object], sound: Sound | None) -> Iterable[tuple[str, object]]:
    """Give what is not known to be sound: never what is no text, as ``1`` and ``True`` are one key."""
    if not sound:
        return offered.items()
    try:
        return [item for item in offered.items() if item not in sound]
    except TypeError:  # an array among the values
        return offered.items()


def _parsed(item: Field, parse: Parser, value: object, book: CodeBook, current: Values | None) -> object:
    """Parse a value; of a list of codes those may stay that the record holds, though they are retired now."""
    try:
        return parse(value, book)
    except BadValue:
        held = current.get(item.name) if current is not None else None
        if item.type is not Type.CODES or not isinstance(held, list) or not isinstance(value, list):
            raise
        kept = {str(each) for each in value if each in held}
        added = parse([each for each in value if each not in held], book)
        return sorted(kept.union(added if isinstance(added, list) else ()))


def _barred(kind: Kind, item: Field, switched_on: Container[str], by_hub: bool) -> Problem | None:
    if item.switched and f"{kind.name}.{item.name}" not in switched_on:
        return Problem(item.name, "switched_off", f"{item.label}未经本市启用，不得采集")
    if item.owner is Owner.HUB and not by_hub:
        return Problem(item.name, "owner", f"{item.label}由平台维护，不能修改")
    return None


def _require(result: Checked, kind: Kind, current: Values | None) -> None:
    for item in kind.required:
        name = item.name
        if result.values.get(name) is not None or (current is not None and name not in result.values):
            continue
        if not any(problem.field == name for problem in result.problems):
            result.problems.append(Problem(name, "required", f"{item.label}：必填"))


def _complete(result: Checked, kind: Kind, current: Values | None) -> None:
    """Fill what the values imply, then hold the whole record against the kind's rules.

    A rule that the record broke before the change is no reason to refuse the change.
    """
    whole = {**(current or _EMPTY), **result.values}
    if kind.derive is not None:
        for name, value in kind.derive(whole).items():
            if whole.get(name) != value:
                if result.values.get(name) is not None:
                    result.problems.append(_contradiction(kind, name))
                    continue
                result.values[name] = whole[name] = value
    broken = [problem for rule in kind.rules for problem in rule(whole)]
    if broken and current is not None:
        before = {problem for rule in kind.rules for problem in rule(current)}
        broken = [problem for problem in broken if problem not in before]
    result.problems.extend(broken)


def _contradiction(kind: Kind, name: str) -> Problem:
    item = kind.by_name[name]
    source = kind.by_name[item.derived_from] if item.derived_from else item
    return Problem(name, "contradiction", f"{item.label}与{source.label}不符")
