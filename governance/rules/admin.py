"""Rules in the console (规则管理)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.policy import may
from governance.access.requests import actor_of
from governance.rules.calendar_admin import SpecialDayAdmin
from governance.rules.models import Rule
from governance.rules.services import may_change_rules, rule_save

__all__ = ["RuleAdmin", "SpecialDayAdmin"]

PURPOSE = "规则管理"


class RuleForm(ServiceForm):
    """A rule's name, source and switch; the service checks and stores them."""

    class Meta:
        model = Rule
        fields = ("code", "name", "source", "confirmed", "enabled")

    def run(self) -> Rule:
        """Store the rule."""
        return rule_save(actor=self.actor, rule=self.instance)


@admin.register(Rule)
class RuleAdmin(ServiceAdmin):
    """Rules: seen by those who plan tasks, changed by those of them who serve the whole city."""

    add_form = change_form = RuleForm
    list_display = ("name", "code", "source", "enabled", "confirmed")
    list_filter = ("enabled", "confirmed")
    search_fields = ("code", "name")
    search_help_text = "规则编号或名称"

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        """Keep what begins the occasions' keys."""
        return ("code",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may see rules."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who plan tasks."""
        actor = actor_of(request, PURPOSE)
        return may(actor, "plan_tasks") or may_change_rules(actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who may change rules."""
        return may_change_rules(actor_of(request, PURPOSE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who may change rules."""
        return may_change_rules(actor_of(request, PURPOSE))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rules are switched off, as tasks point to them."""
        return False
