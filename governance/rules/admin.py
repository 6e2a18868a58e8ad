"""Rules in the console (规则管理)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.policy import may
from governance.access.requests import actor_of
from governance.rules.calendar_admin import SpecialDayAdmin
from governance.rules.models import LifeEvent
from governance.rules.services import may_change_rules, rule_save

__all__ = ["LifeEventAdmin", "SpecialDayAdmin"]


class LifeEventForm(ServiceForm):
    """A rule's days and words; the service checks and stores them."""

    class Meta:
        model = LifeEvent
        fields = "__all__"

    def run(self) -> LifeEvent:
        """Store the rule."""
        return rule_save(actor=self.actor, rule=self.instance)


@admin.register(LifeEvent)
class LifeEventAdmin(ServiceAdmin):
    """Rules: seen by those who plan tasks, changed by those of them who serve the whole city."""

    add_form = change_form = LifeEventForm
    list_display = (
        "title",
        "item",
        "condition",
        "years",
        "opens_days",
        "due_days",
        "expires_days",
        "enabled",
        "confirmed",
        "valid_from",
        "valid_to",
    )
    list_filter = ("enabled", "confirmed", "condition")
    search_fields = ("code", "title", "item")
    search_help_text = "规则编号、任务名称或事项"
    fieldsets = (
        (None, {"fields": ("code", "title", "item", "subject_kind", "text", "source", "confirmed")}),
        ("条件", {"fields": ("condition", "years")}),
        ("期限", {"fields": ("opens_days", "due_days", "expires_days", "priority")}),
        ("生效", {"fields": ("enabled", "valid_from", "valid_to")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: LifeEvent | None = None) -> tuple[str, ...]:
        """Keep what made the occasions' keys."""
        return ("code", "subject_kind", "condition", "years") if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may see rules."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who plan tasks."""
        actor = actor_of(request, "规则管理")
        return may(actor, "plan_tasks") or may_change_rules(actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who may change rules."""
        return may_change_rules(actor_of(request, "规则管理"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who may change rules."""
        return may_change_rules(actor_of(request, "规则管理"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rules are switched off, as tasks point to them."""
        return False
