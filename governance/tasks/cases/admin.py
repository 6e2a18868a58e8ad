"""Cases, materials and proxy services in the console (代办件、证件材料、代办事项)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from governance.access.admin import ServiceAdmin
from governance.records.registry.admin import RecordAdmin
from governance.tasks.cases.forms import ProxyServiceForm
from governance.tasks.models import Case, Paper, ProxyService


@admin.register(Case)
class CaseAdmin(RecordAdmin):
    """Cases, the most pressing first; their states follow from the steps taken."""

    ordering = ("due_on", "id")
    closes: ClassVar[bool] = False


@admin.register(Paper)
class PaperAdmin(RecordAdmin):
    """Materials seen at the door, the newest first."""

    ordering = ("-seen_on", "-id")


@admin.register(ProxyService)
class ProxyServiceAdmin(ServiceAdmin):
    """What can be done on a resident's behalf, for who manages the platform."""

    add_form = change_form = ProxyServiceForm
    list_display = ("code", "label", "department", "level", "days", "enabled", "confirmed")
    list_filter = ("enabled", "confirmed", "department")
    list_select_related = ("department",)
    search_fields = ("code", "label")
    search_help_text = "事项代码或名称"
    fieldsets = (
        (None, {"fields": ("code", "label", "enabled", "confirmed")}),
        ("办理", {"fields": ("department", "level", "days", "mend_days", "task_items")}),
        ("材料与数据", {"fields": ("needed", "optional", "shared", "legal_basis")}),
        ("一件事", {"fields": ("parts",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the code once the service is there."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a service is put out of use."""
        return False
