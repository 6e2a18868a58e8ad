"""The registry of one kind in the console (登记簿): who opens it, its list, its records' pages."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from governance.access.actor import Actor
from governance.records.models import Record
from governance.records.registry import endpoints
from governance.records.registry.listing import RecordList
from governance.records.registry.page import new_page, record_page
from governance.records.registry.photos import photo
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.records.rows import Held, rows_read
from governance.records.veil import veiled

Endpoint = Callable[..., HttpResponse]


class RecordAdmin(RecordList):
    """List and pages of a kind, drawn from the contract; all writes go through the records' service.

    A kind behind a right of its own answers 404 to whoever lacks it, as if it were not there.
    """

    # Who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the room to whoever sees this kind."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Ask for the page's permission, the kind's right and, of a record, the area."""
        return super().has_view_permission(request) and self._reaches(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Ask for the permission to change, and that the actor writes this kind."""
        writes = staff_actor(request).may_write(self.kind.name)
        return super().has_change_permission(request) and writes and self._reaches(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to add; tasks are made by the hub alone."""
        writes = self.kind.writable and staff_actor(request).may_write(self.kind.name)
        return super().has_add_permission(request) and writes

    def has_delete_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Refuse: records are closed or withdrawn, one at a time."""
        return False

    def _reaches(self, request: HttpRequest, obj: Record | None) -> bool:
        actor = staff_actor(request)
        return actor.may_read(self.kind.name) and (obj is None or actor.scope.covers(obj.grid))

    def entry(self, request: HttpRequest) -> Actor:
        """Give the actor who may open this kind; refuse others, with 404 where it is behind a right."""
        if self.has_view_permission(request):
            return staff_actor(request)
        if self.kind.right is not None:
            raise Http404
        raise PermissionDenied

    # A record

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a record's page or the form of a new one."""
        actor = self.entry(request)
        if object_id is None and not self.has_add_permission(request):
            raise PermissionDenied
        held = None if object_id is None else self._held(actor, object_id)
        missing = purpose_missing(request, self.kind.name)
        if missing is not None:
            return missing
        return new_page(self, request, actor) if held is None else record_page(self, request, actor, held)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the record's own history."""
        return redirect(f"{self.address('change', object_id)}?tab=history")

    def _held(self, actor: Actor, object_id: object) -> Held:
        try:
            key = str(UUID(str(object_id)))
        except ValueError as error:
            raise Http404 from error
        held = rows_read(self.kind.name, [key]).get(key)
        if held is None or not actor.scope.covers(held.grid) or veiled(actor, held.kind, held.values):
            raise Http404
        return held

    # What the pages call

    def get_urls(self) -> list[URLPattern]:
        """Add the search, the references' choices and what a record's page calls."""
        here = f"{self.opts.app_label}_{self.opts.model_name}"

        def at(route: str, name: str, view: Endpoint) -> URLPattern:
            return path(route, self.admin_site.admin_view(require_POST(view)), name=f"{here}_{name}")

        own = [
            at("search/", "search", self.search_view),
            at("choices/", "choices", self.choices_view),
            at("<uuid:object_id>/reveal/", "reveal", self.reveal_view),
        ]
        for name in ("close", "reopen", "withdraw"):
            own.append(at(f"<uuid:object_id>/{name}/", name, partial(self.act_view, name=name)))
        seen = self.admin_site.admin_view(require_GET(self.photo_view))
        own.append(path("<uuid:object_id>/photos/<uuid:file>/", seen, name=f"{here}_photo"))
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    def choices_view(self, request: HttpRequest) -> HttpResponse:
        """See :func:`endpoints.choices`."""
        return endpoints.choices(self, request, self.entry(request))

    def reveal_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """See :func:`endpoints.reveal`."""
        actor = self.entry(request)
        return endpoints.reveal(request, actor, self._held(actor, object_id))

    def photo_view(self, request: HttpRequest, object_id: UUID, file: UUID) -> HttpResponse:
        """See :func:`governance.records.registry.photos.photo`."""
        actor = self.entry(request)
        missing = purpose_missing(request, self.kind.name)
        return missing or photo(request, actor, self._held(actor, object_id), file)

    def act_view(self, request: HttpRequest, object_id: UUID, name: str) -> HttpResponse:
        """Close, reopen or withdraw a record."""
        actor = self.entry(request)
        held = self._held(actor, object_id)
        if not (self.has_change_permission(request) and self.closes):
            raise PermissionDenied
        act: Endpoint = getattr(endpoints, name)
        return act(self, request, actor, held)
