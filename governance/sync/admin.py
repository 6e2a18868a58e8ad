"""Tablets in the console (终端): how each stands, which ones someone must look after, and from when."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from governance.access.admin import DeviceAdmin
from governance.access.models import Device
from governance.access.requests import actor_of
from governance.contract.wire import PROTOCOL
from governance.records.registry.columns import tag
from governance.sync.alarms import Alarm, of_alarm, rule, rule_set, silent
from governance.sync.models import DeviceRule, DeviceState
from governance.sync.standing import Standing, standings

QUIET = "quiet"
"""Filter value: tablets not heard of for long, whatever they still hold."""


class AlarmFilter(admin.SimpleListFilter):
    """Which tablets someone must look after."""

    title = "需要处理"
    parameter_name = "alarm"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the alarms."""
        return [*Alarm.choices, (QUIET, f"{rule().silent_days}天未联系")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> QuerySet[Device]:
        """Leave those chosen."""
        chosen = self.value()
        if chosen == QUIET:
            return silent(queryset)
        return of_alarm(queryset, Alarm(chosen)) if chosen in Alarm.values else queryset


class DeviceList(ChangeList):
    """A page of tablets with what the rest of the hub knows of them: a query each, not each row."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        found = standings(self.result_list)
        for device in self.result_list:
            device.standing = found[device.pk]


admin.site.unregister(Device)


@admin.register(Device)
class DeviceStateAdmin(DeviceAdmin):
    """The tablets' page with how they stand."""

    list_display = (
        "name", "worker", "last_seen_at", "unsent", "refused", "contested", "behind", "edition", "storage",
        "clock", "revoked_as",
    )  # fmt: skip
    list_filter = (AlarmFilter, *DeviceAdmin.list_filter)
    list_select_related = ("worker", "state")
    _STATE = ("pulled_at", "pushed_at", "reported_at", "unsent", "edition", "storage", "clock")
    fields = readonly_fields = (*DeviceAdmin.fields, *_STATE)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Give the list that knows how the tablets stand."""
        return DeviceList

    @admin.display(description="未上传", ordering="state__unsent")
    def unsent(self, device: Device) -> SafeString | str:
        """Tell what the tablet said was still unsent when it was last heard."""
        state = _state(device)
        if state is None or state.unsent is None:
            return "—"
        files = f"，文件{state.files}个" if state.files else ""
        if not state.unsent and not state.files:
            return "0"
        since = f"（最早{state.oldest:%m-%d}）" if state.oldest else ""
        carried = _standing(device).carried
        came = f"；{timezone.localtime(carried):%m-%d}代交过数据包" if carried else ""
        return tag(f"{state.unsent}条{since}{files}{came}", "warn")

    @admin.display(description="被退回")
    def refused(self, device: Device) -> int:
        """Count what lies in the inbox, refused and not yet dealt with."""
        return _standing(device).refused

    @admin.display(description="使用人待核值")
    def contested(self, device: Device) -> int:
        """Count the worker's values under review."""
        return _standing(device).contested

    @admin.display(description="待取回")
    def behind(self, device: Device) -> str:
        """Tell how many changes the tablet has yet to pull, at most."""
        found = _standing(device).behind
        return "—" if found is None else str(found)

    @admin.display(description="版本", ordering="state__protocol")
    def edition(self, device: Device) -> SafeString | str:
        """Tell the program's edition and its protocol."""
        state = _state(device)
        if state is None or state.protocol is None:
            return "—"
        said = f"{state.program} 协议{state.protocol}".strip()
        return said if state.protocol == PROTOCOL else tag(said, "warn")

    @admin.display(description="存储", ordering="state__free")
    def storage(self, device: Device) -> str:
        """Tell what is free and what is used."""
        state = _state(device)
        if state is None or state.free is None:
            return "—"
        return f"余{state.free:,}MiB" + (f"，占{state.used:,}MiB" if state.used is not None else "")

    @admin.display(description="时钟", ordering="state__skew")
    def clock(self, device: Device) -> SafeString | str:
        """Tell how far the tablet's clock is off."""
        state = _state(device)
        if state is None or state.skew is None:
            return "—"
        minutes = round(state.skew / 60)
        if abs(state.skew) <= rule().clock_minutes * 60:
            return "准"
        return tag(f"{'快' if minutes > 0 else '慢'}{abs(minutes):,}分钟", "warn")

    @admin.display(description="最近取回")
    def pulled_at(self, device: Device) -> str:
        """Tell when it last pulled."""
        return _moment(device, "pulled_at")

    @admin.display(description="最近送出")
    def pushed_at(self, device: Device) -> str:
        """Tell when it last pushed."""
        return _moment(device, "pushed_at")

    @admin.display(description="最近自报")
    def reported_at(self, device: Device) -> str:
        """Tell when it last spoke of itself."""
        return _moment(device, "reported_at")


def _state(device: Device) -> DeviceState | None:
    found: DeviceState | None = getattr(device, "state", None)
    return found


def _moment(device: Device, name: str) -> str:
    """Write a moment as the page writes those that are fields of the tablet itself: in local time."""
    state = _state(device)
    return str(display_for_value(getattr(state, name) if state is not None else None, "—"))


def _standing(device: Any) -> Standing:
    found: Standing | None = getattr(device, "standing", None)
    return found or standings([device])[device.pk]


@admin.register(DeviceRule)
class DeviceRuleAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """From when tablets are told of."""

    list_display = ("silent_days", "clock_minutes")
    fields = ("silent_days", "clock_minutes")
    actions = None

    def save_model(self, request: HttpRequest, obj: DeviceRule, form: Any, change: bool) -> None:
        """Have the service store it."""
        actor = actor_of(request, "终端管理")
        rule_set(actor=actor, silent_days=obj.silent_days, clock_minutes=obj.clock_minutes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is one row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DeviceRule | None = None) -> bool:
        """Refuse."""
        return False
