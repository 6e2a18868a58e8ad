"""Findings become tasks: each day over the whole city, and at once where people's records change.

Every write here reaches the feed and is read back by :func:`grid_follow`, which looks at the people
concerned again; a decision taken on what someone else changed meanwhile is thereby put right.
"""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from governance.contract.kinds.task_states import DONE
from governance.feed.services import Told, follower_catch_up, heads_lock
from governance.rules.arrival import Looked, look
from governance.rules.selectors import Finding
from governance.tasks.answered import answered_unasked
from governance.tasks.centres.handing import handed_on_in, handed_on_pass
from governance.tasks.cycle.reports import tried_in_vain, visited_mark
from governance.tasks.offers import planned_write, tasks_offer, tasks_withdraw, written_count
from governance.tasks.running import Step, day_finished, day_run, day_steps, findings_planned
from governance.tasks.selectors import held_by_id, places_of, subjects_of, tasks_about
from governance.tasks.settle import Planned, tasks_taken_back, tasks_undue
from governance.tasks.twins import asked_twice

__all__ = [
    "FOLLOWER",
    "Step",
    "day_finished",
    "day_run",
    "day_steps",
    "grid_follow",
    "tasks_from_findings",
    "tasks_offer",
    "tasks_withdraw",
]

FOLLOWER = "tasks"

_ASKED_TWICE = "同一对象的另一条登记已办结此事"

_REPORTED = ("visit", "task")
"""Kinds by which tablets report of tasks; each is looked at."""


def tasks_from_findings(*, findings: Sequence[Finding], day: date) -> int:
    """Make the tasks that findings ask for; what is there already is left or mended.

    Parameters
    ----------
    findings : sequence of Finding
    day : date
        Day of the run, Asia/Shanghai.

    Returns
    -------
    int
        How many tasks were written.
    """
    return written_count(planned_write(findings_planned(findings, day)))


def grid_follow(grid: str) -> int:
    """Bring the tasks up to what a grid's feed told since the last call; gives the entries read.

    With nothing new this costs one look-up.
    """
    day = timezone.localdate()

    def handle(entries: Sequence[Told]) -> None:
        tried, handed_on = tried_in_vain(entries), handed_on_in(entries)
        planned = _records_planned(entries, day)
        if tried or handed_on:  # All at once: a later write may lie in a grid before that of an earlier one.
            beside = {task.grid for task in held_by_id([*tried, *handed_on])}
            heads_lock(beside.union(*(each.grids for each in planned)))
        planned_write(planned, len(planned))
        if tried:
            visited_mark(tried, day)
        if handed_on:
            handed_on_pass(handed_on, day)

    def idle(entries: Sequence[Told]) -> bool:
        if any(entry.kind in _REPORTED for entry in entries):
            return False
        looked = _look(entries, day)
        return not looked.concerned and not looked.findings

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle, idle=idle)


def _look(entries: Sequence[Told], day: date) -> Looked:
    changed: dict[str, set[str]] = {}
    for entry in entries:
        changed.setdefault(entry.kind, set()).add(entry.record)
    return look(day, changed, subjects_of(changed.get("task", ())))


def _records_planned(entries: Sequence[Told], day: date) -> list[Planned]:
    """Plan what changed records ask of the tasks that they concern; written at once, as heads stay locked."""
    looked = _look(entries, day)
    findings = looked.findings
    if not looked.concerned and not findings:
        return []
    due = {finding.occasion for finding in findings}
    about = tasks_about(looked.concerned) if looked.concerned else []
    left = [task for task in about if task.occasion not in due]
    places = places_of(left)
    answered = answered_unasked(left, looked.rules, day)
    undue = tasks_undue(left, due, places, looked.rules, day, answered)
    done = [task for task in left if task.state == DONE and task.subject not in places]
    again = tasks_taken_back(asked_twice(done), day, _ASKED_TWICE) if done else []
    return [*findings_planned(findings, day), *undue, *again]
