"""What cases ask of the worker (上门任务): materials to bring, results to deliver; what tasks become."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db.models import Count

from governance.access.actor import HUB
from governance.access.scope import Scope
from governance.contract import Change
from governance.contract.asks import MATERIALS
from governance.contract.casework import (
    APPROVED,
    COLLECTING,
    DELIVERED,
    REFUSED,
    RETURNED,
    TOLD,
    WITHDRAWN,
)
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.codes import book
from governance.records.rows import Held, rows_read
from governance.records.services.apply import changes_apply
from governance.rules.calendar import working_days_after
from governance.tasks.models import Case, CaseStep, ProxyService, Task
from governance.tasks.offers import tasks_offer, tasks_withdraw
from governance.tasks.settle import task_id
from governance.tasks.wanted import Wanted

ORIGIN = "case"
_DELIVER_DAYS = 3
_ERRANDS = {
    RETURNED: ("mend", "补交代办材料", "2"),
    APPROVED: ("deliver", "送达办理结果", "2"),
    REFUSED: ("tell", "告知不予办理", "2"),
}
"""State of a case → name of its task's step, title, priority."""

_SOURCE_ENDS = {DELIVERED: "done", TOLD: "ineligible", WITHDRAWN: "refused"}
"""How a case that came of a task ends it, where the worker did not."""


def doors_grids(cases: Collection[str]) -> set[str]:
    """Give the grids of the tasks that cases asked for or came of: which need not be their own."""
    sources = Case.objects.filter(pk__in=cases).exclude(task=None).values_list("task", flat=True)
    return set(Task.objects.filter(pk__in=[*_asked(cases), *sources]).values_list("grid", flat=True))


def _asked(cases: Collection[str]) -> set[UUID]:
    """Give the ids of the tasks that cases can have asked for; by where they came from none is looked up."""
    entered = CaseStep.objects.filter(case__in=cases, after__in=_ERRANDS).order_by()
    counted = entered.values_list("case", "after").annotate(times=Count("pk"))
    return {
        task_id(_occasion(str(case), after, number))
        for case, after, times in counted
        for number in range(1, times + 1)
    }


def _occasion(case: str, state: str, times: int) -> str:
    return f"{ORIGIN}:{case}:{_ERRANDS[state][0]}{times}"


def door_settle(held: Held, day: date) -> None:
    """See that the worker has the task that a case asks of him, and none that it asks no more."""
    state = str(held.values.get("state") or COLLECTING)
    wanted = _wanted(held, state, day)
    stale = _open_tasks(held.id)
    if wanted is not None:
        stale.discard(wanted.occasion)
        tasks_offer([wanted], day)
    if stale:
        _finish(held, stale, day)
    source = held.values.get("task")
    if source is not None and state != COLLECTING:
        _source_settle(str(source), held, state)


def _wanted(held: Held, state: str, day: date) -> Wanted | None:
    if state not in _ERRANDS:
        return None
    _, title, priority = _ERRANDS[state]
    service = ProxyService.objects.filter(pk=str(held.values["service"])).first()
    label = service.label if service is not None else "代办件"
    entered = CaseStep.objects.filter(case=held.id, after=state)
    times = entered.count()
    last = entered.order_by("-version").first()
    began = last.at.astimezone().date() if last is not None else day
    days = service.mend_days if service is not None and state == RETURNED else _DELIVER_DAYS
    due = working_days_after(began, max(days, 1))
    return Wanted(
        occasion=_occasion(held.id, state, times),
        origin=ORIGIN,
        origin_ref=held.id,
        item=label,
        title=f"{title}：{label}",
        reason=_reason(held, state),
        priority=priority,
        subject_kind="person",
        subject=UUID(str(held.values["person"])),
        grid=held.grid,
        household=UUID(str(held.values["household"])),
        opens_on=began,
        due_on=due,
        expires_on=due + timedelta(days=365),
    )


def _reason(held: Held, state: str) -> str:
    number = held.values.get("number")
    said = [f"受理编号{number}"] if number else []
    missing = held.values.get("missing")
    if state == RETURNED and isinstance(missing, list):
        known = book().get(MATERIALS, {})
        names = [known[code].label if code in known else str(code) for code in missing]
        said.append(f"需补：{'、'.join(names)}")
    if state == APPROVED:
        said.append("已办成，请送到居民手中并请其签收")
    if state == REFUSED:
        said.append("请向居民说明理由和救济途径")
    return "；".join(said) or "请上门补充后重新提交"


def _open_tasks(case: str) -> set[str]:
    rows = Task.objects.filter(pk__in=_asked([case]), state__in=OPEN_STATES, deleted=False)
    return {str(occasion) for occasion in rows.values_list("occasion", flat=True)}


def _finish(held: Held, occasions: set[str], day: date) -> None:
    """End the tasks that the worker's act on the case answered; take back those that came to nothing."""
    act, at = held.values.get("act"), held.values.get("act_at")
    if act is None or act == "withdraw" or not isinstance(at, str):
        tasks_withdraw(occasions, day, "代办件已不需要这一步")
        return
    for occasion in sorted(occasions):
        _outcome(str(task_id(occasion)), {"outcome": "done", "done_at": at})


def _source_settle(id_: str, held: Held, state: str) -> None:
    task = rows_read("task", [id_]).get(id_)
    if task is None or task.deleted or task.values.get("state") not in OPEN_STATES:
        return
    at = held.values.get("act_at") or held.values.get("consent_at")
    ends = _SOURCE_ENDS.get(state)
    if ends is not None:
        given = {name: held.values.get(name) for name in ("materials", "signature")}
        values: dict[str, object] = {"outcome": ends, "done_at": at}
        values |= {name: value for name, value in given.items() if value and not task.values.get(name)}
        _outcome(id_, values)
    elif task.values.get("state") != "handed_on":
        _outcome(id_, {"outcome": "handed_on", "outcome_note": "已转为代办件", "done_at": at})


def _outcome(id_: str, values: dict[str, object]) -> None:
    """Report a task's outcome for the case; where the task asks for more the worker ends it himself."""
    task = rows_read("task", [id_]).get(id_)
    if task is None or task.deleted:
        return
    actor = replace(HUB, scope=Scope(frozenset({task.grid})), purpose="代办件跟进")
    change = Change(
        uuid5(UUID(id_), f"case:{task.version}:{values}"), "task", UUID(id_), task.version, values
    )
    changes_apply(actor=actor, changes=[change], action="cases.task")
