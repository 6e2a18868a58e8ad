"""What a worker puts into the forms of each kind: just enough, and every text but once."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from governance.contract import KINDS
from governance.records.codes import book

TEXT = "*"
"""Stands for a text that has never been used before."""

MARK = "字"
"""How such a text begins."""

REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "building": {"name": TEXT},
    "room": {"number": TEXT},
    "household": {"head_name": TEXT},
    "person": {"name": TEXT, "residence_kind": "1", "sex": "1"},
    "organisation": {"name": TEXT, "category": "organisation_category"},
    "thing": {"name": TEXT, "category": "part_category"},
    "event": {"description": TEXT, "category": "event_category"},
    "visit": {"content": TEXT, "purpose": "visit_purpose"},
    "care_hardship": {"note": TEXT, "category": "hardship_kind"},
    "care_left_behind": {"note": TEXT, "category": "left_behind_kind"},
    "care_mental": {"note": TEXT},
    "care_drug": {"note": TEXT},
    "care_correction": {"note": TEXT},
    "care_release": {"note": TEXT},
    "care_youth": {"note": TEXT, "category": "youth_kind"},
}

RETIRED = ("organisation_category", "part_category", "event_category", "visit_purpose", "hardship_kind")
"""Lists whose first code goes out of use and comes back."""

EDITED: Mapping[str, tuple[str, ...]] = {
    "building": ("note", "name"),
    "room": ("note", "unit"),
    "household": ("note", "head_name"),
    "person": ("note", "workplace", "name"),
    "organisation": ("note", "name", "address"),
    "thing": ("note", "name"),
    "event": ("title", "address"),
    "visit": ("note", "content"),
    "care_mental": ("note", "hospital"),
}
"""Fields that are edited; ``note`` where a kind is not named."""

DERIVED = frozenset({"part_class", "event_class", "state"})
"""Fields that follow from others, at the hub as on the tablet."""

OFTEN = ("person",) * 6 + ("household", "room", "visit") * 2 + tuple(REQUIRED)


def required(kind: str, text: Callable[[], str]) -> dict[str, Any]:
    """Give what a new record needs, but for its parent or point."""
    values = {}
    for name, value in REQUIRED[kind].items():
        codes = KINDS[kind].by_name[name].codes
        values[name] = text() if value == TEXT else code(codes) if value == codes else value
    return values


def edited(kind: str) -> tuple[str, ...]:
    """Give the fields that may be edited."""
    return EDITED.get(kind, ("note",))


@cache
def code(name: str) -> str:
    """Give the first code of a list, be it out of use."""
    return next(iter(book()[name]))
