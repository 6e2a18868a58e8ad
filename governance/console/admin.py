"""Divisions and grids in the console (区划与网格): seen within the user's area, changed by import alone."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from governance.access.actor import Actor
from governance.records.registry.purpose import staff_actor
from gridmap.divisions import short_name
from gridmap.models import Division, Grid


class MapAdmin(ModelAdmin):
    """A page of the map's facts: read only, as grids come from the survey's files."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: ``manage.py grids_import`` and ``divisions_load`` add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a grid is closed, never deleted."""
        return False


def _sees_all(actor: Actor) -> bool:
    return actor.scope.unbounded or actor.can("manage_accounts") or actor.can("manage_system")


@admin.register(Grid)
class GridAdmin(MapAdmin):
    """Grids with a map of their outline and neighbours."""

    list_display = (
        "code",
        "name",
        "community_name",
        "kind",
        "households",
        "hectares",
        "valid_from",
        "valid_to",
    )
    list_display_links = ("code", "name")
    list_filter = ("kind", ("valid_to", admin.EmptyFieldListFilter))
    list_select_related = ("community",)
    search_fields = ("code__startswith", "name", "community__name")
    search_help_text = "网格编码的开头、网格或社区名称"
    ordering = ("code",)
    fields = readonly_fields = (
        "code", "name", "community", "kind", "households", "hectares", "valid_from", "valid_to", "version",
        "source",
    )  # fmt: skip
    change_form_after_template = "console/grid_map.html"

    @admin.display(description="社区（村）", ordering="community")
    def community_name(self, row: Grid) -> str:
        """Name the community without its committee."""
        return short_name(row.community.name)

    @admin.display(description="面积（公顷）", ordering="area_m2")
    def hectares(self, row: Grid) -> str:
        """Give the area in hectares."""
        return f"{row.area_m2 / 10_000:.2f}"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the grids of the user's area; whoever manages accounts or the platform sees all."""
        actor = staff_actor(request)
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows if _sees_all(actor) else rows.filter(actor.scope.q("code"))


@admin.register(Division)
class DivisionAdmin(MapAdmin):
    """Divisions of the city."""

    list_display = ("code", "name", "level", "parent")
    list_display_links = ("code", "name")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code__startswith", "name")
    search_help_text = "区划代码的开头或名称"
    ordering = ("code",)
    fields = readonly_fields = ("code", "name", "level", "parent")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the divisions of the user's area and those around it."""
        actor = staff_actor(request)
        rows: QuerySet[Any] = super().get_queryset(request)
        if _sees_all(actor):
            return rows
        wanted = actor.scope.q("code")
        for part in (*actor.scope.prefixes, *actor.scope.grids):
            wanted |= Q(code__in=["420500", *(part[:digits] for digits in (6, 9, 12))])
        return rows.filter(wanted)
