"""Short names of records (简称) for lists, pickers and links; personal parts masked, doors in full."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from governance.contract import KINDS
from governance.contract.masking import masked_title
from governance.records.models import Building, Household, Person, Record, Room, model_of

_JOINS: dict[str, tuple[str, ...]] = {
    "room": ("building",),
    "household": ("room__building",),
    "person": ("household__room__building",),
    "task": ("household__room__building",),
    "visit": ("household__room__building",),
    "paper": ("household__room__building",),
    "case": ("household__room__building",),
}


def joins(kind: str) -> tuple[str, ...]:
    """Give what to fetch along (``select_related``) so that labels and places cost no query."""
    if kind.startswith("care_"):
        return ("person__household__room__building",)
    return _JOINS.get(kind, ())


def rows_of(kind: str) -> "QuerySet[Any]":
    """Give the rows of a kind, with the columns that only the contract names."""
    model: Any = model_of(kind)
    rows: QuerySet[Any] = model.objects.all()
    return rows


def labels(kind: str, ids: Collection[Any]) -> dict[str, str]:
    """Give labels by id, in one query."""
    if not ids:
        return {}
    rows = rows_of(kind).filter(pk__in=ids).select_related(*joins(kind))
    return {str(row.pk): label(row) for row in rows}


def label(record: Record) -> str:
    """Name a record where many stand together: who (masked) and where."""
    if isinstance(record, (Building, Room)):
        return place(record) or str(record)
    who, where = short(record) + _born(record), place(record)
    return f"{who}（{where}）" if where and who != where else who or where


def short(record: Record) -> str:
    """Name a record on its own page: its title, masked."""
    if isinstance(record, (Building, Room)):
        return place(record) or str(record)
    if record.contract.right is not None:
        return short(person) if (person := getattr(record, "person", None)) else record.contract.label
    values = {name: getattr(record, name, None) for name in record.contract.title}
    return masked_title(record.contract, values) or record.contract.label


def place(record: Any) -> str:
    """Give the door a record is found at, "" where it has none."""
    if record is None:
        return ""
    if isinstance(record, Building):
        return f"{_text(record, 'estate')}{_text(record, 'name')}" or _text(record, "address")
    if isinstance(record, Room):
        door = " ".join(part for part in (_text(record, "unit"), _text(record, "number")) if part)
        return f"{place(getattr(record, 'building', None))} {door}".strip()
    if isinstance(record, Household):
        return place(getattr(record, "room", None))
    if isinstance(record, Person):
        return place(getattr(record, "household", None))
    for name in ("household", "person"):
        if name in KINDS[record.contract.name].by_name:
            return place(getattr(record, name))
    return _text(record, "address")


def _born(record: Record) -> str:
    """Tell people of one surname apart by the year that lists show of a birth date."""
    day = getattr(record, "birth_date", None)
    return f" {day.year}年生" if day else ""


def _text(record: Any, name: str) -> str:
    return getattr(record, name, None) or ""
