"""Findings become tasks: each day over the whole city, and at once where people's records change.

Every write here reaches the feed and is read back by :func:`grid_follow`, which looks at the people
concerned again; a decision taken on what someone else changed meanwhile is thereby put right.
"""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from governance.feed.services import Told, follower_catch_up
from governance.rules.arrival import prepared
from governance.rules.selectors import Finding
from governance.tasks.centres.handing import handed_on_follow
from governance.tasks.cycle.reports import visits_follow
from governance.tasks.offers import planned_write, tasks_offer, tasks_withdraw, written_count
from governance.tasks.running import Step, day_finished, day_run, day_steps, findings_planned
from governance.tasks.selectors import places_of, subjects_of, tasks_about
from governance.tasks.settle import tasks_undue

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
        _records_settle(entries, day)
        visits_follow(entries, day)
        handed_on_follow(entries, day)

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def _records_settle(entries: Sequence[Told], day: date) -> None:
    """Settle the tasks that changed records concern, with one write, as the caller keeps the heads locked."""
    changed: dict[str, set[str]] = {}
    for entry in entries:
        changed.setdefault(entry.kind, set()).add(str(entry.record))
    rules = prepared(day)
    looked = rules.look(changed, subjects_of(changed.get("task", ())))
    findings = looked.findings
    if not looked.concerned and not findings:
        return
    due = {finding.occasion for finding in findings}
    about = tasks_about(looked.concerned) if looked.concerned else []
    left = [task for task in about if task.occasion not in due]
    undue = tasks_undue(left, due, places_of(left), {rule.code for rule in rules.rules}, day)
    planned = [*findings_planned(findings, day), *undue]
    planned_write(planned, len(planned))
