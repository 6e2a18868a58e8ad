"""Tasks, visits and the day's runs in the console (任务、走访、每日扫描)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from governance.records.registry.admin import RecordAdmin
from governance.tasks.alarms import admin as _alarms
from governance.tasks.cases import admin as _cases
from governance.tasks.centres import admin as _centres
from governance.tasks.items import admin as _items
from governance.tasks.models import DayScan, Task, Visit
from governance.tasks.oversight import admin as _oversight
from governance.tasks.plans import admin as _plans

__all__ = [
    "DayScanAdmin",
    "TaskAdmin",
    "VisitAdmin",
    "_alarms",
    "_cases",
    "_centres",
    "_items",
    "_oversight",
    "_plans",
]


@admin.register(Task)
class TaskAdmin(RecordAdmin):
    """Tasks by due day; the rules end them, or their outcome does."""

    ordering = ("due_on", "id")
    closes: ClassVar[bool] = False


@admin.register(Visit)
class VisitAdmin(RecordAdmin):
    """Visits, the newest first."""

    ordering = ("-visited_at", "-id")


@admin.register(DayScan)
class DayScanAdmin(ModelAdmin):
    """The day's runs, read only."""

    list_display = ("day", "rule", "changed", "finished_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
