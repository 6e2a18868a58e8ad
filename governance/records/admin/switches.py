"""Switched items in the console (采集项启用): off until turned on with the legal basis."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from governance.access.actor import Actor
from governance.access.requests import actor_of
from governance.records.models import Switch
from governance.records.services.lists import switch_set, switchable

PURPOSE = "启用或停用采集项"


class SwitchForm(forms.ModelForm):
    """A switched item; the service stores it. ``actor`` is set by the page for each request."""

    actor: Actor
    field = forms.ChoiceField(label="数据项", widget=UnfoldAdminSelectWidget)
    on = forms.BooleanField(label="启用", required=False, widget=UnfoldBooleanSwitchWidget)
    legal_basis = forms.CharField(
        label="法律依据",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="启用时必填：写明法律、法规的名称和条款",
    )

    class Meta:
        model = Switch
        fields = ("field", "on", "legal_basis")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = switchable()
        if self.instance.pk:
            items = {self.instance.pk: items.get(self.instance.pk, self.instance.pk)}
        self.fields["field"].choices = list(items.items())  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        if self.errors:
            return
        given = self.cleaned_data
        try:
            self.instance = switch_set(
                actor=self.actor, field=given["field"], on=given["on"], legal_basis=given["legal_basis"]
            )
        except ValidationError as error:
            self.add_error("legal_basis", error)

    def save(self, commit: bool = True) -> Switch:
        """Give what the service stored."""
        stored: Switch = self.instance
        return stored

    def save_m2m(self) -> None:
        """Store nothing more."""


class SwitchAdmin(ModelAdmin):
    """Items that the city collects beyond the standard set."""

    form = SwitchForm
    list_display = ("item", "on", "legal_basis")
    list_filter = ("on",)
    actions = None

    def item(self, row: Switch) -> str:
        """Name the item."""
        return switchable().get(row.field, row.field)

    item.short_description = "数据项"  # type: ignore[attr-defined]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form that knows who acts."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"actor": actor_of(request, PURPOSE)})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: an item is turned off."""
        return False

    def save_model(self, request: HttpRequest, obj: Switch, form: forms.ModelForm, change: bool) -> None:
        """Store nothing: the form's service has."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Log nothing beside the audit."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Log nothing beside the audit."""
