"""Makers of the rules over a whole record (逻辑校验); each rule yields problems with a Chinese reason."""

from collections.abc import Iterable

from governance.contract.fields import Problem
from governance.contract.kind import Rule, Values


def in_order(first: str, later: str, reason: str) -> Rule:
    """Demand that the day ``later`` does not lie before the day ``first``."""

    def rule(values: Values) -> Iterable[Problem]:
        start, end = values.get(first), values.get(later)
        if isinstance(start, str) and isinstance(end, str) and end < start:
            return (Problem(later, "contradiction", reason),)
        return ()

    return rule


def together(one: str, other: str, reason: str) -> Rule:
    """Demand both fields or neither; the problem names the one that is missing."""

    def rule(values: Values) -> Iterable[Problem]:
        has_one = values.get(one) is not None
        if has_one == (values.get(other) is not None):
            return ()
        return (Problem(other if has_one else one, "required", reason),)

    return rule


def either(one: str, other: str, reason: str) -> Rule:
    """Demand at least one of two fields; the problem names the first."""

    def rule(values: Values) -> Iterable[Problem]:
        if values.get(one) is None and values.get(other) is None:
            return (Problem(one, "required", reason),)
        return ()

    return rule


def needs(item: str, base: str, reason: str) -> Rule:
    """Demand ``base`` where ``item`` is given."""

    def rule(values: Values) -> Iterable[Problem]:
        if values.get(item) is not None and values.get(base) is None:
            return (Problem(base, "required", reason),)
        return ()

    return rule


def not_against(flag: str, item: str, reason: str) -> Rule:
    """Forbid a value of ``item`` (or a count above nought) where ``flag`` says no."""

    def rule(values: Values) -> Iterable[Problem]:
        if values.get(flag) is False and values.get(item):
            return (Problem(item, "contradiction", reason),)
        return ()

    return rule
