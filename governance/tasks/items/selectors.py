"""Reading items: how far they are, what waits for a gatekeeper, and what letting one in would mean."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from governance.access.actor import Actor
from governance.access.models import Department
from governance.access.scope import Scope
from governance.contract.asks import asks_read
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.registry.named import field_named_by
from governance.tasks.items.held import answered
from governance.tasks.models import Admission, AdmissionState, ItemState, Target, TargetState, Task, WorkItem
from gridmap.models import Division
from gridmap.selectors import code_range

_AT_ONCE = 1000


def matters_text(items: Collection[str]) -> dict[str, str]:
    """Say of what departments a task's matters are, by item: theirs begin with the department's code."""
    theirs = {item: item.partition(":") for item in items if ":" in item}
    if not theirs:
        return {}
    codes = {code for code, _, _ in theirs.values()}
    names = dict(Department.objects.filter(pk__in=codes).values_list("pk", "name"))
    return {item: f"{names[code]} {ref}" for item, (code, _, ref) in theirs.items() if code in names}


field_named_by("task", "item", matters_text)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an item is: rows by state, of those asked the overdue ones, communities by answer."""

    rows: Mapping[str, int]
    overdue: int
    admissions: tuple[Admission, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What letting an item into a community would mean.

    ``held`` are answered without a visit; ``doors`` are to be visited for the others, ``planned`` of them
    are visited anyway within the item's days; ``others`` are running items that ask some of the same people
    for something that is asked here too.
    """

    targets: int
    held: int
    doors: int
    planned: int
    others: tuple[WorkItem, ...]


def items_of(department: Department) -> QuerySet[WorkItem]:
    """Give a department's items, the newest first."""
    return WorkItem.objects.filter(department=department).select_related("department")


def admissions_for(actor: Actor) -> QuerySet[Admission]:
    """Give what an actor's communities were asked."""
    return Admission.objects.filter(communities_q(actor.scope)).select_related("item", "item__department")


def communities_q(scope: Scope) -> Q:
    """Give the filter on communities that lie wholly within a scope."""
    if scope.unbounded:
        return Q()
    found = Q(pk__in=[])
    for prefix in scope.prefixes:
        found |= Q(community__gte=prefix.ljust(12, "0"), community__lte=prefix.ljust(12, "9"))
    return found


def admissions_waiting(actor: Actor) -> int:
    """Count what waits for a gatekeeper: one query."""
    rows = Admission.objects.filter(state=AdmissionState.WAITING, item__state=ItemState.SUBMITTED)
    return rows.filter(communities_q(actor.scope)).count()


def progress(item: WorkItem, day: date) -> Progress:
    """Say how far an item is: three queries."""
    counted = Target.objects.filter(item=item).order_by().values_list("state").annotate(n=Count("pk"))
    overdue = Task.objects.filter(
        origin="item", origin_ref=str(item.pk), state__in=OPEN_STATES, due_on__lt=day, deleted=False
    )
    return Progress(dict(counted), overdue.count(), tuple(item.admissions.order_by("community")))


def community_names(codes: list[str]) -> dict[str, str]:
    """Give the names of communities."""
    return dict(Division.objects.filter(code__in=codes).values_list("code", "name"))


def prospect(admission: Admission, day: date) -> Prospect:
    """Say what letting an item in would mean, before it is decided."""
    item = admission.item
    rows = Target.objects.filter(item=item, state=TargetState.WAITING)
    waiting = rows.filter(grid__range=code_range(admission.community))
    targets = held = planned = 0
    doors: set[str] = set()
    subjects: list[str] = []
    for start in range(0, waiting.count(), _AT_ONCE):
        part = list(waiting.order_by("pk")[start : start + _AT_ONCE])
        known = {target.pk for target in answered(item.asks, item.subject_kind, part)}
        asked = [target for target in part if target.pk not in known]
        new = {target.household for target in asked if target.household} - doors
        targets, held = targets + len(part), held + len(known)
        planned += _planned_doors(item, new, day)
        doors |= new
        subjects += [target.subject for target in asked if target.subject]
    return Prospect(targets, held, len(doors), planned, _others(item, subjects))


def _planned_doors(item: WorkItem, doors: set[str], day: date) -> int:
    days = (max(day, item.opens_on), item.due_on)
    rows = Task.objects.filter(household__in=doors, state__in=OPEN_STATES, deleted=False, due_on__range=days)
    return rows.values("household").distinct().count()


def _others(item: WorkItem, subjects: list[str]) -> tuple[WorkItem, ...]:
    mine = {str(ask) for ask in asks_read(item.asks)}
    found: dict[object, WorkItem] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        rows = Target.objects.filter(subject__in=subjects[start : start + _AT_ONCE], state=TargetState.ASKED)
        ids = rows.exclude(item=item).exclude(item__in=found).values("item").distinct()
        for other in WorkItem.objects.filter(pk__in=ids).select_related("department"):
            if mine & {str(ask) for ask in asks_read(other.asks)}:
                found[other.pk] = other
    return tuple(found.values())
