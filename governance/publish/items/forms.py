"""The console's forms of a department's item: its terms and list, and taking it back."""

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from governance.access.area_search import AreaSearch
from governance.access.forms import ServiceForm
from governance.access.models import Department
from governance.contract.asks import MATERIALS
from governance.publish.items.grant import choices, grant_of
from governance.publish.items.presets import condition_of, values_of
from governance.records.codes import book
from governance.records.outside import Invalid
from governance.tasks.items.services import item_save, item_submit, item_withdraw
from governance.tasks.items.targets import MOST_ROWS, Row, targets_add
from governance.tasks.items.terms import Terms
from governance.tasks.models import Chosen, TargetState, WorkItem

_COLUMNS = ("key", "citizen_number", "name")
_BYTES = 2_000_000
_NAMED = 5
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f]")  # no text holds these, other files do
_TERMS = (
    "ref", "title", "text", "purpose", "legal_basis", "area", "subject_kind", "opens_on", "due_on",
    "expires_on", "priority", "chosen",
)  # fmt: skip


class DepartmentForm(ServiceForm):
    """A form of an account that belongs to a department."""

    department: Department

    def run(self) -> WorkItem:
        """Do it; a problem is shown at its field."""
        try:
            return self.carry_out()
        except Invalid as error:
            by_field: dict[str, list[str]] = {}
            for problem in error.problems:
                by_field.setdefault(problem.field, []).append(problem.reason)
            raise ValidationError(by_field) from error

    def carry_out(self) -> WorkItem:
        """Call the services."""
        raise TypeError(f"{type(self).__name__} has no service")


class ItemForm(DepartmentForm):
    """An item's terms, with rows of its list."""

    asks = forms.MultipleChoiceField(
        label="需填报与收取",
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="数据项只列出本部门约定内的；平台已有的不再上门询问",
    )
    rows_text = forms.CharField(
        label="名单",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text="每行一人：部门行标识,公民身份号码,姓名（姓名可不填）；平台查找后不保存号码和姓名",
    )
    rows_file = forms.FileField(
        label="或上传名单",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"CSV（Excel 可另存为 CSV），列与上面相同，每次最多{MOST_ROWS}行，可分几次",
    )
    age_from = forms.IntegerField(
        label="年满（周岁）", required=False, min_value=0, max_value=150, widget=UnfoldAdminIntegerFieldWidget
    )
    age_to = forms.IntegerField(
        label="不超过（周岁）",
        required=False,
        min_value=0,
        max_value=150,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    residences = forms.MultipleChoiceField(
        label="人口类型", required=False, widget=UnfoldAdminSelect2MultipleWidget
    )
    alone = forms.BooleanField(
        label="独居", required=False, widget=UnfoldBooleanSwitchWidget, help_text="户内只登记一人"
    )
    hand_in = forms.BooleanField(
        label="保存后提交社区审核",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="提交后内容和名单不能再改",
    )
    said = ""

    class Meta:
        model = WorkItem
        fields = _TERMS
        labels: ClassVar = {"area": "区划或网格"}
        widgets = {
            "area": AreaSearch,
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "legal_basis": UnfoldAdminTextInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "asks" not in self.fields:
            return
        asks: Any = self.fields["asks"]
        asks.choices = self._choices()
        if self.instance.asks:
            self.initial["asks"] = self.instance.asks.split()
            self.fields["ref"].disabled = True
        residences: Any = self.fields["residences"]
        codes = book().get("residence_kind", {}).values()
        residences.choices = [(code.code, code.label) for code in codes if not code.retired]
        if self.instance.condition:
            self.initial.update(values_of(self.instance.condition))
        self.fields["expires_on"].required = False
        self.fields["expires_on"].help_text = "不填则为办理期限后30天"
        if self.department is not None and not self.instance.area:
            areas = grant_of(self.department, timezone.localdate()).areas
            self.initial["area"] = areas.get("person", "")

    def _choices(self) -> list[tuple[str, str]]:
        found = choices(grant_of(self.department, timezone.localdate())) if self.department else []
        documents = book().get(MATERIALS, {}).values()
        found += [(f"doc:{code.code}", f"材料：{code.label}") for code in documents if not code.retired]
        return [*found, ("photo", "拍照"), ("signature", "居民签名")]

    def clean(self) -> dict[str, Any]:
        """Read the rows."""
        cleaned = super().clean() or self.cleaned_data
        try:
            cleaned["rows"] = [
                *_rows(cleaned.get("rows_text") or ""),
                *_rows(_file_text(cleaned.get("rows_file"))),
            ]
        except ValidationError as error:
            self.add_error("rows_file", error)
        self._check_keys(cleaned.get("rows", []))
        if cleaned.get("chosen") == Chosen.CONDITION:
            cleaned["condition"] = condition_of(cleaned)
            self._check_condition(cleaned)
        return cleaned

    def _check_keys(self, rows: list[Row]) -> None:
        """Refuse rows of one name that say different things: only the first would be looked up."""
        named: dict[str, set[Row]] = {}
        for row in rows:
            named.setdefault(row.key, set()).add(row)
        doubled = [key for key, said in named.items() if key and len(said) > 1]
        if doubled:
            more = f"等{len(doubled)}个" if len(doubled) > _NAMED else ""
            said = "、".join(f"“{key[:20]}”" for key in doubled[:_NAMED])
            self.add_error("rows_text", f"部门行标识{said}{more}各有几行，内容不同；每行的标识不能相同")

    def _check_condition(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("subject_kind") != "person":
            self.add_error("subject_kind", "按条件选取的对象应为人员")
        elif cleaned["condition"] is None:
            self.add_error("chosen", "按条件选取时，至少填写一个条件")
        if cleaned.get("rows"):
            self.add_error("rows_text", "按条件选取时不收名单")

    def carry_out(self) -> WorkItem:
        """Write it down, look its rows up, hand it in where that is wanted."""
        given, day = self.cleaned_data, timezone.localdate()
        terms = {name: given[name] for name in _TERMS}
        item = item_save(
            actor=self.actor,
            department=self.department,
            terms=Terms(**terms, asks=" ".join(given["asks"]), condition=given.get("condition")),
            grant=grant_of(self.department, day),
            day=day,
        )
        if given["rows"]:
            made = targets_add(actor=self.actor, item=item, rows=given["rows"])
            counted = Counter(TargetState(target.state).label for target in made)
            self.said = "名单：" + "，".join(f"{state}{number}行" for state, number in counted.items())
        if not given["hand_in"]:
            return item
        item = item_submit(actor=self.actor, item=item, day=day)
        asked = item.admissions.count()
        self.said = "；".join(filter(None, (self.said, f"已提交，等{asked}个社区（村）准入")))
        return item


class WithdrawForm(DepartmentForm):
    """Taking an item back."""

    taken_back = forms.CharField(
        label="撤回原因",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="填写并保存即撤回：未办的任务从平板上收回，已有的答复保留",
    )

    class Meta:
        model = WorkItem
        fields: tuple[str, ...] = ()

    def carry_out(self) -> WorkItem:
        """Take it back where a reason is given."""
        reason, item = self.cleaned_data["taken_back"], self.instance
        if not reason.strip():
            return item
        return item_withdraw(actor=self.actor, item=item, reason=reason, day=timezone.localdate())


def _file_text(file: Any) -> str:
    if file is None:
        return ""
    if file.size > _BYTES:
        raise ValidationError("文件过大，请分次上传")
    held: bytes = file.read()
    for encoding in ("utf-8-sig", "gb18030"):  # Excel writes the second
        with suppress(UnicodeDecodeError):
            text = held.decode(encoding)
            if not _UNREADABLE.search(text):
                return text
    raise ValidationError("文件应为 CSV（逗号分隔的文本），Excel 请另存为 CSV 后上传")


def _rows(text: str) -> list[Row]:
    """Read rows of comma-separated cells; a first line that names the columns is passed over."""
    found = []
    for cells in csv.reader(io.StringIO(text)):
        if not any(cell.strip() for cell in cells) or cells[0].strip() == "部门行标识":
            continue
        named = dict(zip(_COLUMNS, (cell.strip() for cell in cells), strict=False))
        found.append(Row(**{"key": "", **named}))
    if len(found) > MOST_ROWS:
        raise ValidationError(f"每次最多{MOST_ROWS}行，请分次上传")
    return found
