"""The department interface under ``/api/v1/publish/``."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.address import address_of
from governance.contract import KINDS, CodeBook
from governance.publish.catalogue import items_of
from governance.publish.http import DepartmentView, department_of, number_of, purpose_of
from governance.publish.models import Agreement
from governance.publish.pull import MAX_PAGE, page_read
from governance.publish.selectors import actor_for_department, agreement_for, agreements_on
from governance.records.codes import book

_PAGE = 500


class CatalogueView(DepartmentView):
    """``GET catalogue``: what the department may pull, item by item, with the codes' names."""

    def get(self, request: Request) -> Response:
        """Give the agreements in force."""
        department = department_of(request)
        rows = agreements_on(timezone.localdate(), department)
        codes = book()
        content = {
            "department": {"code": department.code, "name": department.name},
            "agreements": [_agreement(row, codes) for row in rows],
        }
        return Response(content)


@method_decorator(gzip_page, name="dispatch")
class ChangesView(DepartmentView):
    """``GET {kind}?cursor=&limit=``: the changes behind a cursor."""

    def get(self, request: Request, kind: str) -> HttpResponse:
        """Give the next page."""
        purpose = purpose_of(request)
        limit = number_of(request, "limit", _PAGE, most=MAX_PAGE)
        department = department_of(request)
        agreement = agreement_for(department, kind)
        actor = actor_for_department(department, agreement.area, purpose, address_of(request))
        page = page_read(
            actor=actor,
            agreement=agreement,
            cursor=request.query_params.get("cursor", ""),
            limit=limit,
        )
        return HttpResponse(page.as_bytes(), content_type="application/json")


def _agreement(row: Agreement, codes: CodeBook) -> dict[str, Any]:
    items = [item for item in items_of(KINDS[row.kind]) if item.name in row.fields]
    return {
        "kind": row.kind,
        "label": KINDS[row.kind].label,
        "area": row.area,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "fields": [
            {
                "name": item.name,
                "label": item.label,
                "type": item.type.value,
                "length": item.length,
                "standard": item.standard,
                "sensitivity": item.sensitivity.value,
                "codes": {code: entry.label for code, entry in codes.get(item.codes or "", {}).items()},
            }
            for item in items
        ],
    }
