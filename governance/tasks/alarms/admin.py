"""Alarms from outside in the console (外部告警): what came, what waits, where it comes from."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.access.admin import ServiceAdmin
from governance.access.grid_column import GridNamed
from governance.access.requests import actor_of
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.records.codes import book
from governance.records.registry.columns import tag
from governance.tasks.alarms.forms import AlarmKeyForm, DeviceForm, PlaceForm, SourceForm
from governance.tasks.alarms.keys import alarm_key_revoke, device_remove
from governance.tasks.alarms.selectors import alarms_in, unanswered
from governance.tasks.models import Alarm, AlarmKey, AlarmSource, AlarmState, CallDevice, Makes
from gridmap.naming import area_names

PURPOSE = "外部告警处置"
_SAID = {
    "device": "设备编号",
    "address": "地址",
    "signal": "告警类型",
    "text": "内容",
    "category": "事件类别",
    "caller_name": "反映人",
    "caller_phone": "反映人电话",
}
_TONES = {
    AlarmState.PLACED: "ok",
    AlarmState.JOINED: "soft",
    AlarmState.UNPLACED: "bad",
    AlarmState.DISMISSED: "",
}


class KeptAdmin(ServiceAdmin):
    """Rows that are never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: they are put out of use."""
        return False


class PlatformAdmin(KeptAdmin):
    """Pages of those who manage the platform."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to who may look."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Open to those who manage the platform."""
        return actor_of(request, PURPOSE).can("manage_system")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who manage the platform."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Open to those who manage the platform."""
        return self.has_view_permission(request)


@admin.register(AlarmSource)
class AlarmSourceAdmin(PlatformAdmin):
    """Where alarms come from."""

    add_form = change_form = SourceForm
    list_display = ("name", "code", "kind", "makes", "area_name", "accept_minutes", "per_minute", "enabled")

    @admin.display(description="服务区域", ordering="area")
    def area_name(self, row: AlarmSource) -> str:
        """Name what it serves."""
        return area_names({row.area}).get(row.area, row.area)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the code."""
        return ("code",) if obj else ()


@admin.register(AlarmKey)
class AlarmKeyAdmin(PlatformAdmin):
    """Keys: issued, shown once, revoked."""

    add_form = change_form = AlarmKeyForm
    list_display = ("name", "source", "created_at", "created_by", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "source")
    list_select_related = ("source", "created_by")
    actions = ("revoke",)

    @admin.action(description="停用所选密钥", permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[AlarmKey]) -> None:
        """Make the chosen keys void."""
        active = list(queryset.filter(revoked_at=None))
        for key in active:
            alarm_key_revoke(actor=actor_of(request, PURPOSE), key=key)
        self.message_user(request, f"已停用{len(active)}个密钥，立即失效", messages.SUCCESS)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Ask for source and name; show all but the hash."""
        shown = ("source", "name")
        return (*shown, "created_at", "created_by", "last_used_at", "revoked_at") if obj else shown

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: a key is issued or revoked."""
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Show the key, this once."""
        text = getattr(form, "text", "")
        self.message_user(request, f"密钥只显示这一次，请立即抄存：{text}", messages.WARNING)


class AlarmStaffAdmin(KeptAdmin):
    """Pages of those who deal with alarms."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to who may look."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who deal with alarms."""
        return actor_of(request, PURPOSE).can("place_alarms")


@admin.register(CallDevice)
class CallDeviceAdmin(GridNamed, AlarmStaffAdmin):
    """Call devices of the user's area: entered, removed."""

    add_form = change_form = DeviceForm
    list_display = ("number", "source", "home", "grid_name", "bound_at", "bound_by", "removed_at")
    list_filter = (("removed_at", admin.EmptyFieldListFilter), "source")
    list_select_related = ("source", "bound_by")
    search_fields = ("number", "grid__startswith")
    search_help_text = "设备编号或网格编码的开头"
    actions = ("remove",)

    @admin.display(description="装在")
    def home(self, row: CallDevice) -> SafeString:
        """Lead to the person or household; their page leaves its own trace."""
        address = reverse(f"admin:records_{row.subject_kind}_change", args=[row.subject])
        return format_html('<a href="{}">{}</a>', address, row.get_subject_kind_display())

    @admin.action(description="登记拆除", permissions=["add"])
    def remove(self, request: HttpRequest, queryset: QuerySet[CallDevice]) -> None:
        """Enter that the chosen devices were taken away."""
        there = list(queryset.filter(removed_at=None))
        for device in there:
            device_remove(actor=actor_of(request, PURPOSE), device=device)
        self.message_user(request, f"已登记拆除{len(there)}台", messages.SUCCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallDevice]:
        """Give those in the user's area."""
        return super().get_queryset(request).filter(actor_of(request, PURPOSE).scope.q())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who deal with alarms."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a device is entered or removed."""
        return False


class WaitingFilter(admin.SimpleListFilter):
    """Alarms that somebody must look after."""

    title = "需要处理"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer them."""
        return [("yes", "待定位或逾时未应答")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> QuerySet[Alarm]:
        """Keep them."""
        return unanswered(queryset, timezone.now()) if self.value() == "yes" else queryset


@admin.register(Alarm)
class AlarmAdmin(GridNamed, AlarmStaffAdmin):
    """Alarms of the user's area, the newest first; those that could not be placed are dealt with here."""

    add_form = change_form = PlaceForm
    list_display = ("received_at", "source", "stands", "handled", "grid_name", "made", "number")
    list_filter = (WaitingFilter, "state", "source", "received_at")
    list_select_related = ("source",)
    search_fields = ("number", "grid__startswith")
    search_help_text = "对方编号或网格编码的开头"
    ordering = ("-received_at", "-id")
    show_full_result_count = False
    about = ("source", "number", "raised_at", "received_at", "stands", "told")
    outcome = ("handled", "grid_name", "made", "settled_at", "settled_by", "settled_reason")
    asked = ("answer", "citizen_number", "grid_code", "reason")

    @admin.display(description="状态", ordering="state")
    def stands(self, row: Alarm) -> SafeString:
        """Give its state."""
        return tag(row.get_state_display(), _TONES[AlarmState(row.state)])

    @admin.display(description="处置")
    def handled(self, row: Alarm) -> SafeString | str:
        """Give the task's state."""
        state = getattr(row, "handling", None)
        known = book().get("task_state", {}).get(state or "")
        return tag(known.label, "warn" if state == "open" else "") if known else "—"

    @admin.display(description="生成")
    def made(self, row: Alarm) -> SafeString | str:
        """Lead to the task or event."""
        if row.record is None:
            return "—"
        page = "tasks_task" if row.record_kind == Makes.TASK else "events_event"
        address = reverse(f"admin:{page}_change", args=[row.record])
        return format_html('<a href="{}">{}</a>', address, row.get_record_kind_display())

    @admin.display(description="告警内容")
    def told(self, row: Alarm) -> SafeString | str:
        """Give what the caller said, as long as it is kept."""
        said = [(_SAID[name], text) for name, text in (row.said or {}).items() if name in _SAID]
        lines = format_html_join("", "<li>{}：{}</li>", said)
        return format_html("<ul>{}</ul>", lines) if said else "—"

    def get_fields(self, request: HttpRequest, obj: Alarm | None = None) -> tuple[str, ...]:
        """Ask what to do while nobody was sent."""
        open_ = obj is not None and self.has_change_permission(request, obj)
        return (*self.about, *self.asked) if open_ else (*self.about, *self.outcome)

    def get_readonly_fields(self, request: HttpRequest, obj: Alarm | None = None) -> tuple[str, ...]:
        """Show all that is not asked for."""
        return (*self.about, *self.outcome)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alarm]:
        """Give the alarms of the user's area."""
        return alarms_in(actor_of(request, PURPOSE)).select_related("settled_by")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show an alarm; reading what its caller said leaves a trace."""
        row = self.get_object(request, object_id)
        if isinstance(row, Alarm) and row.said and self.has_view_permission(request):
            with transaction.atomic():
                detail = {"alarm": str(row.pk), "source": row.source_id}
                audit_append(
                    actor=actor_of(request, PURPOSE),
                    action="alarms.read",
                    kind="alarm",
                    scope=row.source.area,
                    detail=detail,
                    chain=CITY,
                )
        return super().change_view(request, object_id, form_url, extra_context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open while nobody was sent."""
        waits = obj is None or obj.state == AlarmState.UNPLACED
        return waits and self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: they come from outside."""
        return False
