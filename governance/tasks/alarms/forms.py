"""The console's forms of alarm sources, keys, call devices and alarms that could not be placed."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from governance.access.area_search import AreaSearch, GridSearch
from governance.access.forms import ServiceForm
from governance.records.codes import book
from governance.records.outside import Invalid
from governance.tasks.alarms.keys import alarm_key_issue, device_bind, source_save
from governance.tasks.alarms.services import alarm_dismiss, alarm_place
from governance.tasks.models import Alarm, AlarmKey, AlarmSource, CallDevice

_ANSWERS = (("person", "派到人"), ("grid", "派到网格"), ("dismiss", "不予处置"))


class SourceForm(ServiceForm):
    """A source's settings."""

    event_category = forms.ChoiceField(
        label="事件类别", required=False, widget=UnfoldAdminSelectWidget, help_text="生成事件时必填"
    )

    class Meta:
        model = AlarmSource
        fields = (
            "code", "name", "kind", "makes", "title", "text", "event_category", "area", "joins_minutes",
            "accept_minutes", "per_minute", "enabled",
        )  # fmt: skip
        labels: ClassVar = {"area": "服务区域"}
        widgets: ClassVar = {"area": AreaSearch}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known, held = book().get("event_category", {}).values(), self.instance.event_category
        category: Any = self.fields["event_category"]
        offered = [(code.code, code.label) for code in known if not code.retired or code.code == held]
        category.choices = [("", "—"), *offered]

    def run(self) -> AlarmSource:
        """Store them."""
        return source_save(actor=self.actor, source=self.instance)


class AlarmKeyForm(ServiceForm):
    """To which source a key goes."""

    text = ""

    class Meta:
        model = AlarmKey
        fields = ("source", "name")

    def run(self) -> AlarmKey:
        """Issue the key and remember it until the page was shown."""
        key, self.text = alarm_key_issue(actor=self.actor, **self.cleaned_data)
        return key


class DeviceForm(ServiceForm):
    """In whose home a call device stands."""

    citizen_number = forms.CharField(
        label="使用人公民身份号码",
        max_length=18,
        widget=UnfoldAdminTextInputWidget,
        help_text="平台查找后不在此保存号码",
    )

    class Meta:
        model = CallDevice
        fields = ("source", "number")

    def run(self) -> CallDevice:
        """Enter it."""
        return device_bind(actor=self.actor, **self.cleaned_data)


class PlaceForm(ServiceForm):
    """What to do about an alarm that could not be placed."""

    answer = forms.ChoiceField(label="处理", choices=_ANSWERS, widget=UnfoldAdminRadioSelectWidget)
    citizen_number = forms.CharField(
        label="公民身份号码", max_length=18, required=False, widget=UnfoldAdminTextInputWidget
    )
    grid_code = forms.CharField(label="网格", max_length=15, required=False, widget=GridSearch)
    reason = forms.CharField(
        label="处理说明",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="不予处置时必填",
    )

    class Meta:
        model = Alarm
        fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs."""
        cleaned = super().clean() or self.cleaned_data
        needed = {"person": "citizen_number", "grid": "grid_code"}.get(cleaned.get("answer", ""))
        if needed and not cleaned.get(needed):
            self.add_error(needed, "必填")
        return cleaned

    def run(self) -> Alarm:
        """Send somebody, or say why nobody is sent."""
        given = self.cleaned_data
        try:
            if given["answer"] == "dismiss":
                return alarm_dismiss(actor=self.actor, alarm=self.instance, reason=given["reason"])
            person = given["citizen_number"] if given["answer"] == "person" else ""
            return alarm_place(
                actor=self.actor,
                alarm=self.instance,
                day=timezone.localdate(),
                grid=given["grid_code"],
                citizen_number=person,
            )
        except Invalid as error:
            names = {"grid": "grid_code"}
            raise ValidationError(
                {names.get(each.field, each.field): each.reason for each in error.problems}
            ) from error
