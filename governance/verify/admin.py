"""The queue of differences in the console (数据差异): looked at, taken or left, within the user's area."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from governance.access.errors import Refused
from governance.access.policy import may_reveal
from governance.access.requests import actor_of
from governance.audit.services import audit_append
from governance.contract import KINDS, Field
from governance.records.codes import book
from governance.records.models import model_of
from governance.records.registry.values import full, shown
from governance.verify.models import Difference
from governance.verify.selectors import differences
from governance.verify.services import difference_settle

PURPOSE = "核定数据差异"
_REASONS = {"source": "与主管部门不一致", "clash": "多人同时修改", "placed": "新网格待核"}


class StateFilter(admin.SimpleListFilter):
    """Waiting or settled; without choice those that wait."""

    title = "核定情况"
    parameter_name = "settled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the choices beside the first."""
        return [("yes", "已核定"), ("all", "全部")]

    def choices(self, changelist: Any) -> Any:
        """Call the first choice by its name."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "待核定"} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Difference]) -> QuerySet[Difference]:
        """Keep what was chosen."""
        if self.value() == "all":
            return queryset
        return queryset.filter(settled_at__isnull=self.value() != "yes")


class ReasonFilter(admin.SimpleListFilter):
    """Why the value was not taken at once."""

    title = "原因"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the reasons."""
        return list(_REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Difference]) -> QuerySet[Difference]:
        """Keep what was chosen."""
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(Difference)
class DifferenceAdmin(ModelAdmin):
    """Differences; values of people are masked in the list and full on the page, which leaves a trace."""

    list_display = (
        "at",
        "kind_name",
        "field_name",
        "held_shown",
        "offered_shown",
        "source_name",
        "why",
        "grid",
    )
    list_filter = (StateFilter, "reason", "at")
    search_fields = ("grid__startswith",)
    search_help_text = "网格编码的开头"
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = (
        "kind_name",
        "record_link",
        "field_name",
        "held_full",
        "offered_full",
        "source_name",
        "why",
        "grid",
        "at",
        "settled_at",
        "settled_by",
        "accepted",
    )
    actions = ("accept", "keep")

    @admin.action(description="采纳报来值", permissions=["settle"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Difference]) -> None:
        """Take the offered values."""
        self._settle(request, queryset, accept=True)

    @admin.action(description="维持现有值", permissions=["settle"])
    def keep(self, request: HttpRequest, queryset: QuerySet[Difference]) -> None:
        """Let the held values stand."""
        self._settle(request, queryset, accept=False)

    def _settle(self, request: HttpRequest, queryset: QuerySet[Difference], *, accept: bool) -> None:
        actor = actor_of(request, PURPOSE)
        done = 0
        for row in queryset.order_by("at", "id"):
            try:
                difference_settle(actor=actor, contested=row, accept=accept)
                done += 1
            except Refused as error:
                where = f"{_kind(row)}“{_field(row).label}”"
                self.message_user(request, f"{where}：{error.reason}", messages.WARNING)
        if done:
            self.message_user(request, f"已核定{done}条", messages.SUCCESS)

    @admin.display(description="种类", ordering="kind")
    def kind_name(self, row: Difference) -> str:
        """Name the kind."""
        return _kind(row)

    @admin.display(description="数据项", ordering="field")
    def field_name(self, row: Difference) -> str:
        """Name the item."""
        return _field(row).label

    @admin.display(description="现有值")
    def held_shown(self, row: Difference) -> str:
        """Give the held value, masked."""
        return shown(_field(row), row.held, book()) or "（空）"

    @admin.display(description="报来值")
    def offered_shown(self, row: Difference) -> str:
        """Give the offered value, masked."""
        return shown(_field(row), row.offered, book()) or "（空）"

    @admin.display(description="现有值")
    def held_full(self, row: Difference) -> str:
        """Give the held value as far as the user may see it."""
        return getattr(row, "texts", ("", ""))[0] or "（空）"

    @admin.display(description="报来值")
    def offered_full(self, row: Difference) -> str:
        """Give the offered value as far as the user may see it."""
        return getattr(row, "texts", ("", ""))[1] or "（空）"

    @admin.display(description="报来单位", ordering="source")
    def source_name(self, row: Difference) -> str:
        """Name the offering source."""
        known = book().get("source", {}).get(row.source)
        return known.label if known else row.source

    @admin.display(description="原因", ordering="reason")
    def why(self, row: Difference) -> str:
        """Name the reason."""
        return _REASONS.get(row.reason, row.reason)

    @admin.display(description="记录")
    def record_link(self, row: Difference) -> str:
        """Lead to the record."""
        meta = model_of(row.kind)._meta
        try:
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.record])
        except NoReverseMatch:
            return str(row.record)
        return format_html('<a href="{}">查看{}</a>', address, _kind(row))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Find a difference, its values laid out as far as the user may see them."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            lay = full if may_reveal(actor_of(request, PURPOSE), row.kind, row.grid) else shown
            row.texts = tuple(lay(_field(row), value, book()) for value in (row.held, row.offered))
        return row

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a difference, and enter that the record's values were read."""
        row = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            with transaction.atomic():
                audit_append(
                    actor=actor_of(request, PURPOSE),
                    action="verify.read",
                    kind=row.kind,
                    subject=row.record,
                    scope=row.grid,
                    chain=row.grid,
                    detail={"field": row.field},
                )
        return super().change_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Difference]:
        """Give the differences of the user's area."""
        return differences(actor_of(request, PURPOSE)).select_related("settled_by")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Open the actions to those who settle differences."""
        return actor_of(request, PURPOSE).can("settle_differences")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may look."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who settle differences or were given the page."""
        return self.has_settle_permission(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: differences are settled."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


def _kind(row: Difference) -> str:
    return KINDS[row.kind].label


def _field(row: Difference) -> Field:
    return KINDS[row.kind].by_name[row.field]
