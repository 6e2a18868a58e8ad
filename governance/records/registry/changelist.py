"""A registry's list as the admin builds it: words from the session, rows with their cells."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from governance.records.codes import book
from governance.records.registry.columns import cells_attach
from governance.records.registry.filters import AreaFilter
from governance.records.registry.purpose import staff_actor
from governance.records.registry.search import TOKEN, term_of
from governance.records.registry.traces import list_trace

_MOST = 100_000


class CappedPaginator(Paginator):
    """Counts no further than 100,000 rows: a city's list stays quick."""

    @cached_property
    def count(self) -> int:
        """Give the number of rows, at most the cap."""
        rows: Any = self.object_list
        found: int = rows.order_by()[:_MOST].count()
        return found


class RecordChangeList(ChangeList):
    """Rows of the page carry ``cells``; reading a page of people leaves one trace."""

    result_list: Any

    def get_filters_params(self, params: Any = None) -> Any:
        """Leave the search's token out of the filters."""
        found = super().get_filters_params(params)
        found.pop(TOKEN, None)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> "QuerySet[Any]":
        """Search for the words that the session keeps."""
        self.query = term_of(request)
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page's rows, give them their cells, leave the trace."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        kind = self.model.contract
        cells_attach(kind, rows, book())
        self.result_list = rows
        self.capped = self.result_count >= _MOST
        filters = {name: values[-1] for name, values in self.get_filters_params().items()}
        detail = {"filters": filters, "page": self.page_num, "searched": bool(self.query)}
        list_trace(staff_actor(request), kind, rows, self.area.area if self.area else "", detail)

    @property
    def area(self) -> AreaFilter | None:
        """The filter by area."""
        return next((spec for spec in self.filter_specs if isinstance(spec, AreaFilter)), None)

    @property
    def levels(self) -> list[dict[str, Any]]:
        """The area's choices, level by level."""
        return self.area.levels(self) if self.area else []

    @property
    def selects(self) -> list[tuple[str, list[Any]]]:
        """Title and choices of the other filters."""
        return [
            (spec.title, list(spec.choices(self)))
            for spec in self.filter_specs
            if not isinstance(spec, AreaFilter)
        ]
