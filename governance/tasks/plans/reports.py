"""What was reported upwards about visits (走访上报): who sees it, who answers it."""

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.policy import check_can
from governance.audit.services import audit_append
from governance.tasks.models.plans import Escalation

_JOINS = ("person__household__room__building", "household__room__building", "answered_by")


def escalations_seen(actor: Actor) -> "QuerySet[Escalation]":
    """Give the reports an actor may see: in his area, missed visits with their register's right only."""
    rows = Escalation.objects.select_related(*_JOINS)
    if not (actor.sees_people and actor.can("plan_tasks")):
        return rows.none()
    return rows.filter(actor.scope.q(), _visible(actor))


def escalations_unseen(actor: Actor) -> dict[str, int]:
    """Count by grid the open reports in an actor's area that are behind rights he lacks."""
    if not actor.can("plan_tasks"):
        return {}
    rows = Escalation.objects.filter(actor.scope.q(), ~_visible(actor), state=Escalation.State.OPEN)
    counted = rows.order_by("grid").values_list("grid").annotate(n=Count("id"))
    return dict(counted)


def _visible(actor: Actor) -> Q:
    return Q(register="") | Q(register__in=sorted(actor.rights))


@transaction.atomic
def escalation_answer(*, actor: Actor, escalation: Escalation, answer: str) -> Escalation:
    """Say what was done about a report; a missed visit goes on to the next level unless it is made.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks in its grid and may see it.
    NotPossible
        In Chinese: over already, or no word on what was done.
    """
    row = Escalation.objects.select_for_update().get(pk=escalation.pk)
    check_can(actor, "plan_tasks", row.grid)
    if not actor.sees_people or (row.register and row.register not in actor.rights):
        raise Forbidden("您没有查看这条上报的权限")
    if row.state not in (Escalation.State.OPEN, Escalation.State.ANSWERED):
        raise NotPossible("这条上报已经结束")
    if not answer.strip():
        raise NotPossible("请写明处理情况")
    row.state, row.answer = Escalation.State.ANSWERED, answer.strip()[:500]
    row.answered_by_id = actor.user_id
    if row.cause == Escalation.Cause.DANGER:
        row.ended_at = timezone.now()
    row.save(update_fields=["state", "answer", "answered_by", "ended_at"])
    audit_append(
        actor=actor,
        action="plans.answer",
        kind=row.register or "visit",
        subject=row.person_id or row.household_id,
        scope=row.grid,
        chain=row.grid,
        detail={"escalation": row.key},
    )
    return row
