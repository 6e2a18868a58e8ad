"""What the model knows of tasks: the rules of their life are the contract's."""

from collections.abc import Callable, Mapping, Set
from typing import Any

from governance.contract import Kind

Values = Mapping[str, Any]
Lookup = Callable[[str, str], tuple[Kind, Values] | None]


def implied(kind: Kind, held: Values, offered: dict[str, Any]) -> set[str]:
    """Add to what is offered of a task what follows from it; gives why it cannot be."""
    if kind.step is None or kind.derive is None:
        return set()
    for name, value in kind.derive({**held, **offered}).items():
        if {**held, **offered}.get(name) != value:
            if offered.get(name) is not None:
                return {"contradiction"}
            offered[name] = value
    return broken(kind, {**held, **offered}) - broken(kind, held)


def broken(kind: Kind, values: Values) -> set[str]:
    """Give the codes of the rules that a task breaks."""
    return {problem.code for rule in kind.rules for problem in rule(values)} if kind.step else set()


def report_kept_whole(kind: Kind, offered: Values, taken: dict[str, Any], lost: Set[str]) -> bool:
    """Take a report back where a part of it goes to review; says whether more goes there thereby."""
    more = [name for name in kind.report if name in taken] if lost & set(kind.report) else []
    gone = lost | set(more)
    for name in [*more, *(n for n in taken if kind.by_name[n].derived_from in gone and n not in offered)]:
        taken.pop(name, None)
    return bool(more)


def step_codes(kind: Kind, held: Values, taken: Values, lookup: Lookup) -> set[str]:
    """Give what a task's life has against a step."""
    if kind.step is None or not taken:
        return set()
    return {problem.code for problem in kind.step(held, {**held, **taken}, lookup)}
