"""The inbox in the console (收件箱): changes of which nothing was applied, kept whole, read only."""

from typing import Any

from django.contrib.admin import SimpleListFilter, display
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from governance.access.models import User
from governance.contract import KINDS, Kind, Status
from governance.contract.masking import HIDDEN
from governance.records.codes import book
from governance.records.models import Inbox
from governance.records.registry.inbox import inbox_of
from governance.records.registry.purpose import staff_actor
from governance.records.registry.values import shown

_STATUS = {
    Status.REJECTED.value: "未采纳",
    Status.IDENTICAL.value: "内容相同",
    Status.CONTESTED.value: "全部待核",
}


class KindFilter(SimpleListFilter):
    """By kind, of those that the user may see."""

    title = "数据种类"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the kinds."""
        actor = staff_actor(request)
        return [(kind.name, kind.label) for kind in KINDS.values() if actor.may_read(kind.name)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class StatusFilter(SimpleListFilter):
    """By what became of it."""

    title = "结果"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the results."""
        return list(_STATUS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those."""
        return queryset.filter(status=self.value()) if self.value() else queryset


class InboxAdmin(ModelAdmin):
    """Who sent what, and why it was not taken."""

    list_display = ("at", "kind_label", "status_label", "reasons", "worker")
    list_filter = (StatusFilter, KindFilter)
    ordering = ("-at",)
    show_full_result_count = False
    list_per_page = 50
    actions = None
    fields = readonly_fields = (
        "at",
        "kind_label",
        "status_label",
        "reasons",
        "worker",
        "captured_at",
        "content",
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Inbox]":
        """Give what the user may see, with the senders' names."""
        sender = User.objects.filter(pk=OuterRef("user")).values("name")[:1]
        return inbox_of(request).annotate(sender=Subquery(sender))

    @display(description="数据种类", ordering="kind")
    def kind_label(self, row: Inbox) -> str:
        """Name the kind."""
        kind = KINDS.get(row.kind)
        return kind.label if kind else row.kind or "无法识别"

    @display(description="结果", ordering="status")
    def status_label(self, row: Inbox) -> str:
        """Name the result."""
        return _STATUS.get(row.status, row.status)

    @display(description="原因")
    def reasons(self, row: Inbox) -> str:
        """Give the reasons."""
        return "；".join(str(error.get("reason", "")) for error in row.errors) or "与平台现有内容相同"

    @display(description="报送人")
    def worker(self, row: Inbox) -> str:
        """Name who sent it."""
        return getattr(row, "sender", "") or "平台"

    @display(description="报送内容")
    def content(self, row: Inbox) -> SafeString:
        """Give what was offered, personal values masked."""
        kind = KINDS.get(row.kind)
        return format_html_join(
            "", "<div>{}：{}</div>", (_offered(kind, *pair) for pair in row.offered.items())
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: nothing a worker sent is lost."""
        return False


def _offered(kind: Kind | None, name: str, value: object) -> tuple[str, str]:
    """Give label and value of what was offered; of what the contract does not know nothing is shown."""
    item = kind.by_name.get(name) if kind else None
    if item is None:
        return name[:20], HIDDEN
    try:
        return item.label, shown(item, value, book())
    except ValueError:
        return item.label, HIDDEN
