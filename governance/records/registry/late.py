"""What is overdue (逾期): a task or case that still waits although its day has passed."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from governance.contract import Kind
from governance.contract.casework import ENDED
from governance.contract.kinds.task_states import OPEN_STATES


def can_be_late(kind: Kind) -> bool:
    """Whether records of a kind have a day by which they should be done."""
    return "due_on" in kind.by_name


def is_late(row: Any) -> bool:
    """Whether something is still to be done about a task or case whose day has passed."""
    due = getattr(row, "due_on", None)
    if due is None or row.deleted or due >= timezone.localdate():
        return False
    state = str(row.state)
    return state in OPEN_STATES if row.contract.name == "task" else state not in ENDED


def late_rows(kind: Kind) -> Q:
    """Choose the rows of a kind that :func:`is_late` says so of."""
    return _waits(kind) & Q(due_on__lt=timezone.localdate(), deleted=False)


def waiting_rows(kind: Kind) -> Q:
    """Choose the rows of a kind with which something is to be done by now."""
    begun = Q(opens_on=None) | Q(opens_on__lte=timezone.localdate()) if "opens_on" in kind.by_name else Q()
    return _waits(kind) & begun & Q(deleted=False)


def _waits(kind: Kind) -> Q:
    return Q(state__in=OPEN_STATES) if kind.name == "task" else ~Q(state__in=ENDED)
