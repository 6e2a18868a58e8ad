"""Tasks, visits and the day's runs in the console (任务查看): read only, within the user's area."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from governance.access.requests import actor_of
from governance.audit.services import audit_append
from governance.contract import KINDS, Sensitivity, Type
from governance.records.codes import book
from governance.records.models import Record
from governance.tasks.models import DayScan, Task, Visit


def code_label(record: Record, field: str) -> str:
    """Give the name of the code that a record's field holds."""
    code = getattr(record, field)
    items = book().get(KINDS[record.contract.name].by_name[field].codes or "", {})
    return items[code].label if code in items else (code or "")


def code_filter(kind: str, field: str) -> type[admin.SimpleListFilter]:
    """Make a filter by the codes of a field, read from the code list and not from the rows."""
    item = KINDS[kind].by_name[field]

    class CodeFilter(admin.SimpleListFilter):
        title = item.label
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(code, entry.label) for code, entry in book().get(item.codes or "", {}).items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return CodeFilter


class ReadOnlyAdmin(ModelAdmin):
    """A page that shows and never writes."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class AreaRecordAdmin(ReadOnlyAdmin):
    """Records of the user's area; opening one leaves a trace.

    Items that are not public are for those who may see full values; whom it concerns is found by its number.
    """

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave out what is technical, the records pointed to, and what the user may not see in full."""
        hidden = ["origins", "deleted", "crs", "accuracy"]
        revealed = actor_of(request).can("reveal_values")
        return hidden + [
            item.name
            for item in self.model.contract.fields
            if item.type is Type.REF or (item.sensitivity is not Sensitivity.PUBLIC and not revealed)
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give the records within the user's area that were not withdrawn."""
        actor = actor_of(request, "任务查看")
        rows = super().get_queryset(request)
        if not actor.may_read(self.model.contract.name):
            return rows.none()
        return rows.filter(actor.scope.q(), deleted=False)

    def people_of(self, record: Any) -> list[UUID]:
        """Give the people a record is about."""
        return []

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a record, and enter that it was read."""
        found = self.get_object(request, object_id)
        if found is not None and self.has_view_permission(request, found):
            with transaction.atomic():
                audit_append(
                    actor=actor_of(request, "任务查看"),
                    action="tasks.read",
                    kind=found.contract.name,
                    subject=found.pk,
                    subjects=self.people_of(found),
                    scope=found.grid,
                    chain=found.grid,
                )
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Task)
class TaskAdmin(AreaRecordAdmin):
    """Tasks by due day."""

    list_display = ("title", "grid", "state_name", "due_on", "outcome_name", "done_at")
    list_filter = (code_filter("task", "state"), code_filter("task", "outcome"), "due_on")
    search_fields = ("grid__startswith", "item", "title")
    search_help_text = "网格编码的开头、事项或任务名称"
    ordering = ("due_on", "id")

    def people_of(self, record: Task) -> list[UUID]:
        """Give the task's subject."""
        return [UUID(record.subject)] if record.subject_kind == "person" and record.subject else []

    @admin.display(description="任务状态", ordering="state")
    def state_name(self, task: Task) -> str:
        """Name the state."""
        return code_label(task, "state")

    @admin.display(description="办理结果", ordering="outcome")
    def outcome_name(self, task: Task) -> str:
        """Name the outcome."""
        return code_label(task, "outcome")


@admin.register(Visit)
class VisitAdmin(AreaRecordAdmin):
    """Visits by time; whom they concern is in the record."""

    list_display = ("visited_at", "grid", "purpose_name", "found_name", "next_on")
    list_filter = (code_filter("visit", "purpose"), code_filter("visit", "found"), "visited_at")
    search_fields = ("grid__startswith",)
    search_help_text = "网格编码的开头"
    ordering = ("-visited_at", "id")

    def people_of(self, record: Visit) -> list[UUID]:
        """Give the person visited, where one was named."""
        return [record.person_id] if record.person_id else []

    @admin.display(description="走访目的", ordering="purpose")
    def purpose_name(self, visit: Visit) -> str:
        """Name the purpose."""
        return code_label(visit, "purpose")

    @admin.display(description="走访结果", ordering="found")
    def found_name(self, visit: Visit) -> str:
        """Name what was found."""
        return code_label(visit, "found")


@admin.register(DayScan)
class DayScanAdmin(ReadOnlyAdmin):
    """The day's runs."""

    list_display = ("day", "prefix", "changed", "finished_at")
