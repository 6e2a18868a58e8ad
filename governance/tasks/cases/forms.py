"""The form of a proxy service in the console (代办事项表单)."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextInputWidget

from governance.access.forms import ServiceForm
from governance.contract import KINDS, Type
from governance.contract.asks import MATERIALS
from governance.records.codes import book
from governance.tasks.cases.catalogue import Terms, service_save
from governance.tasks.models import ProxyService

_LISTS = ("needed", "optional", "shared", "parts")
_GIVEN = ("person", "household")
_NEVER = frozenset({Type.REF, Type.FILES, Type.GRID})


def _shared() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            KINDS[kind].label,
            [(f"{kind}.{item.name}", item.label) for item in KINDS[kind].fields if item.type not in _NEVER],
        )
        for kind in _GIVEN
    ]


def _several(label: str, hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=UnfoldAdminSelect2MultipleWidget, help_text=hint
    )


class ProxyServiceForm(ServiceForm):
    """What can be done on a resident's behalf; the service stores it."""

    needed = _several("必交材料")
    optional = _several("选交材料")
    shared = _several("提供给部门的数据项", "部门办理此事所必需的，不得多给")
    parts = _several("包含的事项", "只用于“一件事”：选了就不填部门、材料和数据项")
    task_items = forms.CharField(
        label="对应的任务事项",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="任务的“事项”，几个之间用空格；平板上打开这些任务即可代办",
    )

    class Meta:
        model = ProxyService
        fields = (
            "code",
            "label",
            "department",
            "level",
            "days",
            "mend_days",
            "needed",
            "optional",
            "shared",
            "legal_basis",
            "parts",
            "task_items",
            "enabled",
            "confirmed",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        materials = [
            (code, item.label) for code, item in book().get(MATERIALS, {}).items() if not item.retired
        ]
        single = ProxyService.objects.filter(parts=[]).values_list("code", "label")
        choices: dict[str, Any] = {
            "needed": materials,
            "optional": materials,
            "shared": _shared(),
            "parts": list(single),
        }
        for name, chosen in choices.items():
            if name in self.fields:
                self.fields[name].choices = chosen  # type: ignore[attr-defined]
        self.initial["task_items"] = " ".join(self.instance.task_items or ())

    def run(self) -> ProxyService:
        """Store the service."""
        values = dict(self.cleaned_data)
        if self.instance.pk and self.instance.version:
            values["code"] = self.instance.pk
        department = values.pop("department")
        return service_save(
            actor=self.actor,
            terms=Terms(
                **values | {"task_items": values["task_items"].split()},
                department=department.pk if department else "",
            ),
        )
