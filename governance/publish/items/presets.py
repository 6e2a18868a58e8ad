"""The console's plain conditions of an item (常用条件): age, residence, living alone."""

from collections.abc import Mapping
from typing import Any

from governance.rules import grammar as g
from governance.rules.notation import GrammarError, as_json, condition_read

ALONE = g.lives_alone("person")


def condition_of(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the condition that a form's values say; None where they say nothing.

    Parameters
    ----------
    values : mapping
        ``age_from`` and ``age_to`` in full years, both included; ``residences`` codes of list
        ``residence_kind``; ``alone``.
    """
    least, most = values.get("age_from"), values.get("age_to")
    nodes: list[g.Condition] = []
    if least is not None or most is not None:
        nodes.append(g.Age("birth_date", least=least, below=None if most is None else most + 1))
    if values.get("residences"):
        nodes.append(g.Code("residence_kind", tuple(values["residences"])))
    if values.get("alone"):
        nodes.append(ALONE)
    return as_json(g.All(tuple(nodes))) if nodes else None


def values_of(condition: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the form's values that say a condition, as far as the form can say it."""
    try:
        node = condition_read(dict(condition or {"op": "all"}))
    except GrammarError:
        return {}
    found: dict[str, Any] = {}
    for each in node.of if isinstance(node, g.All) else (node,):
        if isinstance(each, g.Age):
            found["age_from"], found["age_to"] = each.least, None if each.below is None else each.below - 1
        elif isinstance(each, g.Code):
            found["residences"] = list(each.codes)
        elif each == ALONE:
            found["alone"] = True
    return found
