"""Code lists in the console (代码表): codes are added, renamed and retired, never deleted."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from governance.access.requests import actor_of
from governance.contract import CodeItem
from governance.contract.codes import code_problem
from governance.records.models import Code, CodeList
from governance.records.services.lists import codelist_save

PURPOSE = "维护代码表"


class CodeForm(forms.ModelForm):
    """A code: once it is there its code stays, as records hold it."""

    class Meta:
        model = Code
        fields = ("code", "label", "retired")
        widgets = {"code": UnfoldAdminTextInputWidget(attrs={"maxlength": 20})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = True


class CodeFormSet(BaseInlineFormSet):
    """The codes of a list, in their order; stored by the list's form."""

    def items(self) -> list[CodeItem]:
        """Give the codes as they are to be."""
        filled = (form.cleaned_data for form in self.forms if form.cleaned_data.get("code"))
        return [CodeItem(row["code"], row["label"], bool(row["retired"])) for row in filled]

    def clean(self) -> None:
        """Refuse a code that stands twice or is none."""
        seen: set[str] = set()
        if any(self.errors):
            return
        for item in self.items():
            if problem := code_problem(item.code):
                raise ValidationError(problem)
            if item.code in seen:
                raise ValidationError(f"代码“{item.code}”重复")
            seen.add(item.code)

    def save(self, commit: bool = True) -> list[Code]:
        """Store nothing: the service has."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []


class CodeInline(TabularInline):
    """Codes in their order."""

    model = Code
    form = CodeForm
    formset = CodeFormSet
    fields = ("code", "label", "retired")
    extra = 0
    hide_title = True
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Go with the list."""
        return request.user.has_perm("records.view_codelist")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Go with the list."""
        return request.user.has_perm("records.change_codelist")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Go with the list."""
        return request.user.has_perm("records.change_codelist")


class CodeListAdmin(ModelAdmin):
    """Code lists, for the system administrator."""

    list_display = ("label", "id", "standard", "confirmed", "in_use", "retired", "version")
    list_filter = ("confirmed",)
    search_fields = ("id", "label", "standard")
    search_help_text = "名称、编号或标准号"
    ordering = ("id",)
    fields = ("label", "id", "standard", "confirmed", "version")
    readonly_fields = ("id", "standard", "version")
    inlines = (CodeInline,)
    list_per_page = 100
    actions = None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CodeList]":
        """Count the codes along."""
        rows = super().get_queryset(request)
        counted: QuerySet[CodeList] = rows.annotate(
            codes_in_use=Count("codes", filter=Q(codes__retired=False)),
            codes_retired=Count("codes", filter=Q(codes__retired=True)),
        )
        return counted

    def in_use(self, row: Any) -> int:
        """Count the codes in use."""
        return int(row.codes_in_use)

    in_use.short_description = "在用代码"  # type: ignore[attr-defined]

    def retired(self, row: Any) -> int:
        """Count the codes that are no longer taken."""
        return int(row.codes_retired)

    retired.short_description = "停用代码"  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: fields name their lists, so lists come with the platform."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: codes are retired."""
        return False

    def save_model(self, request: HttpRequest, obj: CodeList, form: ModelForm, change: bool) -> None:
        """Store nothing yet: the codes come with :meth:`save_related`."""

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """Hand the list with its codes to the service."""
        items = [item for formset in formsets for item in formset.items()]
        codelist_save(
            actor=actor_of(request, PURPOSE),
            name=form.instance.pk,
            label=form.cleaned_data["label"],
            confirmed=form.cleaned_data["confirmed"],
            items=items,
        )
        for formset in formsets:
            formset.save()

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Log nothing beside the audit."""
