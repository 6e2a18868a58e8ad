"""Cases go on by themselves where nobody need decide (办件跟进): routed, numbered, checked, told to the door.

What tablets pushed is read from the feed; every write here is read back and found to need nothing more.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.access.actor import HUB
from governance.contract.asks import MATERIALS
from governance.contract.casework import (
    COLLECTING,
    DELIVERED,
    ENDED,
    RETURNED,
    STATION,
    SUBMITTED,
    TOLD,
    WITHDRAWN,
)
from governance.feed.services import Told, follower_catch_up, heads_lock
from governance.records.codes import book
from governance.records.rows import Held, rows_read
from governance.rules.calendar import working_days_after
from governance.tasks.cases.door import door_settle, doors_grids
from governance.tasks.cases.papers import papers_lacking
from governance.tasks.cases.writing import Taken, case_get, case_write, step_last, step_note
from governance.tasks.centres.selectors import station_for
from governance.tasks.models import Case, CaseStep, ProxyService, Station

FOLLOWER = "cases"
_CLOSING = {DELIVERED: "01", TOLD: "02", WITHDRAWN: "03"}


def grid_follow(grid: str) -> int:
    """Take the cases of a grid on, as far as its feed told of them; gives the entries read.

    With nothing new this costs one look-up.
    """
    day = timezone.localdate()

    def handle(entries: Sequence[Told]) -> None:
        told = [entry.record for entry in entries if entry.kind == "case" and not entry.gone]
        if told:
            # Whoever acts on one of them just now comes before or after; so does who acts on their tasks.
            heads_lock({grid, *doors_grids(told)})
        for held in rows_read("case", told).values():
            if not held.deleted and held.grid == grid:
                _settle(held, day)

    return follower_catch_up(follower=FOLLOWER, grid=grid, handle=handle)


def _settle(held: Held, day: date) -> None:
    state = str(held.values.get("state") or COLLECTING)
    last = step_last(held.id)
    new = last is None or last.after != state
    if new:
        before = last.after if last is not None else ""
        note = str(held.values.get("act_note") or "")
        step_note(held.id, held.version, before, state, Taken(HUB, _side(held), note=note))
    if state == SUBMITTED and new:
        _receive(held, day)
    elif state in ENDED and held.values.get("closed_on") is None:
        values = {"closed_on": day.isoformat(), "closed_reason": _CLOSING[state]}
        case_write(held, values, Taken(HUB, CaseStep.Side.HUB))
    now = case_get(held.id)
    if now is not None:
        door_settle(now, day)


def cases_release() -> int:
    """Send the cases at a desk that is out of use to the one that serves their grid now; gives how many.

    What lies with the worker or a department comes to a desk in use by its next step.
    """
    return sum(_release(case, grid) for case, grid in list(_stranded().values_list("pk", "grid")))


def _stranded() -> "QuerySet[Case]":
    """Give the cases that lie at a desk out of use, or at none."""
    desks = Station.objects.filter(enabled=True).values("pk")
    numbered = Case.objects.filter(state__in=(SUBMITTED, STATION), number__isnull=False, deleted=False)
    return numbered.exclude(station__in=desks).order_by("pk")


@transaction.atomic
def _release(case: UUID, grid: str) -> bool:
    heads_lock([grid])
    held, there = case_get(case), station_for(grid)
    if held is None or there is None or not _stranded().filter(pk=case, grid=grid).exists():
        return False
    case_write(held, {"station": there.pk}, Taken(HUB, CaseStep.Side.HUB))
    return True


def _side(held: Held) -> str:
    return CaseStep.Side.WORKER if held.values.get("act") else CaseStep.Side.HUB


def _receive(held: Held, day: date) -> None:
    """Route what was handed in to its station; what is not complete goes back to the door at once."""
    service = ProxyService.objects.filter(pk=str(held.values.get("service"))).first()
    reason, missing = _lacking(held, service)
    if service is None or reason:
        values: dict[str, object] = {
            "state": RETURNED,
            "act": None,
            "act_at": None,
            "act_note": None,
            "answer": reason,
            "missing": missing or None,
        }
        case_write(held, values, Taken(HUB, CaseStep.Side.HUB, note=reason))
        return
    station = _station(held)
    values = {
        "number": held.values.get("number") or _number(held.id, day),
        "station": station.pk if station is not None else None,
        "due_on": working_days_after(day, service.days).isoformat(),
        "missing": None,
        "answer": None,
    }
    case_write(held, values, Taken(HUB, CaseStep.Side.HUB))


def _lacking(held: Held, service: ProxyService | None) -> tuple[str, list[str]]:
    """Say why a case cannot be taken in, and the codes of the materials it lacks."""
    if service is None or not service.enabled or service.parts:
        return "平台没有这项代办事项，或已停办", []
    lead = held.values.get("lead")
    if lead is not None and not _consented(held, str(lead)):
        return "一件事的主件没有委托签名", []
    missing = papers_lacking(held, service.needed)
    if missing:
        known = book().get(MATERIALS, {})
        names = "、".join(known[code].label if code in known else code for code in missing)
        return f"材料不全：{names}", missing
    return "", []


def _consented(held: Held, lead: str) -> bool:
    main = case_get(lead)
    return (
        main is not None
        and main.values.get("household") == held.values.get("household")
        and bool(main.values.get("signature"))
    )


def _station(held: Held) -> Station | None:
    """Give the station that had the case before it went back to the door, else the nearest one."""
    steps = CaseStep.objects.filter(case=held.id, side=CaseStep.Side.STATION).order_by("-version")
    codes = list(steps.values_list("station", flat=True)[:1])
    before = Station.objects.filter(pk__in=codes, enabled=True).first()
    return before or station_for(held.grid)


def _number(case: str, day: date) -> str:
    """Give the number people quote: the day, and ten digits from the case's id."""
    return f"{day:%Y%m%d}{UUID(case).int % 10**10:010d}"
