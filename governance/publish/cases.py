"""The department's side of proxy services under ``/api/v1/publish/cases`` (部门办理代办件)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.models import Department
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.contract.casework import DEPARTMENT_STEPS, STATES
from governance.publish.http import DepartmentView, department_of, number_of, purpose_of
from governance.publish.selectors import actor_for_department
from governance.records.outside import Malformed, body_of
from governance.records.rows import Held
from governance.tasks.cases.desk import CaseUnknown, Wish, department_step, filed_to
from governance.tasks.cases.selectors import BEFORE_DEPARTMENT, filed
from governance.tasks.cases.sheet import Sheet, case_file, sheet_of, sheet_trace
from governance.tasks.cases.writing import case_get

_PAGE = 100
_MOST = 500
_WISH = ("note", "reference", "missing")


class CasesView(DepartmentView):
    """``GET cases?state=&after=&limit=``: what was filed to the department, without names."""

    def get(self, request: Request) -> Response:
        """Give the next page, by id."""
        department, actor = _who(request)
        states = request.query_params.getlist("state") or list(BEFORE_DEPARTMENT)
        if unknown := [state for state in states if state not in STATES]:
            raise Malformed(f"没有办件状态“{unknown[0][:20]}”")
        limit = number_of(request, "limit", _PAGE, most=_MOST)
        after = request.query_params.get("after", "")
        rows = list(filed(department, states, str(_uuid(after)) if after else "")[: limit + 1])
        _list_trace(actor, len(rows[:limit]))
        return Response({"cases": [_line(row) for row in rows[:limit]], "more": len(rows) > limit})


class CaseView(DepartmentView):
    """``GET cases/{id}``: one case with the values and materials that its service needs."""

    def get(self, request: Request, case: UUID) -> Response:
        """Give it; every reading leaves a trace that the person can be told of."""
        department, actor = _who(request)
        sheet = sheet_of(_filed(department, case), whole=True)
        sheet_trace(actor, sheet, "cases.read", fields=[datum.name for datum in sheet.data])
        return Response(_sheet(sheet))


class CaseFileView(DepartmentView):
    """``GET cases/{id}/files/{file}``: a photo of a material, or a signature."""

    def get(self, request: Request, case: UUID, file: UUID) -> HttpResponse:
        """Give its bytes, stripped of what the camera wrote beside the picture."""
        department, actor = _who(request)
        served = case_file(actor, _filed(department, case), file)
        return HttpResponse(served.data, content_type=served.media_type)


class CaseStepView(DepartmentView):
    """``POST cases/{id}/{step}``: take it over, send it back, decide it."""

    def post(self, request: Request, case: UUID, step: str) -> Response:
        """Take the step; the same step said again changes nothing."""
        department, actor = _who(request)
        body = body_of(request, _WISH)
        wish = Wish(
            step,
            note=_text(body, "note"),
            reference=_text(body, "reference"),
            missing=_codes(body, "missing"),
        )
        held = department_step(actor=actor, department=department, case=case, wish=wish)
        return Response({"id": held.id, "state": held.values["state"], "version": held.version})


def _who(request: Request) -> tuple[Department, Actor]:
    department = department_of(request)
    return department, actor_for_department(department, "", purpose_of(request), address_of(request))


@transaction.atomic
def _list_trace(actor: Actor, count: int) -> None:
    audit_append(actor=actor, action="cases.list", kind="case", scope=CITY, count=count, chain=CITY)


def _filed(department: Department, case: UUID) -> Held:
    held = case_get(case)
    if held is None or not filed_to(held, department):
        raise CaseUnknown("没有这个代办件，或没有报给本部门")
    return held


def _line(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "number": row.number,
        "service": row.service,
        "state": row.state,
        "due_on": row.due_on,
        "grid": row.grid,
        "station": row.station,
        "version": row.version,
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    values = sheet.held.values
    said = ("number", "state", "due_on", "station", "consent_at", "consent_by", "answer", "reference")
    return {
        "id": sheet.held.id,
        "version": sheet.held.version,
        "service": {"code": sheet.service.pk, "label": sheet.service.label},
        **{name: values.get(name) for name in said},
        "grid": sheet.held.grid,
        "consent": sheet.consent,
        "signature": values.get("signature") or [],
        "data": [{"name": each.name, "label": each.label, "value": each.value} for each in sheet.data],
        "materials": [
            {
                "code": line.material,
                "label": line.label,
                "needed": line.needed,
                "number": line.number or None,
                "seen_on": line.seen_on or None,
                "files": list(line.files),
            }
            for line in sheet.papers
        ],
        "steps": [
            {"at": step.at, "side": step.side, "after": step.after, "note": step.note} for step in sheet.steps
        ],
        "next": [name for name, step in DEPARTMENT_STEPS.items() if values.get("state") in step.before],
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Malformed("after 应为上一页最后一件的编号") from None


def _text(body: Any, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"{name} 应为文字")
    return value.strip()


def _codes(body: Any, name: str) -> tuple[str, ...]:
    value = body.get(name, [])
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise Malformed(f"{name} 应为材料代码的数组")
    return tuple(value)
