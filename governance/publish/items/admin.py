"""Departments' items in the console (部门事项): written down, handed in, followed, taken back."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.access.admin import ServiceAdmin
from governance.access.requests import actor_of
from governance.contract import KINDS
from governance.publish.items.forms import ItemForm, WithdrawForm
from governance.records.codes import book
from governance.records.registry.columns import tag
from governance.rules.notation import condition_read
from governance.rules.wording import describe, describe_asks
from governance.tasks.items.selectors import communities_q, community_names, progress
from governance.tasks.items.standing import LEFT
from governance.tasks.items.targets import REASONS
from governance.tasks.models import NOBODY, Admission, ItemState, Target, TargetState, WorkItem
from gridmap.naming import area_names

PURPOSE = "部门事项"
_CHOICE = ("chosen", "age_from", "age_to", "residences", "alone", "rows_text", "rows_file")
_SHOWN = 100
_TONES = {
    ItemState.DRAFT: "",
    ItemState.SUBMITTED: "warn",
    ItemState.FINISHED: "ok",
    ItemState.WITHDRAWN: "bad",
}
_TERMS = (
    "ref", "title", "text", "purpose", "legal_basis", "area", "subject_kind", "asks", "opens_on", "due_on",
    "expires_on", "priority",
)  # fmt: skip


@admin.register(WorkItem)
class WorkItemAdmin(ServiceAdmin):
    """A department's own items; staff see those their communities were asked."""

    list_display = ("title", "ref", "department", "opens_on", "due_on", "stands", "answered")
    list_filter = ("state", "department")
    list_select_related = ("department",)
    search_fields = ("title", "ref")
    search_help_text = "事项名称或部门文号"
    about = (*_TERMS[:5], "area_name", "subject_kind", "asked", *_TERMS[8:], "chosen_by")
    follow = ("stands", "rows", "communities", "odd_rows")

    @admin.display(description="状态", ordering="state")
    def stands(self, row: WorkItem) -> SafeString:
        """Give the state."""
        ended = f"：{row.ended_reason}" if row.ended_reason else ""
        return tag(f"{row.get_state_display()}{ended}", _TONES[ItemState(row.state)])

    @admin.display(description="已答复")
    def answered(self, row: WorkItem) -> str:
        """Say how far it is; the list's query counted."""
        counted: Any = row
        return f"{counted.total - counted.left}/{counted.total}"

    @admin.display(description="区划或网格")
    def area_name(self, row: WorkItem) -> str:
        """Name where it is asked."""
        return area_names({row.area}).get(row.area, row.area)

    @admin.display(description="需填报与收取")
    def asked(self, row: WorkItem) -> str:
        """Say what is asked."""
        return describe_asks(row.asks, book())

    @admin.display(description="对象来源")
    def chosen_by(self, row: WorkItem) -> str:
        """Say how its targets are chosen."""
        if not row.condition:
            return row.get_chosen_display()
        return describe(condition_read(row.condition), KINDS[row.subject_kind], book())

    @admin.display(description="进度")
    def rows(self, row: WorkItem) -> SafeString:
        """Count the rows by state."""
        found = progress(row, timezone.localdate())
        counted = [(TargetState(state).label, number) for state, number in sorted(found.rows.items())]
        return _lines([*counted, ("其中逾期", found.overdue)])

    @admin.display(description="社区准入")
    def communities(self, row: WorkItem) -> SafeString | str:
        """Give what each community said."""
        asked = list(row.admissions.order_by("community")[:_SHOWN])
        names = community_names([each.community for each in asked])
        said = [
            (names.get(each.community, each.community), f"{each.get_state_display()} {each.reason}")
            for each in asked
        ]
        return _lines(said) if said else "提交后由社区审核"

    @admin.display(description="名单中的问题行")
    def odd_rows(self, row: WorkItem) -> SafeString | str:
        """Give the rows that name nobody to ask."""
        odd = Target.objects.filter(item=row, state__in=NOBODY).order_by("row")[:_SHOWN]
        said = [(f"第{each.row}行 {each.key}", REASONS[each.state]) for each in odd]
        return _lines(said) if said else "无"

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Take the terms while it is a draft; afterwards it can be taken back."""
        drafted = not isinstance(obj, WorkItem) or obj.state == ItemState.DRAFT
        kwargs["form"] = ItemForm if drafted else WithdrawForm
        made = super(ServiceAdmin, self).get_form(request, obj, change=change, **kwargs)
        department = getattr(request.user, "department", None)
        return type(made.__name__, (made,), {"actor": actor_of(request, PURPOSE), "department": department})

    def get_fieldsets(self, request: HttpRequest, obj: WorkItem | None = None) -> Any:
        """Ask for the terms, or show them and how far the item is."""
        if obj is None:
            return self._writing()
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": self.about}), ("办理情况", {"fields": self.follow})]
        if obj.state == ItemState.DRAFT:
            return [*self._writing(), ("已收名单", {"fields": ["rows", "odd_rows"]})]
        groups = [(None, {"fields": self.about}), ("办理情况", {"fields": self.follow})]
        return [*groups, ("撤回", {"fields": ["taken_back"]})]

    def _writing(self) -> list[Any]:
        choice = {"fields": _CHOICE, "description": "上传名单，或按条件选取：提交时满足全部条件的人员"}
        return [(None, {"fields": _TERMS}), ("对象", choice), ("提交", {"fields": ["hand_in"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: WorkItem | None = None) -> tuple[str, ...]:
        """Show what cannot be changed."""
        if obj is None:
            return ()
        if obj.state == ItemState.DRAFT and self.has_change_permission(request, obj):
            return ("rows", "odd_rows")
        return (*self.about, *self.follow)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkItem]:
        """Give the department's own, or those that the user's communities were asked."""
        left = Count("targets", filter=Q(targets__state__in=LEFT))
        rows = super().get_queryset(request).annotate(total=Count("targets"), left=left)
        department = getattr(request.user, "department_id", None)
        if department is not None:
            return rows.filter(department=department)
        actor = actor_of(request, PURPOSE)
        asked = Admission.objects.filter(communities_q(actor.scope)).values("item")
        return rows.filter(pk__in=asked).exclude(state=ItemState.DRAFT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Open to departments."""
        department = getattr(request.user, "department_id", None)
        return department is not None and actor_of(request, PURPOSE).can("define_items")

    def has_change_permission(self, request: HttpRequest, obj: WorkItem | None = None) -> bool:
        """Open to the item's department until it has ended."""
        if not self.has_add_permission(request):
            return False
        return obj is None or obj.state in (ItemState.DRAFT, ItemState.SUBMITTED)

    def has_delete_permission(self, request: HttpRequest, obj: WorkItem | None = None) -> bool:
        """Refuse: items are taken back."""
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Say what became of the list."""
        said = getattr(form, "said", "")
        if said:
            self.message_user(request, said, messages.SUCCESS)


def _lines(pairs: list[tuple[Any, Any]]) -> SafeString:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}：{}</li>", pairs))
