"""事: services done on a resident's behalf (代办件) and the materials they need (证件材料).

A material is kept once for the person or household it belongs to; every case that needs it finds it there.
"""

from collections.abc import Iterable

from governance.contract.asks import MATERIALS
from governance.contract.casework import (
    COLLECTING,
    DELIVER,
    HAND_IN,
    act_problem,
    state_after,
)
from governance.contract.fields import Field, Owner, Problem, Sensitivity, Type
from governance.contract.kind import Kind, Values
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.photos import photos
from governance.contract.kinds.rules import needs, together

_PERSONAL = Sensitivity.PERSONAL
_HUB = Owner.HUB

PAPER = Kind(
    name="paper",
    label="证件材料",
    element="事",
    fields=(
        Field("household", "所在户", Type.REF, required=True, target="household"),
        Field("person", "持有人", Type.REF, target="person", sensitivity=_PERSONAL),
        Field("material", "材料名称", Type.CODE, 2, MATERIALS, required=True),
        Field("number", "证件号码", length=50, sensitivity=_PERSONAL),
        Field("valid_to", "有效期至", Type.DATE, sensitivity=_PERSONAL),
        Field("seen_on", "验看日期", Type.DATE, required=True),
        photos("材料照片", sensitivity=_PERSONAL),
        *lifecycle("paper_close"),
    ),
    anchor="household",
    title=("material", "seen_on"),
    lasting=True,
    closing="paper_close",
    rules=(CLOSED_TOGETHER,),
)


def _derive(values: Values) -> Values:
    """Say what the worker's act makes of the case, alike on tablet and hub."""
    state = str(values.get("state") or COLLECTING)
    return {"state": state_after(state, str(values.get("act") or ""))}


def _acted(values: Values) -> Iterable[Problem]:
    """Refuse an act that does not lead on from the state the case is in."""
    problem = act_problem(str(values.get("state") or COLLECTING), str(values.get("act") or ""))
    return (Problem("act", "contradiction", f"办理动作：{problem}"),) if problem else ()


def _complete(values: Values) -> Iterable[Problem]:
    """A case that is handed in is consented to, and has all the materials it needs."""
    if values.get("act") != HAND_IN:
        return
    if values.get("consent_at") is None:
        yield Problem("consent_at", "required", "委托时间：居民同意后才能提交")
    if values.get("signature") is None and values.get("lead") is None:
        yield Problem("signature", "required", "委托签名：请居民签名后再提交")
    missing = _listed(values, "needed") - _listed(values, "materials")
    if missing:
        yield Problem("materials", "required", f"已验材料：还缺{len(missing)}项必交材料")


def _received(values: Values) -> Iterable[Problem]:
    if values.get("act") == DELIVER and values.get("received_by") is None:
        yield Problem("received_by", "required", "签收人：送达时必填")


def _listed(values: Values, name: str) -> frozenset[str]:
    value = values.get(name)
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _signature(name: str, label: str) -> Field:
    return Field(name, label, Type.FILES, sensitivity=_PERSONAL, minimum=0, maximum=1, unit="张")


CASE = Kind(
    name="case",
    label="代办件",
    element="事",
    fields=(
        Field("household", "所在户", Type.REF, required=True, target="household"),
        Field("person", "办理对象", Type.REF, required=True, target="person", sensitivity=_PERSONAL),
        Field("service", "代办事项", Type.CODE, 17, "proxy_service", required=True),
        Field("bundle", "所属“一件事”", Type.CODE, 17, "proxy_service"),
        Field("lead", "一件事主件", Type.REF, target="case", past=True),
        Field("task", "来源任务", Type.REF, target="task", past=True),
        Field("needed", "必交材料", Type.CODES, 2, MATERIALS),
        Field("materials", "已验材料", Type.CODES, 2, MATERIALS),
        Field("consent_by", "委托人", length=50, sensitivity=_PERSONAL),
        Field(
            "consent_relation", "委托人与办理对象关系", Type.CODE, 2, "relation", standard="GB/T 4761-2008"
        ),
        Field("consent_at", "委托时间", Type.MOMENT),
        _signature("signature", "委托签名"),
        Field("act", "办理动作", Type.CODE, 8, "case_act"),
        Field("act_at", "动作时间", Type.MOMENT),
        Field("act_note", "动作说明", length=500, sensitivity=_PERSONAL),
        Field("received_by", "签收人", length=50, sensitivity=_PERSONAL),
        _signature("receipt", "签收签名"),
        Field("state", "办件状态", Type.CODE, 10, "case_state", owner=_HUB, derived_from="act"),
        Field("number", "受理编号", length=30, owner=_HUB),
        Field("station", "办理站点", length=60, owner=_HUB),
        Field("due_on", "办理期限", Type.DATE, owner=_HUB),
        Field("missing", "需补材料", Type.CODES, 2, MATERIALS, owner=_HUB),
        Field("answer", "办理意见", length=500, sensitivity=_PERSONAL, owner=_HUB),
        Field("reference", "办理结果编号", length=50, sensitivity=_PERSONAL, owner=_HUB),
        Field("answered_on", "答复日期", Type.DATE, owner=_HUB),
        *lifecycle("case_close", owner=_HUB),
    ),
    anchor="household",
    title=("service", "number"),
    closing="case_close",
    derive=_derive,
    report=("act", "act_at", "act_note", "received_by", "receipt"),
    rules=(
        together("act", "act_at", "办理动作与动作时间应一起填写"),
        needs("signature", "consent_at", "委托时间：有委托签名时必填"),
        _acted,
        _complete,
        _received,
        CLOSED_TOGETHER,
    ),
)
