"""事: tasks the hub gives (任务) and visits made (走访).

A task's title names the matter, never a person: whom it concerns is ``subject``. Its state follows from
what is reported (:mod:`governance.contract.kinds.task_states`); each attempt at a door is a visit of its
own that names the task, so that two attempts never clash.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from governance.contract.asks import MATERIALS, asks_odd, asks_targets, fields_missing, own_missing
from governance.contract.fields import Field, Owner, Problem, Sensitivity, Type
from governance.contract.kind import Kind, Lookup, Values
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.location import PLACE_RULES, location
from governance.contract.kinds.photos import photos
from governance.contract.kinds.rules import in_order, needs, not_against
from governance.contract.kinds.task_states import DONE, move_problems, state_after

_PERSONAL = Sensitivity.PERSONAL
_HUB = Owner.HUB
_SHANGHAI = timedelta(hours=8)

NOBODY_MET = frozenset({"2", "3"})
"""Codes of list ``visit_found`` of a visit that met nobody: not at home, moved away."""

ANSWERED_BY = ("already", "done", "refused")
"""Outcomes of a task by which its matter was answered at the door, until it is due again."""

_EXPLAINED = {"other": "其他", "handed_on": "已转交"}
_ASSIGNEE = re.compile(r"(user|station|team):[^\s:]{1,53}")


def _derive(values: Values) -> Values:
    """Say what state the task is in, alike on tablet and hub."""
    return {"state": state_after(values)}


def _assignee(values: Values) -> Iterable[Problem]:
    assignee = values.get("assignee")
    if isinstance(assignee, str) and not _ASSIGNEE.fullmatch(assignee):
        return (Problem("assignee", "format", "承办人：应为 user:账号、station:编号 或 team:编号"),)
    return ()


def _asks(values: Values) -> Iterable[Problem]:
    return (
        Problem("asks", "format", f"办理要求：看不懂“{word[:40]}”") for word in asks_odd(values.get("asks"))
    )


def _complete(values: Values) -> Iterable[Problem]:
    return own_missing(values) if values.get("outcome") == "done" else ()


def _outcome(values: Values) -> Iterable[Problem]:
    label = _EXPLAINED.get(str(values.get("outcome")))
    if label is not None and values.get("outcome_note") is None:
        return (Problem("outcome_note", "required", f"办理说明：结果为“{label}”时必填"),)
    return ()


def _step(before: Values, after: Values, lookup: Lookup) -> Iterable[Problem]:
    """Refuse what the life of a task does not know, and a result while what is asked for is not there."""
    yield from move_problems(before, after)
    if after.get("outcome") == "done" and before.get("state") != DONE:
        yield from fields_missing(after, lookup)


def _near(values: Values) -> Iterable[tuple[str, str]]:
    return asks_targets(values) if values.get("outcome") == "done" else ()


TASK = Kind(
    name="task",
    label="任务",
    element="事",
    standard="GB/T 34300-2017 城乡社区网格化服务管理规范",
    fields=(
        Field("occasion", "事由编号", length=120, owner=_HUB),
        Field("origin", "任务来源", Type.CODE, 10, "task_origin", owner=_HUB),
        Field("origin_ref", "来源编号", length=40, owner=_HUB),
        Field("register", "所属名册", length=30, owner=_HUB),
        Field("item", "事项", length=50, owner=_HUB, required=True),
        Field("title", "任务名称", length=100, owner=_HUB, required=True),
        Field("reason", "任务缘由", length=500, sensitivity=_PERSONAL, owner=_HUB),
        Field("subject_kind", "对象种类", length=30, owner=_HUB),
        Field("subject", "对象编号", length=36, owner=_HUB),
        Field("household", "所在户", Type.REF, owner=_HUB, target="household"),
        Field("opens_on", "开始日期", Type.DATE, owner=_HUB),
        Field("due_on", "办理期限", Type.DATE, owner=_HUB),
        Field("expires_on", "失效日期", Type.DATE, owner=_HUB),
        Field("priority", "优先级", Type.CODE, 1, "priority", owner=_HUB),
        Field("asks", "办理要求", length=500, owner=_HUB),
        Field("assignee", "承办人", length=60, owner=_HUB),
        Field("accepted_at", "接受时间", Type.MOMENT),
        Field("state", "任务状态", Type.CODE, 9, "task_state", owner=_HUB, derived_from="outcome"),
        Field("outcome", "办理结果", Type.CODE, 10, "task_outcome"),
        Field("outcome_note", "办理说明", length=500, sensitivity=_PERSONAL),
        Field("second_report", "另有办理报告", length=500, sensitivity=_PERSONAL, owner=_HUB),
        Field("done_at", "办理时间", Type.MOMENT),
        Field("materials", "已收材料", Type.CODES, 2, MATERIALS, sensitivity=_PERSONAL),
        photos("办理照片", sensitivity=_PERSONAL),
        Field("signature", "居民签名", Type.FILES, sensitivity=_PERSONAL, minimum=0, maximum=1, unit="张"),
        *location(owner=_HUB),
        *lifecycle("task_close", owner=_HUB),
    ),
    title=("title",),
    closing="task_close",
    veil="register",
    derive=_derive,
    report=("outcome", "outcome_note", "done_at", "materials", "photos", "signature"),
    step=_step,
    near=_near,
    writable=False,
    rules=(
        needs("outcome_note", "outcome", "办理结果：填写办理说明时必填"),
        needs("done_at", "outcome", "办理结果：填写办理时间时必填"),
        _outcome,
        _assignee,
        _asks,
        _complete,
        needs("subject", "subject_kind", "对象种类：填写对象编号时必填"),
        in_order("opens_on", "due_on", "办理期限不能早于开始日期"),
        in_order("due_on", "expires_on", "失效日期不能早于办理期限"),
        *PLACE_RULES,
        CLOSED_TOGETHER,
    ),
)


def _next_visit(values: Values) -> Iterable[Problem]:
    """The next visit lies on the day of this one or later (Asia/Shanghai days)."""
    visited, following = values.get("visited_at"), values.get("next_on")
    if isinstance(visited, str) and isinstance(following, str):
        day = (datetime.fromisoformat(visited) + _SHANGHAI).date()
        if following < day.isoformat():
            return (Problem("next_on", "contradiction", "下次走访日期不能早于本次走访"),)
    return ()


VISIT = Kind(
    name="visit",
    label="走访",
    element="事",
    standard="GB/T 34300-2017 城乡社区网格化服务管理规范",
    fields=(
        Field("household", "走访户", Type.REF, required=True, target="household"),
        Field("person", "走访对象", Type.REF, target="person", sensitivity=_PERSONAL),
        Field("task", "办理的任务", Type.REF, target="task", past=True),
        Field("purpose", "走访目的", Type.CODE, 2, "visit_purpose", required=True),
        Field("visited_at", "走访时间", Type.MOMENT, required=True),
        Field("found", "走访结果", Type.CODE, 1, "visit_found"),
        Field("outcome", "任务办理结果", Type.CODE, 10, "task_outcome"),
        Field("danger", "发现危险情形", Type.FLAG, sensitivity=_PERSONAL),
        Field("danger_found", "危险情形", Type.CODES, 2, "danger_found", sensitivity=_PERSONAL),
        Field("content", "走访内容", length=1024, sensitivity=_PERSONAL),
        Field("next_on", "下次走访日期", Type.DATE),
        photos("走访照片", sensitivity=_PERSONAL),
        *lifecycle("visit_close"),
    ),
    anchor="household",
    title=("visited_at", "purpose"),
    lasting=True,
    closing="visit_close",
    rules=(
        _next_visit,
        needs("outcome", "task", "办理的任务：填写任务办理结果时必填"),
        needs("danger_found", "danger", "发现危险情形：填写危险情形时必填"),
        not_against("danger", "danger_found", "危险情形：没有发现危险时不填"),
        CLOSED_TOGETHER,
    ),
)
