"""Traces that staff leave when they read people's data (查阅留痕)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from governance.access.actor import PEOPLE_KINDS, Actor
from governance.audit.services import audit_append
from governance.contract import CITY, Kind
from governance.records.registry.areas import CITY_DIGITS, root_of
from governance.records.rows import Held

_NEAR_PEOPLE = PEOPLE_KINDS | {"task"}


def list_trace(actor: Actor, kind: Kind, rows: Sequence[Any], area: str, detail: dict[str, Any]) -> None:
    """Enter that a page of a list was read: whose rows, in which area; never what was searched for."""
    if kind.name not in _NEAR_PEOPLE or not rows:
        return
    grids = {row.grid for row in rows}
    where = area or root_of(actor.scope)
    with transaction.atomic():
        audit_append(
            actor=actor,
            action="records.list",
            kind=kind.name,
            subjects=[subject_id(kind, row) for row in rows],
            scope=CITY if len(where) <= CITY_DIGITS else where,
            count=len(rows),
            detail=detail,
            chain=grids.pop() if len(grids) == 1 else CITY,
        )


def read_trace(actor: Actor, held: Held, action: str, detail: dict[str, Any]) -> None:
    """Enter that one record, or one of its values, was read; the subject is the person it concerns."""
    with transaction.atomic():
        audit_append(
            actor=actor,
            action=action,
            kind=held.kind.name,
            subject=UUID(str(held.values.get("person") or held.id)),
            scope=held.grid,
            detail=detail,
            chain=held.grid,
        )


def subject_id(kind: Kind, row: Any) -> UUID:
    """Give the person a row is about, else the row's own id."""
    found: UUID = (row.person_id if "person" in kind.by_name else None) or row.pk
    return found
