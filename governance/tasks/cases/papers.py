"""Materials of cases (材料核对): which a case finds in its household's records, and which it lacks."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.records.models import model_of
from governance.records.rows import Held


def papers_of(held: Held, materials: Sequence[str]) -> "QuerySet[Any]":
    """Give the materials valid today that serve a case: its person's, and its household's own.

    Parameters
    ----------
    held : Held
        The case.
    materials : sequence of str
        Codes of list ``case_material``.
    """
    model: Any = model_of("paper")
    rows: QuerySet[Any] = model.objects.filter(
        Q(person=None) | Q(person=str(held.values["person"])),
        Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()),
        household=str(held.values["household"]),
        material__in=list(materials),
        deleted=False,
        closed_on=None,
    )
    return rows.order_by("material", "-seen_on", "id")


def papers_lacking(held: Held, needed: Sequence[str]) -> list[str]:
    """Give the codes of the materials that a case needs and does not find, in their order."""
    if not needed:
        return []
    found = set(papers_of(held, needed).values_list("material", flat=True))
    return [code for code in needed if code not in found]
