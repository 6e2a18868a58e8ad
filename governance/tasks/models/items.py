"""Departments' work items (部门事项): what is asked, which communities let it in, whom it concerns."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.access.models import Department
from governance.contract import uuid7
from governance.feed.columns import IdField


class ItemState(models.TextChoices):
    """How far a department has taken its item."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    FINISHED = "finished", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"


class Chosen(models.TextChoices):
    """How an item's targets are chosen."""

    LIST = "list", "名单"
    CONDITION = "condition", "条件"


class AdmissionState(models.TextChoices):
    """What a community's gatekeeper said."""

    WAITING = "waiting", "待准入"
    APPROVED = "approved", "已准入"
    REFUSED = "refused", "不予准入"


class TargetState(models.TextChoices):
    """What became of one row of an item; the first five are rows that name nobody to ask."""

    MALFORMED = "malformed", "内容有误"
    UNKNOWN = "unknown", "查无此人"
    MISMATCH = "mismatch", "姓名与号码不符"
    AMBIGUOUS = "ambiguous", "对应多人"
    DOUBLED = "doubled", "重复"
    WAITING = "waiting", "待派"
    HELD = "held", "已有数据答复"
    ASKED = "asked", "已派任务"
    DONE = "done", "已办结"
    RETURNED = "returned", "已退回"
    EXPIRED = "expired", "已过期"
    WITHDRAWN = "withdrawn", "已撤回"
    REFUSED = "refused", "社区未准入"


NOBODY = (
    TargetState.MALFORMED,
    TargetState.UNKNOWN,
    TargetState.MISMATCH,
    TargetState.AMBIGUOUS,
    TargetState.DOUBLED,
)
"""States of rows that name nobody to ask."""

ANSWERED = (TargetState.HELD, TargetState.DONE)
"""States in which the department gets values."""


class WorkItem(models.Model):
    """A work item of a department (部门事项).

    ``ref`` is the department's own number, by which a repeated request is told; ``asks`` is what a task of
    it asks (:mod:`governance.contract.asks`); ``title`` names no person.
    """

    id = IdField("编号", primary_key=True, default=uuid7, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="items", verbose_name="部门")
    ref = models.CharField("部门文号", max_length=40, help_text="部门自己的编号，同一部门内不重复")
    title = models.CharField("事项名称", max_length=100, help_text="不含个人信息，网格员在任务清单里看到")
    text = models.CharField("办理说明", max_length=300, help_text="网格员上门时看到")
    purpose = models.CharField("用途", max_length=200)
    legal_basis = models.CharField("法律依据", max_length=300)
    subject_kind = models.CharField(
        "对象种类", max_length=30, choices=[("person", "人员"), ("household", "户")], default="person"
    )
    area = models.CharField("区划或网格编码的前几位", max_length=15)
    chosen = models.CharField("对象来源", max_length=10, choices=Chosen, default=Chosen.LIST)
    condition = models.JSONField("条件", null=True, blank=True)
    asks = models.CharField("需填报与收取", max_length=500)
    opens_on = models.DateField("开始日期")
    due_on = models.DateField("办理期限")
    expires_on = models.DateField("失效日期")
    priority = models.CharField(
        "优先级", max_length=1, choices=[("1", "一般"), ("2", "优先"), ("3", "紧急")], default="1"
    )
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.DRAFT)
    created_at = models.DateTimeField("创建时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="创建人"
    )
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_reason = models.CharField("结束原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "部门事项"
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "ref"],
                name="item_ref",
                violation_error_message="该部门已有这个文号的事项",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("due_on")) & Q(due_on__lte=F("expires_on")),
                name="item_days",
                violation_error_message="开始日期、办理期限、失效日期应依次不早于前者",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.title}"


class Admission(models.Model):
    """A community's answer to an item (社区准入): does the gatekeeper let it in, and how."""

    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="admissions", verbose_name="部门事项")
    community = models.CharField("社区", max_length=12)
    state = models.CharField("准入", max_length=10, choices=AdmissionState, default=AdmissionState.WAITING)
    merged = models.BooleanField("并入已安排的走访", default=False)
    reason = models.CharField("意见", max_length=200, blank=True, default="")
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="审核人"
    )
    carried_at = models.DateTimeField("派发完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门事项准入"
        ordering = ("-item__created_at", "community")
        constraints = [models.UniqueConstraint(fields=["item", "community"], name="admission_once")]
        indexes = [models.Index(fields=["state", "community"], name="admission_state")]

    def __str__(self) -> str:
        return f"{self.item}"


class Target(models.Model):
    """One row of an item (对象): whom it concerns and what became of it.

    ``key`` is the department's own name of the row. Numbers and names that a list was uploaded with are
    looked up and not kept.
    """

    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="targets", verbose_name="部门事项")
    row = models.PositiveIntegerField("行")
    key = models.CharField("部门行标识", max_length=64)
    subject = models.CharField("对象编号", max_length=36, blank=True, default="")
    household = models.CharField("所在户", max_length=36, blank=True, default="")
    grid = models.CharField("网格", max_length=15, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=TargetState)
    outcome = models.CharField("办理结果", max_length=10, blank=True, default="")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门事项对象"
        ordering = ("item", "row")
        constraints = [
            models.UniqueConstraint(fields=["item", "key"], name="target_key"),
            models.UniqueConstraint(
                fields=["item", "subject"], condition=~Q(subject=""), name="target_subject"
            ),
        ]
        indexes = [
            models.Index(fields=["item", "row"], name="target_row"),
            models.Index(fields=["subject", "state"], name="target_subject_state"),
            models.Index(fields=["item", "state", "grid"], name="target_state"),
            models.Index(fields=["grid", "state"], name="target_grid"),
        ]

    def __str__(self) -> str:
        return f"第{self.row}行"
