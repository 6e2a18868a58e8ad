"""Staff give tasks out (派发、改派、撤回): each act is theirs in history and audit, tablets hear of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.policy import may
from governance.audit.services import audit_append
from governance.contract import KINDS, Problem, Status
from governance.contract.asks import asks_problems
from governance.contract.kinds.task_states import DONE, OPEN_STATES, RETURNED, STATE_LABELS
from governance.feed.services import heads_lock
from governance.records.codes import book
from governance.records.models import Household
from governance.records.veil import unveiled
from governance.tasks.centres.giving import takers_of
from governance.tasks.cycle.people import assignee_refused, holders_of
from governance.tasks.cycle.takers import Errand
from governance.tasks.models import HelpTurn, Task
from governance.tasks.offers import Offered, held_for, held_locked, planned_write, tasks_offer, written_count
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import Held, Planned, task_set, tasks_taken_back
from governance.tasks.wanted import Wanted

STAFF = "staff"
"""Origin of the tasks that staff make."""

AT_ONCE = 500
"""Tasks that one act takes."""

_AGAIN = OPEN_STATES | {RETURNED, DONE}


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of an act on several tasks: how many were changed, and why others were not."""

    done: int
    refused: tuple[str, ...]


class TaskNotPossible(NotPossible):
    """A task that cannot be made as it was filled in; ``problems`` name the fields."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("；".join(problem.reason for problem in problems))
        self.problems = tuple(problems)


@transaction.atomic
def task_make(*, actor: Actor, wanted: Wanted, day: date) -> Offered:
    """Make a task by hand; sent twice it is made once.

    Parameters
    ----------
    actor : Actor
        Plans tasks at the grid.
    wanted : Wanted
        Its occasion begins with ``staff:``; the household, where there is one, says the grid.
    day : date
        Asia/Shanghai day of the call.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks there.
    TaskNotPossible
        A deadline in the past, a household elsewhere, somebody without a post, asks nobody can read.
    """
    _check_may(actor, wanted.grid)
    problems = [*_days_wrong(wanted, day), *_place_wrong(wanted), *_asks_wrong(wanted)]
    reason = assignee_refused(wanted.assignee, wanted.grid, holders_of([wanted.grid], day))
    reason = reason or takers_of([wanted.grid]).refused(
        wanted.assignee, wanted.grid, wanted.asks, wanted.register
    )
    if reason:
        problems.append(Problem("assignee", "scope", reason))
    if problems:
        raise TaskNotPossible(problems)
    made = held_for([wanted.occasion]).get(wanted.occasion)
    if made is not None:
        return Offered(wanted.occasion, made.id, written=False)
    (offered,) = tasks_offer([wanted], day, by=actor)
    if offered.problems:
        raise TaskNotPossible(offered.problems)
    _tell(actor, "tasks.make", [offered.task], wanted.grid, {"assignee": wanted.assignee})
    return offered


@transaction.atomic
def tasks_assign(*, actor: Actor, tasks: Collection[UUID], assignee: str, note: str, day: date) -> Acted:
    """Give tasks to somebody else, or back to the post; what was returned or done is open again.

    Parameters
    ----------
    actor : Actor
        Plans tasks at their grids.
    tasks : collection of UUID
    assignee : str
        ``user:<username>``, ``station:<code>``, ``team:<number>``; empty for whoever holds the grid's post.
    note : str
        Chinese, for the one who gets it; names no person. Needed where a result is put aside.
    day : date
        Asia/Shanghai day of the call.
    """
    held = _locked(actor, tasks)
    grids = {task.grid for task in held}
    holders, takers = holders_of(grids, day), takers_of(grids)

    def wrong(task: Held) -> str:
        if task.state not in _AGAIN:
            return f"任务{STATE_LABELS.get(task.state, task.state)}，不能改派"
        if task.state == DONE and not note:
            return "任务已办结，重新派发须写明原因"
        return assignee_refused(assignee, task.grid, holders) or takers.refused(
            assignee, task.grid, task.asks or "", task.register or ""
        )

    def plan(task: Held) -> Planned:
        return task_set(task, day, given_values(task, assignee, note))

    detail: dict[str, object] = {"assignee": assignee, "note": note}
    reasons = {task.id: wrong(task) for task in held}
    HelpTurn.objects.filter(task__in=[id_ for id_, reason in reasons.items() if not reason]).delete()
    return _act(actor, held, reasons, plan, ("tasks.assign", detail))


@transaction.atomic
def tasks_take_back(*, actor: Actor, tasks: Collection[UUID], reason: str, day: date) -> Acted:
    """Take back tasks that staff had made; those of rules, items and plans end where they come from.

    Parameters
    ----------
    actor : Actor
        Plans tasks at their grids.
    tasks : collection of UUID
    reason : str
        Chinese, told to the tablet.
    day : date
        Asia/Shanghai day of the call.
    """
    if not reason:
        raise NotPossible("撤回任务须写明原因")

    def wrong(task: Held) -> str:
        if not task.occasion.startswith(f"{STAFF}:"):
            return "不是人工派发的任务，应在其来源（规则、事项、计划）处撤回"
        return "" if task.state in OPEN_STATES else f"任务{STATE_LABELS[task.state]}，不能撤回"

    def plan(task: Held) -> Planned:
        return tasks_taken_back([task], day, reason)[0]

    held = _locked(actor, tasks)
    reasons = {task.id: wrong(task) for task in held}
    return _act(actor, held, reasons, plan, ("tasks.take_back", {"reason": reason}))


def errands_of(actor: Actor, tasks: Collection[UUID]) -> list[Errand]:
    """Give what is to be known of tasks that an actor may plan, before somebody is chosen for them."""
    return [Errand(task.grid, task.asks or "", task.register or "") for task in _held(actor, tasks)]


def assignees_release(day: date) -> int:
    """Give tasks back to the post where the account they were given to holds none there any more.

    Those of a station or team that does not serve their grid go to the station of the same kind that does.

    Parameters
    ----------
    day : date
        Asia/Shanghai day; posts end with days, so once a day is enough.
    """
    given = Task.objects.filter(assignee__isnull=False, state__in=OPEN_STATES, deleted=False)
    found = _released(held_by_id(list(given.values_list("pk", flat=True))), day)
    written = 0
    for start in range(0, len(found), AT_ONCE):
        with transaction.atomic():  # staff may just have given some of them to others
            held = held_locked([each.change.id for each in found[start : start + AT_ONCE]])
            written += written_count(planned_write(_released(held, day)))
    return written


def _released(tasks: Sequence[Held], day: date) -> list[Planned]:
    """Plan whom tasks go to whose takers may have them no longer."""
    grids = {task.grid for task in tasks}
    holders, takers = holders_of(grids, day), takers_of(grids)
    planned = []
    for task in tasks:
        name, asks, register = task.assignee or "", task.asks or "", task.register or ""
        if assignee_refused(name, task.grid, holders) or takers.refused(name, task.grid, asks, register):
            there = takers.moved(name, task.grid)
            to = "" if takers.refused(there, task.grid, asks, register) else there
            planned.append(task_set(task, day, {"assignee": to or None}))
    return planned


def given_values(task: Held, assignee: str, note: str) -> dict[str, object]:
    """Give what is set of a task that goes to somebody else; what was reported of it is put aside."""
    values: dict[str, object] = {"assignee": assignee or None, "accepted_at": None, "note": note or None}
    if task.outcome is not None:
        values |= dict.fromkeys(("outcome", "outcome_note", "done_at"))
    return values | {"state": None}  # It follows from the rest.


def _held(actor: Actor, tasks: Collection[UUID]) -> list[Held]:
    """Read tasks that an actor may plan; of others nothing is said but that they are not there."""
    if not tasks or len(tasks) > AT_ONCE:
        raise NotPossible(f"一次可选1到{AT_ONCE}项任务")
    if not actor.can("plan_tasks"):
        raise Forbidden("您的角色没有派发任务的权限")
    seen = Task.objects.filter(actor.scope.q(), unveiled(actor, KINDS["task"]), pk__in=tasks, deleted=False)
    return held_by_id(list(seen.values_list("pk", flat=True)))


def _locked(actor: Actor, tasks: Collection[UUID]) -> list[Held]:
    """Do as :func:`_held`, with the streams locked: what workers report meanwhile comes before or after.

    Raises
    ------
    NotPossible
        One has just moved to another grid.
    """
    heads = heads_lock({task.grid for task in _held(actor, tasks)})
    held = _held(actor, tasks)
    if any(task.grid not in heads for task in held):
        raise NotPossible("任务正在迁移，请稍后再试")
    return held


def _act(
    actor: Actor,
    tasks: Sequence[Held],
    reasons: Mapping[UUID, str],
    plan: Callable[[Held], Planned],
    told: tuple[str, dict[str, object]],
) -> Acted:
    """Do what is planned to the tasks that no reason speaks against."""
    chosen = [task for task in tasks if not reasons[task.id]]
    planned = [plan(task) for task in chosen]
    results = planned_write(planned, len(planned), by=actor)
    refused = [reason for reason in reasons.values() if reason]
    refused += [error.reason for result in results for error in result.errors]
    if chosen:
        _tell(actor, told[0], [task.id for task in chosen], min(task.grid for task in chosen), told[1])
    done = sum(result.status is not Status.REJECTED for result in results)
    return Acted(done, tuple(dict.fromkeys(refused)))


def _tell(actor: Actor, action: str, tasks: Sequence[UUID], grid: str, detail: dict[str, object]) -> None:
    audit_append(
        actor=actor, action=action, subjects=tasks, scope=grid, count=len(tasks), chain=grid, detail=detail
    )


def _check_may(actor: Actor, grid: str) -> None:
    if not may(actor, "plan_tasks", grid):
        raise Forbidden("您不能在这个网格派发任务")


def _days_wrong(wanted: Wanted, day: date) -> list[Problem]:
    found = []
    if wanted.due_on < day:
        found.append(Problem("due_on", "contradiction", "办理期限已经过去"))
    if wanted.opens_on > wanted.due_on:
        found.append(Problem("opens_on", "contradiction", "开始日期不能晚于办理期限"))
    if wanted.expires_on is not None and wanted.expires_on < wanted.due_on:
        found.append(Problem("expires_on", "contradiction", "失效日期不能早于办理期限"))
    return found


def _place_wrong(wanted: Wanted) -> list[Problem]:
    if wanted.household is None:
        return []
    grid = (
        Household.objects.filter(pk=wanted.household, deleted=False, closed_on=None)
        .values_list("grid", flat=True)
        .first()
    )
    if grid == wanted.grid:
        return []
    reason = "所在户不在所选网格内" if grid else "没有这一户，或已注销"
    return [Problem("household", "reference", f"所在户：{reason}")]


def _asks_wrong(wanted: Wanted) -> list[Problem]:
    return asks_problems(wanted.asks, KINDS, book(), subject_kind=wanted.subject_kind)
