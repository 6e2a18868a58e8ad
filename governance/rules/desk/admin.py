"""Rules in the console (规则): the list; each rule opens on pages of its own."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import ModelAdmin

from governance.access.requests import actor_of
from governance.rules.desk import pages
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.services import may_change_rules

PURPOSE = "规则管理"


class WaitingFilter(admin.SimpleListFilter):
    """Rules with a draft, or with a version that waits for consent."""

    title = "待办"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the choices."""
        return [(VersionState.PROPOSED, "待同意"), (VersionState.DRAFT, "有草稿")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        """Keep the rules with such a version."""
        if self.value() not in (VersionState.PROPOSED, VersionState.DRAFT):
            return queryset
        versions = RuleVersion.objects.filter(state=self.value())
        return queryset.filter(pk__in=versions.values("rule"))


@admin.register(Rule)
class RuleAdmin(ModelAdmin):
    """Rules, seen by those who plan tasks, written by those of them who serve the whole city."""

    list_display = ("name", "code", "in_force", "since", "waiting", "confirmed", "enabled")
    list_filter = (WaitingFilter, "enabled", "confirmed")
    search_fields = ("code", "name", "source")
    search_help_text = "规则名称、编号或依据"
    actions = None

    @admin.display(description="现行版本")
    def in_force(self, rule: Rule) -> str:
        """Number the version in force today."""
        version = self._now(rule)
        return f"第{version.number}版" if version else "无"

    @admin.display(description="自")
    def since(self, rule: Rule) -> date | None:
        """Give the first day of the version in force."""
        version = self._now(rule)
        return version.valid_from if version else None

    @admin.display(description="待办")
    def waiting(self, rule: Rule) -> str:
        """Say which versions are drafts or wait for consent."""
        return "、".join(
            f"第{version.number}版{VersionState(version.state).label}"
            for version in self._versions(rule)
            if version.state in (VersionState.DRAFT, VersionState.PROPOSED)
        )

    def _versions(self, rule: Rule) -> list[RuleVersion]:
        return list(rule.versions.all())

    def _now(self, rule: Rule) -> RuleVersion | None:
        day = timezone.localdate()
        for version in self._versions(rule):
            begun = version.state == VersionState.ACTIVE and version.valid_from <= day
            if begun and (version.valid_to is None or day <= version.valid_to):
                return version
        return None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        """Fetch the versions along."""
        newest = Prefetch("versions", RuleVersion.objects.defer("content").order_by("-number"))
        return super().get_queryset(request).prefetch_related(newest)

    def get_urls(self) -> list[URLPattern]:
        """Add the editor and what it calls."""
        own = (
            ("catalogue/", pages.catalogue_page, "rules_rule_catalogue"),
            ("preview/", pages.preview_page, "rules_rule_preview"),
            ("save/", pages.save_page, "rules_rule_save"),
            ("<slug:code>/edit/", pages.editor_page, "rules_rule_edit"),
            ("<slug:code>/act/", pages.act_page, "rules_rule_act"),
        )
        site = self.admin_site
        return [
            path(route, site.admin_view(view), name=name) for route, view, name in own
        ] + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Open the editor."""
        return pages.editor_page(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the rule's own page."""
        return pages.rule_page(request, unquote(object_id))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may see rules."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who plan tasks."""
        return pages.sees_rules(actor_of(request, PURPOSE))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who may write rules."""
        return may_change_rules(actor_of(request, PURPOSE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who may write rules."""
        return may_change_rules(actor_of(request, PURPOSE))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rules are switched off, as tasks point to them."""
        return False
