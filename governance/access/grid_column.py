"""The grid of a row in a console's list, by the name people know (网格列)."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from gridmap.naming import grid_names

_NAME = "_grid_name"


class GridNamed(ModelAdmin):
    """Rows with a ``grid``: listed and shown as ``grid_name``, one query for a page of them."""

    @admin.display(description="网格", ordering="grid")
    def grid_name(self, row: Model) -> str:
        """Name the grid; the code where the map knows it no more."""
        code = str(getattr(row, "grid", ""))
        known: str | None = getattr(row, _NAME, None)
        return (grid_names({code}).get(code, code) if known is None else known) or "—"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Give the page's rows with the names of their grids."""
        found = super().get_changelist_instance(request)
        rows: Any = list(found.result_list)
        names = grid_names({row.grid for row in rows})
        for row in rows:
            setattr(row, _NAME, names.get(row.grid, row.grid))
        found.result_list = rows
        return found
