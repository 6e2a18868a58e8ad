"""A community lets an item in or not (社区准入), and what was let in reaches the doors.

Whoever the base can answer for is not visited. For the others a task is made; where the gatekeeper merges
the item with visits planned anyway, it is due with the next of them at the same door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.policy import check_can
from governance.contract import Problem
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.models import Household, Person
from governance.records.outside import Conflict, Invalid
from governance.tasks.items.held import answered
from governance.tasks.items.services import admissions_open, item_take_back
from governance.tasks.items.standing import LEFT, items_finish, occasion_of
from governance.tasks.items.traces import trace
from governance.tasks.models import (
    Admission,
    AdmissionState,
    ItemState,
    Target,
    TargetState,
    Task,
    WorkItem,
)
from governance.tasks.offers import tasks_offer
from governance.tasks.wanted import Wanted
from gridmap.selectors import code_range

_AT_ONCE = 500
_COMMUNITY = 12


def admission_decide(
    *, actor: Actor, admission: Admission, approve: bool, day: date, merged: bool = False, reason: str = ""
) -> Admission:
    """Let an item into a community or refuse it, and carry that out; a long list is left to the task worker.

    Parameters
    ----------
    actor : Actor
        The community's gatekeeper.
    admission : Admission
    approve : bool
    day : date
        Today, Asia/Shanghai.
    merged : bool
        Whether its tasks are due with visits planned at the same doors.
    reason : str
        Told to the department; a refusal needs one.

    Raises
    ------
    Forbidden
        Without the ability ``admit_items``, or where the community is not wholly the actor's.
    Invalid
        Where a refusal says no reason.
    Conflict
        Where it was decided before, or the item taken back.
    """
    check_can(actor, "admit_items")
    if not actor.scope.covers_prefix(admission.community):
        raise Forbidden(f"社区{admission.community}不在您的服务范围内")
    if not approve and not reason.strip():
        raise Invalid([Problem("reason", "required", "意见：不予准入时必填")])
    with transaction.atomic():
        item = WorkItem.objects.select_for_update(of=("self",)).get(pk=admission.item_id)
        if item.state != ItemState.SUBMITTED:
            raise Conflict(f"事项{item.get_state_display()}，不必再审核")
        waiting = Admission.objects.filter(pk=admission.pk, state=AdmissionState.WAITING)
        decided = waiting.update(
            state=AdmissionState.APPROVED if approve else AdmissionState.REFUSED,
            merged=approve and merged,
            reason=reason.strip()[:200],
            decided_at=timezone.now(),
            decided_by_id=actor.user_id,
        )
        if not decided:
            raise Conflict("这个社区已经审核过")
        trace(actor, "items.admit", item, community=admission.community, approve=approve, merged=merged)
    admission.refresh_from_db()
    if not approve or progress_of(admission).left <= _AT_ONCE:
        admission_carry_out(admission, day)  # A long list is left to the task worker.
        admission.refresh_from_db()
    return admission


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a decision is carried out: ``left`` of ``total`` rows still wait."""

    left: int
    total: int


def progress_of(admission: Admission) -> Progress:
    """Say how far a decision is carried out."""
    rows = Target.objects.filter(item=admission.item_id, grid__range=code_range(admission.community))
    found = rows.aggregate(total=Count("pk"), left=Count("pk", filter=Q(state=TargetState.WAITING)))
    return Progress(found["left"], found["total"])


def items_carry_on(day: date) -> int:
    """Go on with what was cut: decisions not carried out, items not wholly taken back; gives how many."""
    left = Admission.objects.filter(carried_at=None).exclude(state=AdmissionState.WAITING)
    rows = list(left.select_related("item", "item__department"))
    for admission in rows:
        admission_carry_out(admission, day)
    still = Target.objects.filter(item=OuterRef("pk"), state__in=LEFT)
    taken_back = list(WorkItem.objects.filter(Exists(still), state=ItemState.WITHDRAWN))
    for item in taken_back:
        item_take_back(item, day)
    return len(rows) + len(taken_back)


def admission_carry_out(admission: Admission, day: date) -> None:
    """Answer from the base, ask at the doors, or strike out; may be cut and called again."""
    item = WorkItem.objects.select_related("department").get(pk=admission.item_id)
    waiting = Target.objects.filter(
        item=item, state=TargetState.WAITING, grid__range=code_range(admission.community)
    )
    while _chunk_carry_out(item, waiting, day, admission):
        pass
    if not WorkItem.objects.filter(pk=item.pk, state=ItemState.SUBMITTED).exists():
        item_take_back(item, day)
    items_finish()


@transaction.atomic
def _chunk_carry_out(item: WorkItem, waiting: QuerySet[Target], day: date, admission: Admission) -> bool:
    """Deal with some waiting targets; gives whether there were any, and notes it where there were none.

    The item stays locked meanwhile, so that nobody is asked once it was taken back, and who moves in from
    another community is either seen here or has the decision carried out once more.
    """
    rows = WorkItem.objects.select_for_update(of=("self",))
    stands = rows.filter(pk=item.pk, state=ItemState.SUBMITTED).first() is not None
    if admission.state == AdmissionState.REFUSED:
        waiting.update(state=TargetState.REFUSED)
    chunk = list(waiting.order_by("pk")[:_AT_ONCE]) if stands else []
    if not chunk:
        Admission.objects.filter(pk=admission.pk).update(carried_at=timezone.now())
        return False
    here = [target for target in _placed(item, chunk) if target.grid.startswith(admission.community)]
    known = answered(item.asks, item.subject_kind, here)
    held = {target.pk for target in known}
    now = timezone.now()
    mine = Target.objects.filter(state=TargetState.WAITING)
    mine.filter(pk__in=held).update(state=TargetState.HELD, answered_at=now)
    asked = [target for target in here if target.pk not in held]
    offered = tasks_offer(wanted_for(item, asked, day, merged=admission.merged), day)
    refused = {each.occasion for each in offered if each.problems}
    failed = {target.pk for target in asked if occasion_of(item.pk, target.subject) in refused}
    mine.filter(pk__in=failed).update(state=TargetState.WITHDRAWN)
    mine.filter(pk__in={target.pk for target in asked} - failed).update(state=TargetState.ASKED)
    return True


def _placed(item: WorkItem, rows: Sequence[Target]) -> list[Target]:
    """Bring targets to where their records lie now; the gone are struck out, the moved ask there."""
    places = subject_places(item.subject_kind, [target.subject for target in rows])
    left, moved = [], set()
    for target in rows:
        place = places.get(target.subject)
        if place is None or not place[0].startswith(item.area):
            target.state = TargetState.WITHDRAWN
        else:
            if place[0][:_COMMUNITY] != target.grid[:_COMMUNITY]:
                moved.add(place[0][:_COMMUNITY])
            target.grid, target.household = place
            left.append(target)
    Target.objects.bulk_update(rows, ["grid", "household", "state"])
    if moved:
        admissions_open(item, moved)
        Admission.objects.filter(item=item, community__in=moved).update(carried_at=None)
    return left


def subject_places(kind: str, subjects: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give grid and household of the open records among some subjects."""
    if kind == "person":
        people = Person.objects.filter(pk__in=subjects, deleted=False, closed_on=None)
        rows = people.values_list("id", "grid", "household_id")
        return {str(id_): (grid, str(household)) for id_, grid, household in rows}
    homes = Household.objects.filter(pk__in=subjects, deleted=False, closed_on=None)
    return {str(id_): (grid, str(id_)) for id_, grid in homes.values_list("id", "grid")}


def wanted_for(item: WorkItem, targets: Sequence[Target], day: date, *, merged: bool) -> list[Wanted]:
    """Say which tasks targets need."""
    planned = _planned(item, targets, day) if merged else {}
    said = f"{item.department.name}：{item.text}（依据：{item.legal_basis}）"
    made = []
    for target in targets:
        due = planned.get(target.household, item.due_on)
        made.append(
            Wanted(
                occasion=occasion_of(item.pk, target.subject),
                origin="item",
                origin_ref=str(item.pk),
                item=f"{item.department_id}:{item.ref}"[:50],
                title=item.title,
                reason=said[:500],
                priority=item.priority,
                subject_kind=item.subject_kind,
                subject=UUID(target.subject),
                household=UUID(target.household) if target.household else None,
                grid=target.grid,
                opens_on=min(item.opens_on, due),
                due_on=due,
                expires_on=item.expires_on,
                asks=item.asks,
            )
        )
    return made


def _planned(item: WorkItem, targets: Sequence[Target], day: date) -> dict[str, date]:
    """Give for each household the day of the next visit that is planned anyway, within the item's days."""
    first = max(day, item.opens_on)
    doors = {target.household for target in targets if target.household}
    rows = Task.objects.filter(
        household__in=doors, state__in=OPEN_STATES, deleted=False, due_on__range=(first, item.due_on)
    )
    others = rows.exclude(origin_ref=str(item.pk)).order_by().values_list("household")
    return {str(door): due for door, due in others.annotate(next=Min("due_on"))}
