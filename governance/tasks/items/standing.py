"""How an item stands: the name of its occasions, and whether anything is left to do."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from governance.tasks.models import Admission, AdmissionState, ItemState, Target, TargetState, WorkItem

LEFT = (TargetState.WAITING, TargetState.ASKED)
"""States of rows that still wait for an answer."""


def occasion_of(item: UUID, subject: str) -> str:
    """Give the key of the occasion that an item asks somebody."""
    return f"item:{item}:{subject}"


def items_finish(items: Collection[UUID]) -> int:
    """Close the items of which nothing is left to do; gives how many."""
    rows = WorkItem.objects.filter(pk__in=items, state=ItemState.SUBMITTED)
    waiting = Admission.objects.filter(state=AdmissionState.WAITING).values("item")
    left = Target.objects.filter(state__in=LEFT).values("item")
    done = rows.exclude(pk__in=waiting.filter(item__in=items)).exclude(pk__in=left.filter(item__in=items))
    return done.update(state=ItemState.FINISHED, ended_at=timezone.now())
