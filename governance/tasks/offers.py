"""Writing what is wanted of tasks: made, mended, taken back, always in sets and through the records' service.

Every write reaches the feed, where the tablets hear of it.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from governance.access.actor import HUB, Actor
from governance.access.scope import Scope
from governance.contract import Problem, Result, Status
from governance.contract.kinds.task_states import OPEN_STATES, WITHDRAWN, state_after
from governance.feed.services import heads_lock
from governance.records.services.apply import changes_apply
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import Held, Planned, task_id, task_set, tasks_due, tasks_taken_back
from governance.tasks.turns import others_let_in
from governance.tasks.wanted import Wanted

AT_ONCE = 500
"""Tasks written in one transaction."""

_PURPOSE = "任务生成"
_DONE = frozenset({Status.CREATED, Status.UPDATED, Status.MERGED})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of one wanted task: ``written`` unless it was there already; ``problems`` where refused."""

    occasion: str
    task: UUID
    written: bool
    problems: tuple[Problem, ...] = ()


def tasks_offer(wanted: Sequence[Wanted], day: date, *, by: Actor = HUB) -> list[Offered]:
    """See that tasks are there as wanted: made, mended or left; the same call again changes nothing.

    Parameters
    ----------
    wanted : sequence of Wanted
        Any number; of two with one occasion the last counts.
    day : date
        Asia/Shanghai day of the call.
    by : Actor
        Whom history and audit name; his rights are the caller's to check.

    Returns
    -------
    list of Offered
        One an occasion, in their order.
    """
    last = {each.occasion: each for each in wanted}
    planned = tasks_due(last.values(), held_for(last), day)
    results = planned_write(planned, by=by)
    became = {each.change.id: result for each, result in zip(planned, results, strict=True)}
    return [_offered(occasion, became.get(task_id(occasion))) for occasion in last]


def tasks_withdraw(occasions: Collection[str], day: date, reason: str) -> int:
    """Take back the open tasks of some occasions; what is finished stays; gives how many were ended.

    Parameters
    ----------
    occasions : collection of str
    day : date
        Asia/Shanghai day of the call.
    reason : str
        Chinese, told to the tablet; names no person.
    """
    return written_count(planned_write(tasks_taken_back(held_for(occasions).values(), day, reason)))


def held_for(occasions: Collection[str]) -> dict[str, Held]:
    """Give the tasks of some occasions, by occasion."""
    if not occasions:
        return {}
    return {task.occasion: task for task in held_by_id([task_id(occasion) for occasion in occasions])}


def held_locked(ids: Collection[UUID]) -> list[Held]:
    """Give tasks as they stand with their streams locked until the transaction ends; not those just moving.

    What is reported of them meanwhile comes before or after whatever the caller decides: the hub's own
    changes are taken whatever they are based on.
    """
    found = held_by_id(ids)
    if not found:
        return []
    heads = heads_lock({task.grid for task in found})
    return [task for task in held_by_id(ids) if task.grid in heads]


def planned_write(planned: Sequence[Planned], at_once: int = AT_ONCE, *, by: Actor = HUB) -> list[Result]:
    """Apply what was planned, at most ``at_once`` changes a transaction, holding only their grids.

    The hub writes its own fields, in the name of ``by``. Between two transactions others may write.
    """
    written: list[Result] = []
    for start in range(0, len(planned), max(at_once, 1)):
        if start:
            others_let_in()
        part = planned[start : start + at_once]
        grids = frozenset(grid for each in part for grid in each.grids)
        actor = replace(by, by_hub=True, source=HUB.source, scope=Scope(grids), purpose=_PURPOSE)
        results = changes_apply(actor=actor, changes=[each.change for each in part], action="tasks.settle")
        for each, result in zip(part, results, strict=True):
            if result.status is Status.REJECTED:
                reasons = "; ".join(problem.reason for problem in result.errors)
                logger.warning("task %s was refused: %s", each.change.id, reasons)
        written += results
        planned_write(_reported_meanwhile(part, results), by=by)
    return written


def _reported_meanwhile(part: Sequence[Planned], results: Sequence[Result]) -> list[Planned]:
    """Plan to let stand what was reported of tasks between their reading and their being taken back."""
    late = {
        each.change.id: each.change.set
        for each, result in zip(part, results, strict=True)
        if result.status is Status.MERGED and each.change.set.get("state") == WITHDRAWN
    }
    return [
        task_set(task, date.fromisoformat(str(late[task.id]["closed_on"])), dict.fromkeys(late[task.id]))
        for task in (held_by_id(list(late)) if late else ())
        if state_after({"outcome": task.outcome}) not in OPEN_STATES
    ]


def written_count(results: Sequence[Result]) -> int:
    """Count the changes that were taken."""
    return sum(result.status in _DONE for result in results)


def _offered(occasion: str, result: Result | None) -> Offered:
    if result is None:
        return Offered(occasion, task_id(occasion), written=False)
    refused = tuple(result.errors) if result.status is Status.REJECTED else ()
    return Offered(occasion, task_id(occasion), result.status in _DONE, refused)
