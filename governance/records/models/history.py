"""What happened to records: applied changes, changes not applied, values under review."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.contract import KINDS
from governance.feed.columns import IdField


class Trail(models.Model):
    """Who offered a change, with what, when and from where; its id is the change's."""

    change = IdField("变更", primary_key=True)
    kind = models.CharField("种类", max_length=32)
    record = IdField("记录")
    status = models.CharField("结果", max_length=10)
    version = models.BigIntegerField("版本", null=True)
    base = models.BigIntegerField("依据版本", null=True)
    errors = models.JSONField("说明", default=list)
    whole = models.BooleanField("附记录", default=False, help_text="回复中附有整条记录")
    source = models.CharField("来源", max_length=16)
    user = models.BigIntegerField("用户", null=True)
    device = IdField("终端", null=True)
    captured_at = models.CharField("现场时间", max_length=40, null=True)  # noqa: DJ001 - evidence, kept as sent
    position = models.JSONField("现场位置", null=True)
    at = models.DateTimeField("收到时间")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{_label(self.kind)} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class History(Trail):
    """An applied change (变更历史): the fields it set, and what they were before."""

    grid = models.CharField("网格", max_length=15)
    set = models.JSONField("改为", default=dict)
    before = models.JSONField("原为", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "变更历史"
        indexes = [models.Index(fields=["record", "version"], name="history_record")]


class Inbox(Trail):
    """A change of which nothing was applied (收件箱): refused, contested whole, or already so.

    Kept whole, so that nothing a worker ever sent is lost and a repeat gets the same answer. ``grid`` is
    where the record lies or would lie, empty where that cannot be said; ``taken`` says what staff decided.
    """

    offered = models.JSONField("内容", default=dict)
    delete = models.BooleanField("作废", default=False)  # type: ignore[assignment]  # as on the wire
    grid = models.CharField("网格", max_length=15, default="", blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="处理人", null=True, blank=True, on_delete=models.PROTECT
    )
    taken = models.BooleanField("已采纳", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "收件箱（未采纳）"
        indexes = [
            models.Index(fields=["device", "at"], name="inbox_device"),
            models.Index(fields=["grid", "at"], name="inbox_grid"),
            models.Index(fields=["record"], name="inbox_record"),
        ]


class Contested(models.Model):
    """An offered value under review (待核值): the held one stands until someone settles it."""

    change = IdField("变更")
    kind = models.CharField("种类", max_length=32)
    record = IdField("记录")
    grid = models.CharField("网格", max_length=15, db_index=True)
    field = models.CharField("数据项", max_length=64)
    offered = models.JSONField("报来值", null=True)
    held = models.JSONField("现有值", null=True)
    reason = models.CharField("原因", max_length=8)
    source = models.CharField("来源", max_length=16)
    user = models.BigIntegerField("用户", null=True)
    at = models.DateTimeField("时间")
    settled_at = models.DateTimeField("核定时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="核定人", null=True, blank=True, on_delete=models.PROTECT
    )
    accepted = models.BooleanField("采纳报来值", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待核值"
        constraints = [models.UniqueConstraint(fields=["change", "field"], name="contested_change_field")]
        indexes = [
            models.Index(fields=["record"], name="contested_record"),
            models.Index(fields=["kind"], condition=models.Q(settled_at=None), name="contested_waiting"),
        ]

    def __str__(self) -> str:
        item = KINDS[self.kind].by_name.get(self.field) if self.kind in KINDS else None
        return f"{_label(self.kind)}“{item.label if item else self.field}”"


def _label(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else kind
