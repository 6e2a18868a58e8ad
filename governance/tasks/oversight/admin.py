"""Questions about visits in the console (走访疑问): looked at by someone other than the worker."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.grid_column import GridNamed
from governance.access.policy import may
from governance.access.requests import actor_of
from governance.tasks.models import OversightRule, Question
from governance.tasks.oversight.selectors import questions_seen
from governance.tasks.oversight.services import bounds_set, question_review

_PURPOSE = "督导检查"
_CHOICES = (("1", "说明成立，不再过问"), ("0", "已当面了解"))


class ReviewForm(ServiceForm):
    """What staff found out."""

    explained = forms.ChoiceField(label="结果", choices=_CHOICES, widget=UnfoldAdminSelectWidget)
    review = forms.CharField(
        label="了解情况", required=False, widget=UnfoldAdminTextareaWidget, max_length=500
    )

    class Meta:
        model = Question
        fields = ("review",)

    def run(self) -> Question:
        """Store it."""
        given = self.cleaned_data
        return question_review(
            actor=self.actor,
            question=self.instance,
            explained=given["explained"] == "1",
            review=given["review"],
        )


@admin.register(Question)
class QuestionAdmin(GridNamed, ServiceAdmin):
    """Questions of the user's area, those that wait first."""

    add_form = change_form = ReviewForm
    list_display = ("day", "worker", "grid_name", "sign", "detail", "state", "answer")
    list_filter = ("state", "sign", "day")
    list_per_page = 50
    search_fields = ("worker__username", "worker__name", "grid__startswith")
    search_help_text = "网格员的用户名或姓名、网格编码的开头"
    fieldsets = (
        (
            "提出的疑问（不是结论，请先看网格员的说明）",
            {"fields": ("day", "worker", "grid_name", "sign", "detail", "count", "raised_at")},
        ),
        ("网格员说明", {"fields": ("answer", "answered_at")}),
        ("了解情况", {"fields": ("explained", "review")}),
    )
    readonly_fields = (
        "day",
        "worker",
        "grid_name",
        "sign",
        "detail",
        "count",
        "raised_at",
        "answer",
        "answered_at",
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Question]":
        """Give the questions of the user's area."""
        return questions_seen(actor_of(request, _PURPOSE))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who plan tasks."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        """Open to those who plan tasks."""
        return may(actor_of(request, _PURPOSE), "plan_tasks")

    def has_change_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        """Open until somebody has looked at it."""
        waits = obj is None or obj.state in (Question.State.OPEN, Question.State.ANSWERED)
        return self.has_view_permission(request) and waits

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: visits raise them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class OversightRuleForm(ServiceForm):
    """From when something is asked."""

    class Meta:
        model = OversightRule
        fields = ("burst_visits", "burst_minutes", "same_second", "far_metres", "ask", "answer_days")

    def run(self) -> OversightRule:
        """Store it."""
        return bounds_set(actor=self.actor, rule=self.instance)


@admin.register(OversightRule)
class OversightRuleAdmin(ServiceAdmin):
    """One row: from when a visit raises a question."""

    add_form = change_form = OversightRuleForm

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the one row."""
        OversightRule.objects.get_or_create(pk=1)
        return self.changeform_view(request, "1", "", extra_context)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who plan tasks."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who plan tasks or manage the platform."""
        actor = actor_of(request, _PURPOSE)
        return may(actor, "plan_tasks") or may(actor, "manage_system")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who manage the platform."""
        return may(actor_of(request, _PURPOSE), "manage_system")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
