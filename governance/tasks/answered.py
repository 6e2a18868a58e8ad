"""Tasks answered unasked (视为完成): somebody was there, and recorded the visit without naming the task."""

from collections.abc import Collection, Sequence
from datetime import date

from governance.contract.kinds.task_states import OPEN_STATES
from governance.rules.grammar import Since
from governance.rules.selectors import last_times, occasion_rule, rules_on
from governance.tasks.settle import Held, is_answered


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
    mine: dict[str, list[Held]] = {}
    for task in tasks:
        code = occasion_rule(task.occasion)
        if task.state in OPEN_STATES and code in codes:
            mine.setdefault(code, []).append(task)
    rules = rules_on(day) if mine else ()
    since = [rule for rule in rules if rule.code in mine and isinstance(rule.body.moment, Since)]
    wanted = [(rule, {task.subject for task in mine[rule.code] if task.subject}) for rule in since]
    last = last_times(wanted, day)
    return {
        task.occasion
        for rule in since
        for task in mine[rule.code]
        if is_answered(task, last.get((rule.code, task.subject)))
    }
