"""Reading questions about visits (走访疑问)."""

from django.db.models import QuerySet

from governance.access.actor import Actor
from governance.tasks.models import Question


def questions_seen(actor: Actor) -> "QuerySet[Question]":
    """Give the questions about visits in an actor's area; none to who does not plan tasks."""
    rows = Question.objects.select_related("worker", "reviewed_by")
    return rows.filter(actor.scope.q()) if actor.can("plan_tasks") else rows.none()
