"""How an item stands: the name of its occasions, and whether anything is left to do."""

from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance.tasks.models import Admission, AdmissionState, ItemState, Target, TargetState, WorkItem

LEFT = (TargetState.WAITING, TargetState.ASKED)
"""States of rows that still wait for an answer."""


def occasion_of(item: UUID, subject: str) -> str:
    """Give the key of the occasion that an item asks somebody."""
    return f"item:{item}:{subject}"


def items_finish() -> int:
    """Close the items of which nothing is left to do; gives how many. Hold no other lock when calling it."""
    rows = WorkItem.objects.filter(state=ItemState.SUBMITTED)
    waiting = Admission.objects.filter(item=OuterRef("pk"), state=AdmissionState.WAITING)
    left = Target.objects.filter(item=OuterRef("pk"), state__in=LEFT)
    done = rows.exclude(Exists(waiting)).exclude(Exists(left))
    return done.update(state=ItemState.FINISHED, ended_at=timezone.now())
