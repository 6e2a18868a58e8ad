"""The life of a task (任务状态): a closed set of states, and what each follows from.

A state is never typed in: it follows from the outcome a worker reports, from his having accepted, and from
what the hub decides (withdrawn, expired). Whether a task is overdue (逾期) follows from its due day and is
not a state.
"""

from collections.abc import Iterable

from governance.contract.fields import Problem
from governance.contract.kind import Values

OPEN, ACCEPTED, VISITED, HANDED_ON = "open", "accepted", "visited", "handed_on"
DONE, RETURNED, WITHDRAWN, EXPIRED = "done", "returned", "withdrawn", "expired"

OPEN_STATES = frozenset({OPEN, ACCEPTED, VISITED, HANDED_ON})
"""States of a task that still wants something of somebody."""

STATES = OPEN_STATES | {DONE, RETURNED, WITHDRAWN, EXPIRED}
"""All states, the codes of list ``task_state``."""

STATE_LABELS = {
    OPEN: "待办",
    ACCEPTED: "已接受",
    VISITED: "已上门未办成",
    HANDED_ON: "已转交",
    DONE: "已办结",
    RETURNED: "已退回",
    WITHDRAWN: "已撤回",
    EXPIRED: "已过期",
}
"""What people call them."""

MOVES: dict[str, frozenset[str]] = {
    OPEN: frozenset({ACCEPTED, VISITED, HANDED_ON, DONE, RETURNED}),
    ACCEPTED: frozenset({OPEN, VISITED, HANDED_ON, DONE, RETURNED}),
    VISITED: frozenset({HANDED_ON, DONE, RETURNED}),
    HANDED_ON: frozenset({OPEN, ACCEPTED, VISITED, DONE, RETURNED}),
    DONE: frozenset({OPEN, ACCEPTED, RETURNED}),
    RETURNED: frozenset({OPEN, ACCEPTED, DONE}),
    WITHDRAWN: frozenset(),
    EXPIRED: frozenset({DONE, RETURNED}),
}
"""Where a worker's or a staff member's report may lead from each state; the hub alone withdraws, lets expire,
and opens again what had ended otherwise. From done and returned one comes back by taking the report back."""

OUTCOME_STATES = {
    "done": DONE,
    "already": DONE,
    "refused": RETURNED,
    "moved": RETURNED,
    "died": RETURNED,
    "ineligible": RETURNED,
    "unknown": RETURNED,
    "other": RETURNED,
    "not_home": VISITED,
    "handed_on": HANDED_ON,
}
"""Task state after each outcome."""

IN_VAIN = tuple(outcome for outcome, state in OUTCOME_STATES.items() if state == VISITED)
"""Outcomes of who met nobody, and will have to come again."""


def state_after(values: Values) -> str:
    """Say what state a task is in, from its other values and the state it had.

    A withdrawn task stays withdrawn: an outcome is kept as evidence of the work. One that expired while
    the tablet was offline becomes done or returned, by work that was done; nothing less opens it again.
    A task that was visited in vain stays so until there is a result.
    """
    state, outcome = values.get("state"), values.get("outcome")
    if state == WITHDRAWN:
        return WITHDRAWN
    after = OUTCOME_STATES.get(str(outcome))
    if state == EXPIRED and (after is None or after in OPEN_STATES):
        return EXPIRED
    if after is not None:
        return after
    if state == VISITED:
        return VISITED
    return ACCEPTED if values.get("accepted_at") is not None else OPEN


def move_problems(before: Values, after: Values) -> Iterable[Problem]:
    """Say in Chinese why a task may not go from its state to another; nothing where it may."""
    was, now = str(before.get("state") or OPEN), str(after.get("state") or OPEN)
    if was != now and now not in MOVES.get(was, STATES):
        reason = f"任务{STATE_LABELS[was]}，不能改为“{STATE_LABELS.get(now, now)}”"
        return (Problem("outcome", "state", reason),)
    return ()
