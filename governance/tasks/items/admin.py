"""The gatekeeper's queue in the console (部门事项准入): what letting one in means, and the answer."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.requests import actor_of
from governance.contract import KINDS
from governance.records.codes import book
from governance.records.registry.columns import tag
from governance.rules.notation import condition_read
from governance.rules.wording import describe, describe_asks
from governance.tasks.items.admission import admission_decide, progress_of
from governance.tasks.items.selectors import Prospect, admissions_for, community_names, prospect
from governance.tasks.models import Admission, AdmissionState, ItemState

PURPOSE = "部门事项准入"
_TONES = {AdmissionState.WAITING: "warn", AdmissionState.APPROVED: "ok", AdmissionState.REFUSED: "bad"}
_ANSWERS = (
    ("merge", "准入，并入已安排的走访（同一户合为一次上门）"),
    ("own", "准入，按事项自己的日期"),
    ("refuse", "不予准入"),
)


class AdmissionForm(ServiceForm):
    """The gatekeeper's answer."""

    answer = forms.ChoiceField(
        label="审核意见", choices=_ANSWERS, widget=UnfoldAdminRadioSelectWidget, required=True
    )
    reason = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="不予准入时必填，部门会看到",
    )

    class Meta:
        model = Admission
        fields: tuple[str, ...] = ()

    def run(self) -> Admission:
        """Decide."""
        answer = self.cleaned_data["answer"]
        return admission_decide(
            actor=self.actor,
            admission=self.instance,
            approve=answer != "refuse",
            merged=answer == "merge",
            reason=self.cleaned_data["reason"],
            day=timezone.localdate(),
        )


class StateFilter(admin.SimpleListFilter):
    """Waiting or decided; without choice those that wait."""

    title = "准入"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the choices beside the first."""
        others = (AdmissionState.APPROVED, AdmissionState.REFUSED)
        return [*((str(each), str(each.label)) for each in others), ("all", "全部")]

    def choices(self, changelist: Any) -> Any:
        """Call the first choice by its name."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "待准入"} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Admission]) -> QuerySet[Admission]:
        """Keep what was chosen."""
        chosen = self.value()
        if chosen == "all":
            return queryset
        if chosen:
            return queryset.filter(state=chosen)
        return queryset.filter(state=AdmissionState.WAITING, item__state=ItemState.SUBMITTED)


@admin.register(Admission)
class AdmissionAdmin(ServiceAdmin):
    """What departments ask of the user's communities."""

    add_form = change_form = AdmissionForm
    list_display = ("title", "department", "community_name", "days", "answered", "decided_at", "decided_by")
    list_filter = (StateFilter, "item__department")
    list_select_related = ("item", "item__department", "decided_by")
    search_fields = ("item__title", "item__ref", "community__startswith")
    search_help_text = "事项名称、部门文号或社区编码的开头"
    about = ("title", "department", "basis", "days", "asked", "chosen_by", "community_name", "prospect")
    outcome = ("answered", "reason", "decided_at", "decided_by")

    @admin.display(description="事项", ordering="item__title")
    def title(self, row: Admission) -> str:
        """Name the item."""
        return f"{row.item.title}（{row.item.ref}）"

    @admin.display(description="部门", ordering="item__department")
    def department(self, row: Admission) -> str:
        """Name the department."""
        return row.item.department.name

    @admin.display(description="社区", ordering="community")
    def community_name(self, row: Admission) -> str:
        """Name the community."""
        return community_names([row.community]).get(row.community, row.community)

    @admin.display(description="办理日期")
    def days(self, row: Admission) -> str:
        """Give the days it is to be done in."""
        return f"{row.item.opens_on} 至 {row.item.due_on}"

    @admin.display(description="准入", ordering="state")
    def answered(self, row: Admission) -> SafeString:
        """Give the answer."""
        merged = "，并入走访" if row.merged else ""
        under_way = ""
        if row.state == AdmissionState.APPROVED and row.carried_at is None:
            done = progress_of(row)
            under_way = f"，后台派发中 {done.total - done.left}/{done.total}"
        return tag(f"{row.get_state_display()}{merged}{under_way}", _TONES[AdmissionState(row.state)])

    @admin.display(description="用途与依据")
    def basis(self, row: Admission) -> str:
        """Give what it is for."""
        return f"{row.item.purpose}。依据：{row.item.legal_basis}。{row.item.text}"

    @admin.display(description="需填报与收取")
    def asked(self, row: Admission) -> str:
        """Say what is asked."""
        return describe_asks(row.item.asks, book())

    @admin.display(description="对象来源")
    def chosen_by(self, row: Admission) -> str:
        """Say how its targets are chosen."""
        if not row.item.condition:
            return row.item.get_chosen_display()
        return describe(condition_read(row.item.condition), KINDS[row.item.subject_kind], book())

    @admin.display(description="准入后")
    def prospect(self, row: Admission) -> SafeString | str:
        """Say what letting it in would mean."""
        if row.state != AdmissionState.WAITING:
            return "—"
        return _prospect_lines(prospect(row, timezone.localdate()))

    def get_fields(self, request: HttpRequest, obj: Admission | None = None) -> tuple[str, ...]:
        """Ask for the answer while it is open."""
        open_ = obj is not None and self.has_change_permission(request, obj)
        return (*self.about, "answer", "reason") if open_ else (*self.about, *self.outcome)

    def get_readonly_fields(self, request: HttpRequest, obj: Admission | None = None) -> tuple[str, ...]:
        """Show all that is not asked for."""
        open_ = obj is not None and self.has_change_permission(request, obj)
        return self.about if open_ else (*self.about, *self.outcome)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Admission]:
        """Give what the user's communities were asked."""
        return admissions_for(actor_of(request, PURPOSE)).select_related("decided_by")

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Say what comes of the answer; the form's service has stored it."""
        row: Any = form.instance
        merged = "，并入已安排的走访" if row.merged else ""
        said = (
            f"已准入{merged}，任务随即派到平板"
            if row.state == AdmissionState.APPROVED
            else "不予准入，理由已告知部门"
        )
        self.message_user(request, said, messages.SUCCESS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to gatekeepers."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Admission | None = None) -> bool:
        """Open to gatekeepers."""
        return actor_of(request, PURPOSE).can("admit_items")

    def has_change_permission(self, request: HttpRequest, obj: Admission | None = None) -> bool:
        """Open to gatekeepers while it waits."""
        if obj is None:
            return self.has_view_permission(request)
        waits = obj.state == AdmissionState.WAITING and obj.item.state == ItemState.SUBMITTED
        return self.has_view_permission(request) and waits

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: departments ask."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Admission | None = None) -> bool:
        """Refuse."""
        return False


def _prospect_lines(found: Prospect) -> SafeString:
    lines = [
        f"本社区对象{found.targets}个",
        f"其中{found.held}个所需数据已有，不上门即可答复",
        f"其余需上门{found.doors}户，其中{found.planned}户在期限内已有走访安排，可以合并",
    ]
    lines += [
        f"正在办理的“{other.title}”（{other.department}）也向其中一些人收集相同的数据：一方取得后另一方自动答复"
        for other in found.others
    ]
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in lines)))
