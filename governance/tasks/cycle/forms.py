"""The console's forms for giving tasks out (派发、改派)."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.contract import KINDS, Owner, Type, uuid7
from governance.contract.asks import MATERIALS, Ask, What, asks_write
from governance.records.codes import book
from governance.records.registry.labels import labels, rows_of
from governance.records.registry.writes import uuid_of
from governance.tasks.cycle.services import STAFF, TaskNotPossible, task_make
from governance.tasks.cycle.takers import taker_text
from governance.tasks.wanted import Wanted
from gridmap.naming import grid_names

_DUE_DAYS = 7
_NEVER = frozenset({"note", "verification", "closed_reason"})
_TYPES = frozenset({Type.TEXT, Type.PHONE, Type.CODE, Type.INTEGER, Type.FLAG})


class MakeForm(forms.Form):
    """A task made by hand: what, where, until when, what it asks for, who does it."""

    made = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label="任务名称", max_length=100, help_text="说明办什么事，不写人名")
    reason = forms.CharField(
        label="任务缘由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="为什么去、去了做什么，不写人名",
    )
    household = forms.UUIDField(
        label="哪一户",
        required=False,
        error_messages={"invalid": "请从查找结果中选择住户"},
        help_text="按户主姓名、电话、户号或楼栋地址查找；不指定哪一户的，选网格",
    )
    grid = forms.RegexField(
        r"^[0-9]{15}$",
        label="网格",
        required=False,
        error_messages={"invalid": "请从查找结果中选择网格"},
        help_text="选了住户的不用填",
    )
    opens_on = forms.DateField(label="开始日期", widget=forms.DateInput(attrs={"type": "date"}))
    due_on = forms.DateField(label="办理期限", widget=forms.DateInput(attrs={"type": "date"}))
    expires_on = forms.DateField(
        label="失效日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    priority = forms.ChoiceField(label="优先级")
    photo = forms.BooleanField(label="要拍照", required=False)
    signature = forms.BooleanField(label="要居民签名", required=False)
    materials = forms.MultipleChoiceField(
        label="要看的材料", required=False, widget=forms.CheckboxSelectMultiple
    )
    fields_asked = forms.MultipleChoiceField(
        label="要登记的项目（所在户）", required=False, widget=forms.CheckboxSelectMultiple
    )
    assignee = forms.CharField(
        label="承办人",
        max_length=60,
        required=False,
        help_text="先选住户或网格；不填则由在岗的网格员（含代班）承办",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        known = book()
        day = timezone.localdate()
        self.initial.setdefault("made", uuid7())
        self.initial.setdefault("opens_on", day.isoformat())
        self.initial.setdefault("due_on", (day + timedelta(days=_DUE_DAYS)).isoformat())
        self._choices("priority", [(code, item.label) for code, item in known["priority"].items()])
        materials = known.get(MATERIALS, {}).items()
        self._choices("materials", [(code, item.label) for code, item in materials if not item.retired])
        self._choices("fields_asked", _household_fields())
        if not actor.may_read("household"):
            del self.fields["household"]

    def clean(self) -> dict[str, Any]:
        """Find the household's grid, then let the service make the task."""
        values = cast(dict[str, Any], super().clean())
        household = self._household(values)
        if self.errors:
            return values
        try:
            task_make(actor=self.actor, wanted=self._wanted(values, household), day=timezone.localdate())
        except TaskNotPossible as error:
            for problem in error.problems:
                name = "fields_asked" if problem.field == "asks" else problem.field
                self.add_error(name if name in self.fields else None, problem.reason)
        except Forbidden as error:
            self.add_error("grid", error.reason)
        return values

    def _household(self, values: dict[str, Any]) -> tuple[UUID, str] | None:
        """Give the chosen household's id and grid; None where only a grid is meant."""
        chosen = values.get("household")
        if chosen is None:
            if not (values.get("grid") or {"grid", "household"} & self.errors.keys()):
                self.add_error("grid", "请选择住户或网格")
            return None
        grid = household_grid(self.actor, chosen)
        if not grid:
            self.add_error("household", "没有找到这一户，请重新选择")
            return None
        return chosen, grid

    @property
    def shown(self) -> dict[str, str]:
        """Give what stands in the searches for what is chosen: codes and ids are not shown."""
        grid, household = self["grid"].value() or "", self.data.get("household", "")
        id_ = uuid_of(household)
        within = household_grid(self.actor, id_) if id_ else ""
        chosen = labels("household", [household]) if within else {}
        return {
            "grid": grid_names({grid}).get(grid, ""),
            "household": chosen.get(household, ""),
            "assignee": taker_text(self["assignee"].value() or ""),
        }

    def _wanted(self, values: dict[str, Any], household: tuple[UUID, str] | None) -> Wanted:
        asks = [Ask(What.FIELD, name, "household") for name in values["fields_asked"]]
        asks += [Ask(What.DOCUMENT, code) for code in values["materials"]]
        asks += [Ask(what) for what in (What.PHOTO, What.SIGNATURE) if values[what.value]]
        return Wanted(
            occasion=f"{STAFF}:{values['made']}",
            origin=STAFF,
            origin_ref=self.actor.username[:40],
            item="人工派发",
            title=values["title"],
            reason=values["reason"],
            grid=household[1] if household else values["grid"],
            opens_on=values["opens_on"],
            due_on=values["due_on"],
            expires_on=values["expires_on"],
            priority=values["priority"],
            subject_kind="household" if household else None,
            subject=household[0] if household else None,
            household=household[0] if household else None,
            asks=asks_write(asks) or "",
            assignee=values["assignee"].strip(),
        )

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices


def household_grid(actor: Actor, household: UUID) -> str:
    """Give the grid of an open household that an actor may see; "" for any other."""
    if not actor.may_read("household"):
        return ""
    rows = rows_of("household").filter(actor.scope.q(), pk=household, deleted=False, closed_on=None)
    return str(rows.values_list("grid", flat=True).first() or "")


def _household_fields() -> list[tuple[str, str]]:
    """Give the fields of a household that a worker registers."""
    return [
        (item.name, item.label)
        for item in KINDS["household"].fields
        if item.type in _TYPES and item.owner is Owner.WORKER and item.name not in _NEVER
    ]
