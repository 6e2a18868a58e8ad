"""Tasks answered unasked (视为完成): somebody was there, and recorded the visit without naming the task."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from governance.contract.kinds.task_states import OPEN_STATES
from governance.rules.grammar import Since
from governance.rules.selectors import Ruling, last_times, occasion_rule, rules_on
from governance.tasks.settle import Held


def answered_unasked(tasks: Sequence[Held], codes: Collection[str], day: date) -> set[str]:
    """Give the occasions of open tasks whose rule counts since a last time that lies behind their opening.

    Parameters
    ----------
    tasks : sequence of Held
        Tasks that no rule asks for any more.
    codes : collection of str
        Rules that were asked.
    day : date
    """
    mine = [task for task in tasks if task.state in OPEN_STATES and occasion_rule(task.occasion) in codes]
    if not mine:
        return set()
    wanted = {occasion_rule(task.occasion) for task in mine}
    found: set[str] = set()
    for rule in rules_on(day):
        if rule.code in wanted and isinstance(rule.body.moment, Since):
            found |= _of_rule(rule, [task for task in mine if occasion_rule(task.occasion) == rule.code], day)
    return found


def _of_rule(rule: Ruling, tasks: Sequence[Held], day: date) -> set[str]:
    last = last_times(rule, {UUID(task.subject) for task in tasks if task.subject}, day)
    return {
        task.occasion
        for task in tasks
        if task.opens_on is not None and (at := last.get(task.subject)) is not None and at >= task.opens_on
    }
