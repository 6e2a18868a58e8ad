"""How a proxy-service case (代办件) goes from state to state: one closed machine for tablet and hub.

A worker's step is told by the field ``act``; what a station or a department does is set by the hub alone.
Whatever the hub sends back to the worker it clears ``act`` of, so that the worker's next step is a new one.
"""

from dataclasses import dataclass

COLLECTING = "collecting"
SUBMITTED = "submitted"
STATION = "station"
RETURNED = "returned"
FILED = "filed"
TAKEN = "taken"
APPROVED = "approved"
REFUSED = "refused"
DELIVERED = "delivered"
TOLD = "told"
WITHDRAWN = "withdrawn"

STATES: dict[str, str] = {
    COLLECTING: "收集材料",
    SUBMITTED: "待站点受理",
    STATION: "站点办理中",
    RETURNED: "退回补正",
    FILED: "待部门受理",
    TAKEN: "部门办理中",
    APPROVED: "已办成待送达",
    REFUSED: "不予办理待告知",
    DELIVERED: "已送达",
    TOLD: "已告知不予办理",
    WITHDRAWN: "已撤回",
}
"""State → Chinese name, in the order a case goes through them."""

ENDED = frozenset({DELIVERED, TOLD, WITHDRAWN})
"""Nothing follows these."""

AT_DOOR = frozenset({COLLECTING, RETURNED, APPROVED, REFUSED})
"""The worker's turn."""

HAND_IN, DELIVER, TELL, WITHDRAW = "hand_in", "deliver", "tell", "withdraw"

OF_HOUSEHOLD = frozenset({"02", "04", "10", "13", "15"})
"""Materials of code list ``case_material`` that belong to a household and serve each of its members."""

ACTS: dict[str, str] = {
    HAND_IN: "提交站点",
    DELIVER: "送达结果",
    TELL: "告知不予办理",
    WITHDRAW: "居民撤回",
}
"""What a worker does → Chinese name."""

_BY_WORKER: dict[tuple[str, str], str] = {
    (COLLECTING, HAND_IN): SUBMITTED,
    (RETURNED, HAND_IN): SUBMITTED,
    (APPROVED, DELIVER): DELIVERED,
    (REFUSED, TELL): TOLD,
    (COLLECTING, WITHDRAW): WITHDRAWN,
    (SUBMITTED, WITHDRAW): WITHDRAWN,
    (STATION, WITHDRAW): WITHDRAWN,
    (RETURNED, WITHDRAW): WITHDRAWN,
    (FILED, WITHDRAW): WITHDRAWN,
}
_BEHIND: dict[str, frozenset[str]] = {
    HAND_IN: frozenset({SUBMITTED, STATION, FILED, TAKEN, APPROVED, REFUSED}),
    DELIVER: frozenset({DELIVERED}),
    TELL: frozenset({TOLD}),
    WITHDRAW: frozenset({WITHDRAWN}),
}
"""States in which an act may stand on a case: those it leads to, and what others made of it since."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step taken at a desk: from which states it may be taken, where it leads, whether a reason is due."""

    label: str
    before: frozenset[str]
    after: str
    reason: bool = False


STATION_STEPS: dict[str, Step] = {
    "accept": Step("受理", frozenset({SUBMITTED}), STATION),
    "hand_up": Step("转上级中心", frozenset({STATION}), SUBMITTED),
    "file": Step("报部门", frozenset({STATION}), FILED),
    "return": Step("退回补正", frozenset({SUBMITTED, STATION}), RETURNED, reason=True),
    "approve": Step("办结", frozenset({STATION}), APPROVED),
    "refuse": Step("不予办理", frozenset({STATION}), REFUSED, reason=True),
}
"""What staff of a station may do with a case of their queue."""

DEPARTMENT_STEPS: dict[str, Step] = {
    "take": Step("受理", frozenset({FILED}), TAKEN),
    "return": Step("退回补正", frozenset({FILED, TAKEN}), RETURNED, reason=True),
    "approve": Step("办结", frozenset({FILED, TAKEN}), APPROVED),
    "refuse": Step("不予办理", frozenset({FILED, TAKEN}), REFUSED, reason=True),
}
"""What a department may do with a case filed to it."""


def state_after(state: str, act: str) -> str:
    """Give the state that a worker's act leads to; the same where it leads nowhere."""
    return _BY_WORKER.get((state, act), state)


def acts_in(state: str) -> tuple[str, ...]:
    """Give what a worker may do with a case in a state."""
    return tuple(act for act in ACTS if (state, act) in _BY_WORKER)


def act_problem(state: str, act: str) -> str:
    """Say in Chinese why an act cannot stand on a case in a state; nothing where it can."""
    allowed = _BEHIND.get(act)
    if allowed is None or state in allowed:
        return ""
    return f"代办件现在是“{STATES.get(state, state)}”，不能“{ACTS[act]}”"


def step_problem(steps: dict[str, Step], state: str, step: str, reason: str) -> str:
    """Say in Chinese why a step cannot be taken at a desk; nothing where it can.

    Parameters
    ----------
    steps : dict
        :data:`STATION_STEPS` or :data:`DEPARTMENT_STEPS`.
    state : str
        Of the case.
    step, reason : str
        What is to be done, and the grounds given.
    """
    known = steps.get(step)
    if known is None:
        return f"没有“{step[:20]}”这一步"
    if state not in known.before:
        return f"代办件现在是“{STATES.get(state, state)}”，不能“{known.label}”"
    if known.reason and not reason.strip():
        return f"“{known.label}”须写明理由"
    return ""


def consent_text(service: str, department: str, materials: str) -> str:
    """Give the words of the mandate (委托书) that a resident signs, alike on tablet and receipt.

    Parameters
    ----------
    service : str
        Name of the service.
    department : str
        Who decides; empty where the station itself does.
    materials : str
        Names of the materials that are handed in.
    """
    whom = f"{department}及便民服务站" if department else "便民服务站"
    return (
        f"本人自愿委托网格员代为办理“{service}”，同意将办理所需的个人信息和以下材料"
        f"交{whom}，仅用于办理此事项：{materials or '无'}。本人可在部门受理前随时撤回委托。"
    )
