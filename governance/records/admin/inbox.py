"""The inbox in the console (收件箱): changes of which nothing was applied, to be taken or put aside."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import SimpleListFilter, action, display
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from governance.access.models import User
from governance.contract import KINDS, Kind, Status
from governance.contract.masking import HIDDEN
from governance.records.codes import book
from governance.records.models import Inbox, is_kept, model_of
from governance.records.registry.captured import captured_shown
from governance.records.registry.inbox import inbox_of
from governance.records.registry.purpose import staff_actor
from governance.records.registry.values import shown
from governance.records.services.inbox import inbox_decline, inbox_take

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


class SettledFilter(SimpleListFilter):
    """By whether someone has decided."""

    title = "处理情况"
    parameter_name = "settled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the choices."""
        return [("no", "待处理"), ("taken", "已采纳"), ("declined", "不予采纳")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was chosen."""
        if self.value() == "no":
            return queryset.filter(settled_at=None)
        return queryset.filter(taken=self.value() == "taken") if self.value() else queryset


class InboxAdmin(ModelAdmin):
    """Who sent what, why it was not taken, and what was decided about it since."""

    list_display = ("at", "kind_label", "status_label", "reasons", "worker", "grid", "decision")
    list_filter = (SettledFilter, StatusFilter, KindFilter)
    ordering = ("-at",)
    show_full_result_count = False
    list_per_page = 50
    actions = ("take", "decline")
    change_form_after_template = "console/inbox_acts.html"
    fields = readonly_fields = (
        "at",
        "kind_label",
        "record_link",
        "status_label",
        "reasons",
        "worker",
        "grid",
        "captured",
        "content",
        "decision",
        "settled_by",
        "settled_at",
    )

    @display(description="现场时间（终端所报，仅作佐证）")
    def captured(self, row: Inbox) -> str:
        """Give the tablet's own time, and whether it lies far from the arrival."""
        return captured_shown(row)

    @action(description="采纳（按原报送人的采集登记）", permissions=["settle"])
    def take(self, request: HttpRequest, queryset: QuerySet[Inbox]) -> None:
        """Apply the chosen changes as their workers' own."""
        self._take(request, set(queryset.values_list("pk", flat=True)))

    @action(description="不予采纳", permissions=["settle"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Inbox]) -> None:
        """Put the chosen changes aside."""
        self._decline(request, set(queryset.values_list("pk", flat=True)))

    def get_urls(self) -> list[Any]:
        """Add the two buttons of a change's page."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/take/", view(self._take_one), name="records_inbox_take"),
            path("<path:object_id>/decline/", view(self._decline_one), name="records_inbox_decline"),
        ]
        return own + super().get_urls()

    def _take_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(request, object_id, self._take)

    def _decline_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(request, object_id, self._decline)

    def _act(self, request: HttpRequest, object_id: str, act: Any) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method != "POST" or not self.has_settle_permission(request):
            raise PermissionDenied
        act(request, {row.pk})
        return redirect(reverse("admin:records_inbox_change", args=[row.pk]))

    def _take(self, request: HttpRequest, changes: Collection[UUID]) -> None:
        taken = inbox_take(actor=staff_actor(request), changes=changes)
        for refusal in taken.refused:
            self.message_user(request, f"没有采纳：{refusal.reason}", messages.WARNING)
        self._tell(request, len(changes) - len(taken.refused), taken.count, f"已采纳{taken.count}条")

    def _decline(self, request: HttpRequest, changes: Collection[UUID]) -> None:
        done = inbox_decline(actor=staff_actor(request), changes=changes)
        self._tell(request, len(changes), done, f"已标为不予采纳{done}条，内容仍保留")

    def _tell(self, request: HttpRequest, asked: int, done: int, words: str) -> None:
        if asked > done:
            self.message_user(request, f"{asked - done}条不在待处理之列，没有动", messages.WARNING)
        if done:
            self.message_user(request, words, messages.SUCCESS)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Open the acts to those who settle differences."""
        return staff_actor(request).can("settle_differences")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Inbox]":
        """Give what the user may see, with the senders' names."""
        sender = User.objects.filter(pk=OuterRef("user")).values("name")[:1]
        return inbox_of(request).annotate(sender=Subquery(sender)).select_related("settled_by")

    @display(description="数据种类", ordering="kind")
    def kind_label(self, row: Inbox) -> str:
        """Name the kind."""
        kind = KINDS.get(row.kind)
        return kind.label if kind else row.kind or "无法识别"

    @display(description="记录")
    def record_link(self, row: Inbox) -> str:
        """Lead to the record that the change is about."""
        model = model_of(row.kind) if is_kept(row.kind) else None
        if model is None or not model._default_manager.filter(pk=row.record).exists():
            return "平台上没有这条记录"
        page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        return format_html('<a href="{}">查看{}</a>', reverse(page, args=[row.record]), KINDS[row.kind].label)

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

    @display(description="处理", ordering="settled_at")
    def decision(self, row: Inbox) -> str:
        """Say what was decided."""
        if row.settled_at is None:
            return "待处理" if row.status == Status.REJECTED.value else ""
        return "已采纳" if row.taken else "不予采纳"

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
