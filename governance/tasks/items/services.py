"""An item's life on its department's side: written down, handed in, taken back; each leaves its trace."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import Department
from governance.access.policy import check_can
from governance.contract import Problem
from governance.records.outside import Conflict, Invalid
from governance.tasks.items.chosen import targets_choose
from governance.tasks.items.grants import Grant
from governance.tasks.items.standing import LEFT, occasion_of
from governance.tasks.items.terms import Terms, terms_problems
from governance.tasks.items.traces import trace
from governance.tasks.models import (
    Admission,
    Chosen,
    ItemState,
    Target,
    TargetState,
    WorkItem,
)
from governance.tasks.offers import tasks_withdraw

_COMMUNITY = 12
_AT_ONCE = 500
_WRITTEN = (
    "title", "text", "purpose", "legal_basis", "area", "asks", "opens_on", "due_on", "subject_kind",
    "priority", "chosen", "condition",
)  # fmt: skip


@transaction.atomic
def item_save(*, actor: Actor, department: Department, terms: Terms, grant: Grant, day: date) -> WorkItem:
    """Write an item down, or change it while it is a draft; the same again changes nothing.

    Parameters
    ----------
    actor : Actor
    department : Department
    terms : Terms
        ``terms.ref`` tells one item of a department from another.
    grant : Grant
        What the department may ask.
    day : date
        Today, Asia/Shanghai.

    Raises
    ------
    Forbidden
        Without the ability ``define_items``.
    Invalid
        In Chinese, by field.
    Conflict
        Where it was handed in before with other terms.
    """
    check_can(actor, "define_items")
    # A request and its repetition would both find nothing, and one of them end at the table's own check.
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    found = WorkItem.objects.select_for_update().filter(department=department, ref=terms.ref).first()
    values = {name: getattr(terms, name) for name in _WRITTEN} | {"expires_on": terms.lapses_on}
    if found and all(getattr(found, name) == value for name, value in values.items()):
        return found
    problems = terms_problems(terms, grant, day)
    if problems:
        raise Invalid(problems)
    if found and found.state != ItemState.DRAFT:
        raise Conflict(f"文号“{terms.ref}”的事项已提交，内容不能再改；可撤回后另行提交")
    if found and found.subject_kind != terms.subject_kind and found.targets.exists():
        raise Conflict("已有名单，不能再改对象种类")
    if found is None:
        made = {"created_at": timezone.now(), "created_by_id": actor.user_id}
        found = WorkItem(department=department, ref=terms.ref, **made)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    trace(actor, "items.save", found, asks=found.asks, area=found.area)
    return found


@transaction.atomic
def item_submit(*, actor: Actor, item: WorkItem, day: date) -> WorkItem:
    """Hand an item in: from now on each community concerned is asked to let it in.

    Raises
    ------
    Forbidden
        Without the ability ``define_items``.
    Conflict
        Where it was taken back.
    Invalid
        Where it names nobody, or its deadline has passed.
    """
    check_can(actor, "define_items")
    held = _locked(item)
    if held.state in (ItemState.SUBMITTED, ItemState.FINISHED):
        return held
    if held.state != ItemState.DRAFT:
        raise Conflict("事项已撤回，不能再提交")
    if held.chosen == Chosen.CONDITION:
        targets_choose(held, day)
    grids = Target.objects.filter(item=held, state=TargetState.WAITING).values_list("grid", flat=True)
    communities = {grid[:_COMMUNITY] for grid in grids.distinct()}
    if not communities:
        raise Invalid(
            [Problem("targets", "required", "没有可办理的对象：名单没有一行对应到人，或没有人满足条件")]
        )
    if held.due_on < day:
        raise Invalid([Problem("due_on", "contradiction", f"办理期限：{held.due_on}已经过去")])
    admissions_open(held, communities)
    held.state, held.submitted_at = ItemState.SUBMITTED, timezone.now()
    held.save(update_fields=["state", "submitted_at"])
    trace(actor, "items.submit", held, communities=len(communities))
    return held


def item_withdraw(*, actor: Actor, item: WorkItem, reason: str, day: date) -> WorkItem:
    """Take an item back: nobody is asked any more; what was answered stays.

    Raises
    ------
    Forbidden
        Without the ability ``define_items``.
    Invalid
        Without a reason.
    """
    check_can(actor, "define_items")
    if not reason.strip():
        raise Invalid([Problem("reason", "required", "撤回原因：必填")])
    with transaction.atomic():
        held = _locked(item)
        if held.state not in (ItemState.DRAFT, ItemState.SUBMITTED):
            return held
        held.state, held.ended_at, held.ended_reason = ItemState.WITHDRAWN, timezone.now(), reason[:200]
        held.save(update_fields=["state", "ended_at", "ended_reason"])
        trace(actor, "items.withdraw", held, reason=reason[:200])
    if Target.objects.filter(item=held, state__in=LEFT).count() <= _AT_ONCE:
        item_take_back(held, day)  # A long list is left to the task worker: a page is one transaction.
    return held


def item_take_back(item: WorkItem, day: date) -> int:
    """End what an item that was taken back still asks; may be cut and called again. Gives how many."""
    ended = 0
    left = Target.objects.filter(item=item, state__in=LEFT)
    while rows := list(left.order_by("pk")[:_AT_ONCE]):
        occasions = [occasion_of(item.pk, row.subject) for row in rows]
        tasks_withdraw(occasions, day, "部门已撤回事项")
        # An answer that came while the tasks were taken back stays.
        ended += left.filter(pk__in=[row.pk for row in rows]).update(state=TargetState.WITHDRAWN)
    return ended


def admissions_open(item: WorkItem, communities: Iterable[str]) -> None:
    """Ask communities to let an item in; those asked before stay as they are."""
    rows = [Admission(item=item, community=code) for code in sorted(communities)]
    Admission.objects.bulk_create(rows, ignore_conflicts=True)


def _locked(item: WorkItem) -> WorkItem:
    return WorkItem.objects.select_for_update(of=("self",)).select_related("department").get(pk=item.pk)
