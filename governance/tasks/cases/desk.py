"""What is done with a case at a desk (窗口办理): by a station's staff, or by the department."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.models import Department
from governance.access.policy import check_can
from governance.contract.asks import MATERIALS
from governance.contract.casework import (
    APPROVED,
    DEPARTMENT_STEPS,
    REFUSED,
    RETURNED,
    STATION_STEPS,
    Step,
    step_problem,
)
from governance.feed.services import heads_lock
from governance.records.codes import book
from governance.records.rows import Held
from governance.tasks.cases.follow import grid_follow
from governance.tasks.cases.writing import Taken, case_get, case_write, step_last
from governance.tasks.centres.selectors import stands_at, station_above
from governance.tasks.models import CaseStep, ProxyService, Station

_MOST_NOTE = 500
_MOST_REFERENCE = 50
_ANSWERS = frozenset({APPROVED, REFUSED})


class CaseUnknown(NotPossible):
    """No such case, or not one of whoever asks (没有这个代办件)."""

    status = 404
    code = "missing"


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that is asked for.

    Parameters
    ----------
    step : str
        Key of the machine's steps, such as ``accept``.
    note : str
        Opinion or grounds, Chinese.
    reference : str
        Number of the certificate or decision.
    missing : sequence of str
        Codes of the materials to be brought, with ``return``.
    """

    step: str
    note: str = ""
    reference: str = ""
    missing: Sequence[str] = ()


def station_step(*, actor: Actor, case: UUID, wish: Wish) -> Held:
    """Take a step with a case at the station where it lies.

    Raises
    ------
    Forbidden
        Unless the actor handles cases.
    CaseUnknown
        Where the case lies at no desk of his.
    NotPossible
        The step does not lead on from the case's state, or lacks its grounds.
    """
    check_can(actor, "handle_cases")
    with transaction.atomic():
        held = _locked(case)
        code = str(held.values.get("station") or "")
        if not stands_at(actor, code):
            raise CaseUnknown("没有这个代办件，或不在您的站点")
        station = Station.objects.get(pk=code)
        _check(STATION_STEPS, held, wish)
        service = ProxyService.objects.select_related("department").get(pk=str(held.values["service"]))
        values = _at_station(station, service, wish)
        case_write(
            held,
            values | _said(STATION_STEPS[wish.step], wish),
            Taken(actor, CaseStep.Side.STATION, station.pk, wish.note),
        )
    return _after(held)


def department_step(*, actor: Actor, department: Department, case: UUID, wish: Wish) -> Held:
    """Take a step with a case that was filed to a department; the same answer given again changes nothing.

    Raises
    ------
    CaseUnknown
        Where the case was not filed to this department.
    NotPossible
        The step does not lead on from the case's state, or lacks its grounds.
    """
    with transaction.atomic():
        held = _locked(case)
        if not filed_to(held, department):
            raise CaseUnknown("没有这个代办件，或没有报给本部门")
        if _again(held, wish):
            return held
        _check(DEPARTMENT_STEPS, held, wish)
        taken = Taken(actor, CaseStep.Side.DEPARTMENT, department.pk, wish.note)
        case_write(held, _said(DEPARTMENT_STEPS[wish.step], wish), taken)
    return _after(held)


def filed_to(held: Held, department: Department) -> bool:
    """Whether a case is, or was, before a department: its own service, and handed over once."""
    mine = ProxyService.objects.filter(pk=str(held.values.get("service")), department=department).exists()
    return mine and CaseStep.objects.filter(case=held.id, after="filed").exists()


def _locked(case: UUID) -> Held:
    held = case_get(case)
    if held is None:
        raise CaseUnknown("没有这个代办件")
    heads_lock([held.grid])
    again = case_get(case)
    if again is None or again.grid != held.grid:
        raise NotPossible("代办件正在迁移，请稍后再试")
    return again


def _check(steps: dict[str, Step], held: Held, wish: Wish) -> None:
    problem = step_problem(steps, str(held.values.get("state") or ""), wish.step, wish.note)
    if not problem and len(wish.note) > _MOST_NOTE:
        problem = f"意见最多{_MOST_NOTE}个字"
    if not problem and len(wish.reference) > _MOST_REFERENCE:
        problem = f"结果编号最多{_MOST_REFERENCE}个字"
    materials = book().get(MATERIALS, {})
    if not problem and any(code not in materials for code in wish.missing):
        problem = "需补材料不在代码表“办事材料”中"
    if problem:
        raise NotPossible(problem)


def _at_station(station: Station, service: ProxyService, wish: Wish) -> dict[str, object]:
    """Say what is particular to the stations: where to hand up, and who decides."""
    if wish.step == "hand_up":
        above = station_above(station)
        if above is None:
            raise NotPossible("上级没有相应的中心")
        return {"station": above.pk}
    if wish.step == "file" and service.department is None:
        raise NotPossible(f"“{service.label}”由站点直接办理，没有要报的部门")
    if wish.step == "file" and station.division.level > service.level:
        raise NotPossible(f"“{service.label}”由上级中心报部门，请先转上级中心")
    if wish.step in ("approve", "refuse") and service.department is not None:
        raise NotPossible(f"“{service.label}”由{service.department.name}决定，请报部门")
    return {}


def _said(step: Step, wish: Wish) -> dict[str, object]:
    """Give what a step sets of a case; whatever goes back to the worker waits for a new act of his."""
    values: dict[str, object] = {"state": step.after}
    if step.after == RETURNED:
        values |= {"act": None, "act_at": None, "act_note": None}
        values |= {"missing": sorted(set(wish.missing)) or None, "answer": wish.note.strip()}
    elif step.after in _ANSWERS:
        values |= {"answer": wish.note.strip() or None, "reference": wish.reference.strip() or None}
        values["answered_on"] = timezone.localdate().isoformat()
    return values


def _again(held: Held, wish: Wish) -> bool:
    """Whether the department's last step was this very one."""
    step, last = DEPARTMENT_STEPS.get(wish.step), step_last(held.id)
    return (
        step is not None
        and last is not None
        and last.side == CaseStep.Side.DEPARTMENT
        and (last.after, last.note) == (step.after, wish.note[:_MOST_NOTE])
        and held.values.get("state") == step.after
    )


def _after(held: Held) -> Held:
    """Let what follows of the step be done at once, so that the door hears of it; give the case."""
    grid_follow(held.grid)
    return case_get(held.id) or held
