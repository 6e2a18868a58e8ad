"""The working-day calendar in the console (工作日历)."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSingleDateWidget

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.policy import may
from governance.access.requests import actor_of
from governance.rules.calendar import working_days
from governance.rules.calendar_services import MOST_DAYS, day_remove, day_save, days_save
from governance.rules.models import SpecialDay
from governance.rules.services import may_change_rules

PURPOSE = "工作日历"
_FOLLOWING = 2
"""Years after the present one that the page tells about."""


class DayForm(ServiceForm):
    """A day off or a day worked instead; the service checks and stores it."""

    class Meta:
        model = SpecialDay
        fields: tuple[str, ...] = ("day", "working", "name")
        error_messages: ClassVar = {"day": {"unique": "这一天已在日历中"}}

    def run(self) -> SpecialDay:
        """Store the day."""
        return day_save(actor=self.actor, day=self.instance)


class DaysForm(DayForm):
    """Days in a row that are told as one, such as the week of the National Day."""

    until = forms.DateField(
        label="至（可空）",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=f"连续几天同一名称时填最后一天，至多{MOST_DAYS}天；已在日历中的日子不变",
    )

    class Meta(DayForm.Meta):
        fields = ("day", "until", "working", "name")

    def run(self) -> SpecialDay:
        """Store the days."""
        until = self.cleaned_data["until"]
        return days_save(actor=self.actor, day=self.instance, until=until or self.instance.day)


@admin.register(SpecialDay)
class SpecialDayAdmin(ServiceAdmin):
    """Days off and 调休, the newest first; seen by those who plan tasks."""

    add_form, change_form = DaysForm, DayForm
    list_display = ("day", "weekday", "working", "name", "source")
    list_filter = ("working", "source", "name")
    date_hierarchy = "day"
    search_fields = ("name",)
    search_help_text = "节日名称"
    list_before_template = "console/calendar_note.html"

    @admin.display(description="星期")
    def weekday(self, row: SpecialDay) -> str:
        """Name the day of the week."""
        return f"星期{'一二三四五六日'[row.day.weekday()]}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say which of the years to come are arranged and which follow the week alone."""
        calendar, this = working_days(), timezone.localdate().year
        years = range(this, this + _FOLLOWING + 1)
        told = {
            "arranged": [year for year in years if year in calendar.arranged],
            "by_week": [year for year in years if year not in calendar.arranged],
        }
        return super().changelist_view(request, {**(extra_context or {}), **told})

    def get_readonly_fields(self, request: HttpRequest, obj: SpecialDay | None = None) -> tuple[str, ...]:
        """Keep the day of what is there already."""
        return ("day",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may see it."""
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
        """Open to those who may change rules."""
        return may_change_rules(actor_of(request, PURPOSE))

    def delete_model(self, request: HttpRequest, obj: SpecialDay) -> None:
        """Let the day follow the week again."""
        day_remove(actor=actor_of(request, PURPOSE), day=obj.day)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SpecialDay]) -> None:
        """Let the days follow the week again."""
        for row in queryset:
            self.delete_model(request, row)
