"""What a department's agreements in force allow its items to ask and get."""

from datetime import date

from governance.access.models import Department
from governance.contract import KINDS
from governance.publish.catalogue import items_of, published
from governance.publish.selectors import agreements_on
from governance.records.codes import switches_on
from governance.tasks.items.grants import Grant


def grant_of(department: Department, day: date) -> Grant:
    """Give the areas and items agreed with a department: two queries."""
    on = switches_on()
    areas: dict[str, str] = {}
    fields: set[str] = set()
    for row in agreements_on(day, department):
        areas[row.kind] = row.area
        fields |= {f"{row.kind}.{name}" for name in published(row.fields, row.kind, on)}
    return Grant(areas, frozenset(fields))


def choices(grant: Grant) -> list[tuple[str, str]]:
    """Give the items that may be asked, as ``kind.field`` and in words."""
    found = []
    for kind in ("person", "household"):
        label = KINDS[kind].label
        for item in items_of(KINDS[kind]):
            if f"{kind}.{item.name}" in grant.fields:
                found.append((f"{kind}.{item.name}", f"{label}：{item.label}"))
    return found
