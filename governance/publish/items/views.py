"""Departments' items under ``/api/v1/items/``."""

from dataclasses import replace
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.publish.http import DepartmentView, department_of, number_of, purpose_of
from governance.publish.items.grant import grant_of
from governance.publish.items.reading import TERMS, rows_read, terms_read
from governance.publish.items.results import (
    item_shown,
    progress_shown,
    results_read,
    rows_answered,
)
from governance.publish.selectors import actor_for_department
from governance.records.outside import Malformed, Missing, body_of
from governance.tasks.items.selectors import items_of
from governance.tasks.items.services import item_save, item_submit, item_withdraw
from governance.tasks.items.targets import targets_add
from governance.tasks.models import TargetState, WorkItem

_MOST = 1000
_LISTED = 200


class ItemsView(DepartmentView):
    """``POST`` writes an item down; ``GET`` lists the department's."""

    def get(self, request: Request) -> Response:
        """Give the newest items."""
        rows = items_of(department_of(request))[:_LISTED]
        return Response({"items": [item_shown(row) for row in rows]})

    def post(self, request: Request) -> Response:
        """Write an item down, or change it while it is a draft."""
        day, department = timezone.localdate(), department_of(request)
        terms = terms_read(body_of(request, TERMS), day)
        item = item_save(
            actor=_actor(request, terms.purpose, terms.area),
            department=department,
            terms=terms,
            grant=grant_of(department, day),
            day=day,
        )
        return Response(item_shown(item))


class ItemView(DepartmentView):
    """``GET {id}``: an item, how far it is, and what each community said."""

    def get(self, request: Request, id_: UUID) -> Response:
        """Give it."""
        return Response(progress_shown(_item(request, id_), timezone.localdate()))


class TargetsView(DepartmentView):
    """``POST {id}/targets``: rows of its list, answered one by one."""

    def post(self, request: Request, id_: UUID) -> Response:
        """Look the rows up."""
        item = _item(request, id_)
        rows = rows_read(body_of(request, ("rows",)))
        targets = targets_add(actor=_actor(request, item.purpose, item.area), item=item, rows=rows)
        return Response({"rows": rows_answered(targets)})


class SubmitView(DepartmentView):
    """``POST {id}/submit``: hand it in."""

    def post(self, request: Request, id_: UUID) -> Response:
        """Ask the communities."""
        item, day = _item(request, id_), timezone.localdate()
        item_submit(actor=_actor(request, item.purpose, item.area), item=item, day=day)
        return Response(progress_shown(_item(request, id_), day))


class WithdrawView(DepartmentView):
    """``POST {id}/withdraw``: take it back."""

    def post(self, request: Request, id_: UUID) -> Response:
        """End what it still asks."""
        item, day = _item(request, id_), timezone.localdate()
        reason = body_of(request, ("reason",)).get("reason", "")
        if not isinstance(reason, str):
            raise Malformed("reason 应为文字")
        item_withdraw(actor=_actor(request, item.purpose, item.area), item=item, reason=reason, day=day)
        return Response(progress_shown(_item(request, id_), day))


class ResultsView(DepartmentView):
    """``GET {id}/results?after=&limit=&state=``: rows with the agreed values of those answered."""

    def get(self, request: Request, id_: UUID) -> Response:
        """Give the next page."""
        item, department = _item(request, id_), department_of(request)
        query = request.query_params
        state = query.get("state", "")
        if state and state not in TargetState.values:
            raise Malformed(f"state 应为 {'、'.join(TargetState.values)} 之一")
        page = results_read(
            actor=_actor(request, purpose_of(request), item.area),
            item=item,
            grant=grant_of(department, timezone.localdate()),
            after=number_of(request, "after", 0, least=0, most=10**9),
            limit=number_of(request, "limit", _MOST // 2, most=_MOST),
            state=state,
        )
        return Response({"rows": page.rows, "after": page.after})


def _item(request: Request, id_: UUID) -> WorkItem:
    found = items_of(department_of(request)).filter(pk=id_).first()
    if found is None:
        raise Missing("没有这个事项，或不属于本部门")
    return found


def _actor(request: Request, purpose: str, area: str) -> Actor:
    """Give the department's actor within an item's area."""
    actor = actor_for_department(department_of(request), area, purpose, address_of(request))
    return replace(actor, abilities=actor.abilities | {"define_items"})
