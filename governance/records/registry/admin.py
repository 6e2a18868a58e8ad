"""The registry of one kind in the console (登记簿): who opens it, its list, its records' pages."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from governance.access.actor import Actor
from governance.contract import Kind
from governance.records.models import Record
from governance.records.registry import endpoints
from governance.records.registry.changelist import CappedPaginator, RecordChangeList
from governance.records.registry.columns import columns_of, heading
from governance.records.registry.filters import filters_of
from governance.records.registry.labels import joins
from governance.records.registry.page import new_page, record_page
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.records.registry.search import TOKEN, found, search_help, term_keep
from governance.records.rows import Held, rows_read

_QUERY = "q"
Endpoint = Callable[..., HttpResponse]


class RecordAdmin(ModelAdmin):
    """List and pages of a kind, drawn from the contract; all writes go through the records' service.

    A kind behind a right of its own answers 404 to whoever lacks it, as if it were not there.
    """

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = None
    actions = None
    paginator = CappedPaginator
    ordering = ("grid", "id")
    change_list_template = "console/record_list.html"
    closes: ClassVar[bool] = True

    @property
    def kind(self) -> Kind:
        """The contract's kind."""
        contract: Kind = self.model.contract
        return contract

    def address(self, page: str, *args: Any) -> str:
        """Give the address of one of this admin's pages."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

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

    def _check(self, request: HttpRequest) -> Actor:
        if self.has_view_permission(request):
            return staff_actor(request)
        if self.kind.right is not None:
            raise Http404
        raise PermissionDenied

    # The list

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give what lies in the user's area, with what labels need."""
        actor = staff_actor(request)
        rows: QuerySet[Any] = super().get_queryset(request)
        if not actor.may_read(self.kind.name):
            return rows.none()
        return rows.filter(actor.scope.q()).select_related(*joins(self.kind.name)).defer("origins")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Give the columns."""
        return [self._column(name) for name in columns_of(self.kind)]

    def _column(self, name: str) -> Callable[[Any], str]:
        def cell(row: Any) -> str:
            return str(row.cells[name]) if not hasattr(row.cells[name], "__html__") else row.cells[name]

        cell.__name__ = name.strip("@")
        cell.short_description = heading(self.kind, name)  # type: ignore[attr-defined]
        if not name.startswith("@"):
            cell.admin_order_field = name  # type: ignore[attr-defined]
        return cell

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        """Give the filters."""
        return filters_of(self.kind)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Say that there is a search; :meth:`get_search_results` knows how."""
        return ("id",)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """Search names, numbers and doors."""
        return found(self.kind, queryset, search_term), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordChangeList]:
        """Give the list that reads its words from the session."""
        return RecordChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; words in the address are taken out of it."""
        self._check(request)
        if _QUERY in request.GET:
            return self._searched(request, request.GET[_QUERY])
        missing = purpose_missing(request, self.kind.name)
        if missing is not None:
            return missing
        more = {"title": f"{self.kind.label}列表", "search_help": search_help(self.kind)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def _searched(self, request: HttpRequest, term: str) -> HttpResponse:
        query = request.GET.copy()
        for name in (_QUERY, TOKEN, "p"):
            query.pop(name, None)
        token = term_keep(request, term)
        if token:
            query[TOKEN] = token
        target = self.address("changelist")
        return redirect(f"{target}?{query.urlencode()}" if query else target)

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Take the words of a search and show the list with them."""
        self._check(request)
        return self._searched(request, request.POST.get(_QUERY, ""))

    # A record

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a record's page or the form of a new one."""
        actor = self._check(request)
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
        if held is None or not actor.scope.covers(held.grid):
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
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    def choices_view(self, request: HttpRequest) -> HttpResponse:
        """See :func:`endpoints.choices`."""
        return endpoints.choices(self, request, self._check(request))

    def reveal_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """See :func:`endpoints.reveal`."""
        actor = self._check(request)
        return endpoints.reveal(request, actor, self._held(actor, object_id))

    def act_view(self, request: HttpRequest, object_id: UUID, name: str) -> HttpResponse:
        """Close, reopen or withdraw a record."""
        actor = self._check(request)
        held = self._held(actor, object_id)
        if not (self.has_change_permission(request) and self.closes):
            raise PermissionDenied
        act: Endpoint = getattr(endpoints, name)
        return act(self, request, actor, held)
