"""Levels of visit plans and what was reported upwards, in the console (走访等级、走访上报)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.grid_column import GridNamed
from governance.access.policy import may
from governance.access.requests import actor_of
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, Type
from governance.records.codes import book
from governance.records.registry.areas import CITY_DIGITS, root_of
from governance.records.registry.labels import place, short
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.rules.services import may_change_rules
from governance.tasks.models import Escalation, PlanLevel, PlanRun
from governance.tasks.models.plans import REGISTERS
from governance.tasks.plans.levels import level_save
from governance.tasks.plans.reports import escalation_answer, escalations_seen, escalations_unseen

_PURPOSE = "走访计划管理"
_ASKED = "person"
"""Kind whose purpose is asked for before people are shown."""


def _fields() -> list[tuple[str, str]]:
    """Give the registers' coded fields that can say a level, each once."""
    found: dict[str, str] = {}
    for register in REGISTERS:
        for item in KINDS[register].fields:
            if item.type is Type.CODE and item.name not in ("verification", "closed_reason"):
                found.setdefault(item.name, item.label)
    return sorted(found.items(), key=lambda pair: pair[1])


class PlanLevelForm(ServiceForm):
    """A level; the service checks that its code is one the register knows."""

    register = forms.ChoiceField(
        label="名册", required=False, widget=UnfoldAdminSelectWidget, help_text="不选则适用于全部名册"
    )
    field = forms.ChoiceField(
        label="等级数据项", required=False, widget=UnfoldAdminSelectWidget, help_text="不选则适用于名册全体"
    )

    class Meta:
        model = PlanLevel
        fields = (
            "register",
            "field",
            "value",
            "every",
            "unit",
            "first_days",
            "opens_days",
            "community_days",
            "street_days",
            "priority",
            "workdays",
            "source",
            "confirmed",
            "valid_from",
            "valid_to",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (("register", list(REGISTERS.items())), ("field", _fields())):
            choice: Any = self.fields[name]
            choice.choices = [("", "全部" if name == "register" else "全体"), *options]

    def run(self) -> PlanLevel:
        """Store the level."""
        return level_save(actor=self.actor, level=self.instance)


@admin.register(PlanLevel)
class PlanLevelAdmin(ServiceAdmin):
    """Levels: seen by those who plan tasks, changed by those of them who serve the whole city."""

    add_form = change_form = PlanLevelForm
    list_display = (
        "who",
        "at",
        "interval",
        "first_days",
        "community_days",
        "street_days",
        "confirmed",
        "valid_to",
    )
    list_filter = ("confirmed",)

    @admin.display(description="名册", ordering="register")
    def who(self, row: PlanLevel) -> str:
        """Name the register."""
        return REGISTERS.get(row.register, "全部名册")

    @admin.display(description="等级")
    def at(self, row: PlanLevel) -> str:
        """Name the level as its code list does."""
        if not row.field:
            return "全体"
        register = row.register or next(iter(REGISTERS))
        item = KINDS[register].by_name.get(row.field)
        code = book().get(item.codes or "", {}).get(row.value) if item else None
        return f"{item.label}：{code.label}" if item and code else f"{row.field} {row.value}"

    @admin.display(description="走访间隔")
    def interval(self, row: PlanLevel) -> str:
        """Say how often."""
        return f"每{row.every}{row.get_unit_display()}"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who may see levels."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who plan tasks."""
        actor = actor_of(request, _PURPOSE)
        return may(actor, "plan_tasks") or may_change_rules(actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to those who may change what holds for the whole city."""
        return may_change_rules(actor_of(request, _PURPOSE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to those who may change what holds for the whole city."""
        return may_change_rules(actor_of(request, _PURPOSE))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a level is ended by its last day."""
        return False


class AnswerForm(ServiceForm):
    """What was done about a report."""

    answer = forms.CharField(
        label="处理情况", widget=UnfoldAdminTextareaWidget, max_length=500, help_text="不写姓名和证件号码"
    )

    class Meta:
        model = Escalation
        fields = ("answer",)

    def run(self) -> Escalation:
        """Store the answer."""
        return escalation_answer(
            actor=self.actor, escalation=self.instance, answer=self.cleaned_data["answer"]
        )


def _led(page: str, id_: UUID, words: str) -> str:
    address = reverse(f"admin:{page}_change", args=[id_])
    return format_html('<a class="link" href="{}">{}</a>', address, words)


@admin.register(Escalation)
class EscalationAdmin(GridNamed, ServiceAdmin):
    """Missed visits and danger, for staff of the area; answered, never deleted."""

    add_form = change_form = AnswerForm
    list_display = ("what", "who", "door", "grid_name", "due_on", "late", "told", "state", "raised_at")
    list_filter = ("state", "cause", "level")
    list_per_page = 50
    readonly_fields = ("what", "who", "door", "grid_name", "seen", "due_on", "told", "raised_at")
    fieldsets = ((None, {"fields": (*readonly_fields, "answer")}),)

    @admin.display(description="事项", ordering="cause")
    def what(self, row: Escalation) -> str:
        """Say what happened, in which register."""
        if row.cause == Escalation.Cause.MISSED:
            return f"{REGISTERS.get(row.register, '')}{row.get_cause_display()}"
        labels = book().get("danger_found", {})
        found = "；".join(labels[code].label for code in row.found.split() if code in labels)
        return f"{row.get_cause_display()}：{found}" if found else row.get_cause_display()

    @admin.display(description="人员")
    def who(self, row: Escalation) -> str:
        """Name the person, masked, and lead to whoever may look: his page leaves its own trace."""
        return _led("records_person", row.person.pk, short(row.person)) if row.person else "—"

    @admin.display(description="走访记录")
    def seen(self, row: Escalation) -> str:
        """Lead to the visit that told of danger."""
        return _led("tasks_visit", row.visit_id, "查看走访记录") if row.visit_id else "—"

    @admin.display(description="住处")
    def door(self, row: Escalation) -> str:
        """Name the door."""
        return place(row.household)

    @admin.display(description="逾期")
    def late(self, row: Escalation) -> str:
        """Say how many days late it was when it was told last."""
        days = (timezone.localdate(row.level_at) - row.due_on).days if row.due_on else 0
        return f"{days}天" if days > 0 else "—"

    @admin.display(description="上报至", ordering="level")
    def told(self, row: Escalation) -> str:
        """Name who was told."""
        return row.get_level_display()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Escalation]":
        """Give what the user may see."""
        return escalations_seen(staff_actor(request))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Give the page's rows and leave a trace of whom they are about."""
        found = super().get_changelist_instance(request)
        self._trace(request, list(found.result_list))
        return found

    def _trace(self, request: HttpRequest, rows: list[Escalation]) -> None:
        if not rows:
            return
        actor = staff_actor(request)
        grids = {row.grid for row in rows}
        where = root_of(actor.scope)
        with transaction.atomic():
            audit_append(
                actor=actor,
                action="plans.reports",
                kind="visit",
                subjects=[row.person_id or row.household_id for row in rows],
                scope=CITY if len(where) <= CITY_DIGITS else where,
                count=len(rows),
                chain=grids.pop() if len(grids) == 1 else CITY,
            )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a purpose first; say how many more are behind rights the user lacks."""
        missing = purpose_missing(request, _ASKED)
        if missing is not None:
            return missing
        unseen = sum(escalations_unseen(staff_actor(request)).values())
        title = f"走访上报（另有{unseen}件不在您的名册权限内）" if unseen else "走访上报"
        return super().changelist_view(request, {**(extra_context or {}), "title": title})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask for a purpose first; showing a report leaves a trace."""
        missing = purpose_missing(request, _ASKED)
        if missing is not None:
            return missing
        self._trace(request, list(self.get_queryset(request).filter(pk=object_id)))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to those who plan tasks and see people."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Escalation | None = None) -> bool:
        """Open to those who plan tasks and see people."""
        actor = staff_actor(request)
        return actor.sees_people and may(actor, "plan_tasks")

    def has_change_permission(self, request: HttpRequest, obj: Escalation | None = None) -> bool:
        """Open while it wants an answer."""
        return self.has_view_permission(request) and (
            obj is None or obj.state in (Escalation.State.OPEN, Escalation.State.ANSWERED)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: visits and plans make them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(PlanRun)
class PlanRunAdmin(ModelAdmin):
    """The days' plans, read only."""

    list_display = ("day", "prefix", "changed", "finished_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
