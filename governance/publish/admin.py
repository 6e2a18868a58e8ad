"""Agreements and keys in the console (共享约定、部门密钥)."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminSelectWidget

from governance.access.admin import ServiceAdmin
from governance.access.area_search import AreaSearch
from governance.access.forms import ServiceForm
from governance.access.requests import actor_of
from governance.contract import KINDS
from governance.publish.catalogue import BASE, items_of
from governance.publish.items.admin import WorkItemAdmin
from governance.publish.models import Agreement, DepartmentKey
from governance.publish.services import agreement_save, key_issue, key_revoke

__all__ = ["AgreementAdmin", "DepartmentKeyAdmin", "WorkItemAdmin"]

_PURPOSE = "数据共享管理"
_ITEMS = [
    (
        KINDS[kind].label,
        [(f"{kind}.{item.name}", f"{KINDS[kind].label}：{item.label}") for item in items_of(KINDS[kind])],
    )
    for kind in BASE
]


class AgreementForm(ServiceForm):
    """An agreement's terms; items are named with their kind."""

    kind = forms.ChoiceField(
        label="数据种类",
        choices=[(kind, KINDS[kind].label) for kind in BASE],
        widget=UnfoldAdminSelectWidget,
    )
    items = forms.MultipleChoiceField(
        label="数据项",
        choices=_ITEMS,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="只能选上面这种数据的项",
    )

    class Meta:
        model = Agreement
        fields = (
            "department",
            "kind",
            "items",
            "area",
            "purpose",
            "legal_basis",
            "valid_from",
            "valid_to",
            "enabled",
        )
        labels: ClassVar = {"area": "区划或网格"}
        widgets: ClassVar = {"area": AreaSearch}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance
        if held.pk and "items" in self.fields:
            self.initial["items"] = [f"{held.kind}.{name}" for name in held.fields]

    def clean(self) -> dict[str, Any]:
        """Hold the items to the kind."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind and any(not name.startswith(f"{kind}.") for name in cleaned.get("items", ())):
            self.add_error("items", f"只能选{KINDS[kind].label}的数据项")
        return cleaned

    def run(self) -> Agreement:
        """Store the agreement."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "items"}
        fields = [name.partition(".")[2] for name in self.cleaned_data["items"]]
        held = self.instance if self.instance.pk else None
        return agreement_save(actor=self.actor, fields=fields, agreement=held, **values)


class KeyForm(ServiceForm):
    """To whom a key goes."""

    text = ""

    class Meta:
        model = DepartmentKey
        fields = ("department", "name")

    def run(self) -> DepartmentKey:
        """Issue the key and remember it until the page was shown."""
        key, self.text = key_issue(actor=self.actor, **self.cleaned_data)
        return key


class DepartmentRowsAdmin(ServiceAdmin):
    """Rows of all departments for who manages the platform, else of the user's own."""

    list_select_related: tuple[str, ...] = ("department",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give the rows the user may see."""
        rows = super().get_queryset(request)
        if actor_of(request, _PURPOSE).can("manage_system"):
            return rows
        return rows.filter(department=getattr(request.user, "department_id", None))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: they are put out of use."""
        return False


@admin.register(Agreement)
class AgreementAdmin(DepartmentRowsAdmin):
    """Agreements by department."""

    add_form = change_form = AgreementForm
    list_display = (
        "department",
        "kind_name",
        "area",
        "purpose",
        "valid_from",
        "valid_to",
        "enabled",
        "version",
    )
    list_filter = ("enabled", "department")
    search_fields = ("department__name", "purpose", "area__startswith")
    search_help_text = "部门、用途或区划编码的开头"
    fieldsets = (
        (None, {"fields": ("department", "kind", "items", "area")}),
        ("依据", {"fields": ("purpose", "legal_basis")}),
        ("有效期", {"fields": ("valid_from", "valid_to", "enabled")}),
    )

    @admin.display(description="数据种类", ordering="kind")
    def kind_name(self, row: Agreement) -> str:
        """Name the kind."""
        return KINDS[row.kind].label

    @admin.display(description="数据项")
    def items(self, row: Agreement) -> str:
        """Name the items, for those who only look."""
        return "、".join(item.label for item in items_of(KINDS[row.kind]) if item.name in row.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Agreement | None = None) -> tuple[str, ...]:
        """Show the items in words where they cannot be changed."""
        return () if self.has_change_permission(request, obj) or obj is None else ("items",)


@admin.register(DepartmentKey)
class DepartmentKeyAdmin(DepartmentRowsAdmin):
    """Keys: issued, shown once, revoked."""

    add_form = change_form = KeyForm
    list_display = ("name", "department", "created_at", "created_by", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "department")
    list_select_related = ("department", "created_by")
    search_fields = ("name", "department__name")
    search_help_text = "名称或部门"
    actions = ("revoke",)

    @admin.action(description="停用所选密钥", permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[DepartmentKey]) -> None:
        """Make the chosen keys void."""
        active = list(queryset.filter(revoked_at=None))
        for key in active:
            key_revoke(actor=actor_of(request, _PURPOSE), key=key)
        self.message_user(request, f"已停用{len(active)}个密钥，立即失效", messages.SUCCESS)

    def get_fields(self, request: HttpRequest, obj: DepartmentKey | None = None) -> tuple[str, ...]:
        """Ask for department and name; show all but the hash."""
        shown = ("department", "name")
        return (*shown, "created_at", "created_by", "last_used_at", "revoked_at") if obj else shown

    def has_change_permission(self, request: HttpRequest, obj: DepartmentKey | None = None) -> bool:
        """Refuse: a key is issued or revoked."""
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Show the key, this once."""
        text = getattr(form, "text", "")
        self.message_user(request, f"密钥只显示这一次，请立即抄存：{text}", messages.WARNING)
