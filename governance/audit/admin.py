"""The audit in the console (审计查阅): read only, for the audit administrator alone."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from governance.access.requests import actor_of
from governance.audit.models import AuditEntry
from governance.audit.selectors import traces_of
from governance.audit.services import audit_append


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):
    """List and show entries; looking at them is itself entered."""

    list_display = ("at", "username", "action", "kind", "subject", "scope", "count", "purpose", "address")
    list_filter = ("action", "kind", "source", "at")
    search_fields = ("username", "chain", "scope")
    search_help_text = "账号、链或网格编码的开头；或填写一条记录的完整编号，查它的全部痕迹"
    date_hierarchy = "at"
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse: entries come from services alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find by the start of account, chain or scope, or all traces of a record's id."""
        term = search_term.strip()
        try:
            found = traces_of(UUID(term))
        except ValueError:
            pass
        else:
            return queryset.filter(pk__in=found.values("pk")), False
        return super().get_search_results(request, queryset, term)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search by beginnings, which an index answers."""
        return [f"{name}__startswith" for name in self.search_fields]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and enter that it was looked at and how it was filtered."""
        if self.has_view_permission(request):
            actor = actor_of(request, "查阅审计")
            with transaction.atomic():
                audit_append(
                    actor=actor,
                    action="audit.read",
                    chain=f"user:{actor.username}",
                    detail={"query": request.GET.urlencode()},
                )
        return super().changelist_view(request, extra_context)
