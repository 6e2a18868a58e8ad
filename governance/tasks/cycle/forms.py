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
from governance.records.registry.labels import joins, label, rows_of
from governance.records.registry.search import found
from governance.records.registry.traces import list_trace
from governance.tasks.cycle.people import USER
from governance.tasks.cycle.services import STAFF, TaskNotPossible, task_make
from governance.tasks.wanted import Wanted

_MOST_DOORS = 100
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
    grid = forms.RegexField(
        r"^[0-9]{15}$", label="网格", error_messages={"invalid": "请从查找结果中选择网格"}, required=False
    )
    door = forms.CharField(
        label="住址或户主",
        max_length=60,
        required=False,
        help_text="户主姓名、电话、户号或楼栋地址，可用空格分开；不填则不指定哪一户",
    )
    household = forms.CharField(label="是哪一户", required=False, widget=forms.Select)
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
        label="承办人账号",
        max_length=55,
        required=False,
        help_text="不填则由在岗的网格员（含代班）承办",
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
        self.doors: list[tuple[str, str]] = []

    def clean(self) -> dict[str, Any]:
        """Find the door, then let the service make the task."""
        values = cast(dict[str, Any], super().clean())
        if self.errors:
            return values
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
        """Give the household's id and grid; where several fit, offer them and ask again."""
        door, chosen = values["door"].strip(), self.data.get("household", "")
        if not door:
            if not values["grid"]:
                self.add_error("grid", "请选择网格，或填写住址")
            return None
        rows = rows_of("household").filter(self.actor.scope.q(), deleted=False, closed_on=None)
        fitting = found(KINDS["household"], rows, door).select_related(*joins("household"))
        shown = list(fitting.order_by("grid", "id")[:_MOST_DOORS])
        list_trace(self.actor, KINDS["household"], shown, "", {"for": "choice"})
        self.doors = [(str(row.pk), label(row)) for row in shown]
        cast(forms.Select, self.fields["household"].widget).choices = [("", "请选择"), *self.doors]
        picked = [id_ for id_, _ in self.doors if id_ == chosen]
        picked = picked or [id_ for id_, _ in self.doors if len(self.doors) == 1]
        if not picked:
            self.add_error("household", "请选择是哪一户" if self.doors else "没有找到这一户，请换个写法")
            return None
        grid = rows_of("household").filter(pk=picked[0]).values_list("grid", flat=True).get()
        return UUID(picked[0]), str(grid)

    def _wanted(self, values: dict[str, Any], household: tuple[UUID, str] | None) -> Wanted:
        asks = [Ask(What.FIELD, name, "household") for name in values["fields_asked"]]
        asks += [Ask(What.DOCUMENT, code) for code in values["materials"]]
        asks += [Ask(what) for what in (What.PHOTO, What.SIGNATURE) if values[what.value]]
        name = values["assignee"].strip()
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
            assignee=f"{USER}{name}" if name else "",
        )

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices


def _household_fields() -> list[tuple[str, str]]:
    """Give the fields of a household that a worker registers."""
    return [
        (item.name, item.label)
        for item in KINDS["household"].fields
        if item.type in _TYPES and item.owner is Owner.WORKER and item.name not in _NEVER
    ]
