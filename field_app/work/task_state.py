"""Where a task stands for the worker of this tablet (任务状态): whose it is, how pressing, what was tried."""

from datetime import date, timedelta
from enum import StrEnum

from field_app.store.memory import Memory
from field_app.store.state import RecordState, View
from field_app.work.labels import is_open
from governance.contract.kinds.task_states import (
    ACCEPTED,
    HANDED_ON,
    OPEN,
    OPEN_STATES,
    OUTCOME_STATES,
    VISITED,
)

URGENT = "3"
SOON = 7
"""Days ahead that count as this week."""


class When(StrEnum):
    """Groups of the task list, in this order; ``OTHERS`` are with somebody else for the time being."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    OTHERS = "others"
    DONE = "done"


WHEN_LABELS: dict[When, str] = {
    When.OVERDUE: "已逾期",
    When.TODAY: "今天到期",
    When.WEEK: "七天内",
    When.LATER: "以后",
    When.OTHERS: "已转交，或由他人承办",
    When.DONE: "已完成",
}


def attempts_of(memory: Memory, task: View) -> list[View]:
    """Give the visits made for a task, the oldest first, whoever made them."""
    household = task.values.get("household")
    below = memory.below(str(household)) if household is not None else ()
    visits = [view for view in below if view.kind == "visit" and view.values.get("task") == task.id]
    return sorted(filter(is_open, visits), key=lambda view: str(view.values.get("visited_at") or ""))


def state_of(memory: Memory, task: View) -> str:
    """Give a task's state as it is here: an attempt that the hub has not read yet counts already."""
    state = str(task.values.get("state") or OPEN)
    if state in (OPEN, ACCEPTED):
        tried = (OUTCOME_STATES.get(str(visit.values.get("outcome"))) for visit in attempts_of(memory, task))
        return VISITED if VISITED in tried else state
    return state


def sync_state(memory: Memory, task: View) -> RecordState:
    """Give how far what was done for a task is at the hub: its own state, or that of its last attempt."""
    if task.state is not RecordState.HUB:
        return task.state
    states = [visit.state for visit in attempts_of(memory, task)]
    return next((state for state in reversed(states) if state is not RecordState.HUB), RecordState.HUB)


def is_done(task: View) -> bool:
    """Whether nothing more is to be done."""
    values = task.values
    return str(values.get("state") or OPEN) not in OPEN_STATES or values.get("closed_on") is not None


def is_mine(memory: Memory, task: View) -> bool:
    """Whether it falls to this worker: given to nobody else, and not handed on."""
    assignee = task.values.get("assignee")
    worker = memory.meta.get("worker")
    own = f"user:{worker.get('username')}" if isinstance(worker, dict) else None
    return task.values.get("state") != HANDED_ON and assignee in (None, own)


def when_of(memory: Memory, task: View, day: date) -> When:
    """Give the group a task belongs to on a day."""
    due = str(task.values.get("due_on") or "")
    if is_done(task):
        return When.DONE
    if not is_mine(memory, task):
        return When.OTHERS
    if not due:
        return When.LATER
    if due <= day.isoformat():
        return When.TODAY if due == day.isoformat() else When.OVERDUE
    return When.WEEK if due <= (day + timedelta(days=SOON)).isoformat() else When.LATER


def pressing(task: View) -> tuple[str, str, str]:
    """Give a key by which the most pressing task comes first: due day, then priority."""
    urgency = 9 - int(str(task.values.get("priority") or "0")[:1] or "0")
    return str(task.values.get("due_on") or "9999"), str(urgency), task.id
