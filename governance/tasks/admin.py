"""Tasks, visits and the day's runs in the console (任务、走访、每日扫描)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import action

from governance.records.registry.admin import RecordAdmin
from governance.records.registry.purpose import staff_actor
from governance.tasks import naming as _naming
from governance.tasks.alarms import admin as _alarms
from governance.tasks.cases import admin as _cases
from governance.tasks.centres import admin as _centres
from governance.tasks.centres import event_admin as _events
from governance.tasks.cycle.pages import act_page, make_page, takers_page
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
    "_events",
    "_items",
    "_naming",
    "_oversight",
    "_plans",
]


@admin.register(Task)
class TaskAdmin(RecordAdmin):
    """Tasks by due day; the rules end them, or their outcome does."""

    ordering = ("due_on", "id")
    closes: ClassVar[bool] = False
    actions = ("give", "take_back")
    actions_list: ClassVar[tuple[str, ...]] = ("make",)

    def has_plan_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open giving out to those who plan tasks."""
        return staff_actor(request).can("plan_tasks")

    @admin.action(description="改派…", permissions=["plan"])
    def give(self, request: HttpRequest, queryset: "QuerySet[Task]") -> HttpResponse | None:
        """Give tasks to somebody else."""
        return act_page(request, staff_actor(request), queryset, "give")

    @admin.action(description="撤回…", permissions=["plan"])
    def take_back(self, request: HttpRequest, queryset: "QuerySet[Task]") -> HttpResponse | None:
        """Take back what staff had made."""
        return act_page(request, staff_actor(request), queryset, "take_back")

    def get_urls(self) -> list[URLPattern]:
        """Add the search for who may take a task."""
        view = self.admin_site.admin_view(require_POST(self.takers_view))
        urls: list[URLPattern] = super().get_urls()
        return [path("takers/", view, name="tasks_task_takers"), *urls]

    def takers_view(self, request: HttpRequest) -> HttpResponse:
        """See :func:`takers_page`."""
        return takers_page(request, staff_actor(request))

    @action(description="派发任务", url_path="make", permissions=["plan"])
    def make(self, request: HttpRequest) -> HttpResponse:
        """Make a task by hand."""
        return make_page(request, staff_actor(request))


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
