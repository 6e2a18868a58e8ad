"""A registry's list in the console (登记簿列表): rows, columns, filters, search."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from governance.access.actor import Actor
from governance.contract import Kind
from governance.records.registry.changelist import CappedPaginator, RecordChangeList
from governance.records.registry.columns import columns_of, heading
from governance.records.registry.filters import filters_of
from governance.records.registry.labels import joins
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.records.registry.search import TOKEN, found, search_help, term_keep
from governance.records.veil import unveiled

_QUERY = "q"


class RecordList(ModelAdmin):
    """The list of one kind, within the user's area; the pages of its records are added by its heir."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = None
    actions: ClassVar[tuple[str, ...] | None] = None
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

    def entry(self, request: HttpRequest) -> Actor:
        """Give the actor who may open the list, or refuse; an heir says who that is."""
        return staff_actor(request)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give what lies in the user's area, with what labels need."""
        actor = staff_actor(request)
        rows: QuerySet[Any] = super().get_queryset(request)
        if not actor.may_read(self.kind.name):
            return rows.none()
        rows = rows.filter(actor.scope.q(), unveiled(actor, self.kind))
        return rows.select_related(*joins(self.kind.name)).defer("origins")

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
        """Say that there is a search; not for Django's own look-up, whose words stand in the address."""
        return () if request.path == reverse("admin:autocomplete") else ("id",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse look-ups that no filter makes: a value in an address would be asked for unmasked."""
        return lookup in {made.parameter_name for made in filters_of(self.kind)}

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
        self.entry(request)
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
        self.entry(request)
        return self._searched(request, request.POST.get(_QUERY, ""))
