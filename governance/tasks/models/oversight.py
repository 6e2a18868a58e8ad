"""Supervision (督导): facts of each visit, and what they make people ask."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from governance.feed.columns import IdField


class OversightRule(models.Model):
    """From when a visit raises a question (走访疑问设置); one row, edited by administrators."""

    burst_visits = models.PositiveSmallIntegerField(
        "短时走访户数", default=12, validators=[MinValueValidator(2), MaxValueValidator(500)]
    )
    burst_minutes = models.PositiveSmallIntegerField(
        "短时（分钟）", default=10, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    same_second = models.PositiveSmallIntegerField(
        "同一秒走访户数", default=2, validators=[MinValueValidator(2), MaxValueValidator(100)]
    )
    far_metres = models.PositiveIntegerField(
        "离门口多远（米）", default=500, validators=[MinValueValidator(50), MaxValueValidator(100_000)]
    )
    ask = models.BooleanField("自动请网格员说明", default=True)
    answer_days = models.PositiveSmallIntegerField(
        "说明期限（天）", default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )

    class Meta:
        verbose_name = verbose_name_plural = "走访疑问设置"
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return "走访疑问设置"


class VisitFact(models.Model):
    """What is known of how somebody came to a door (走访留痕): who recorded it, when, how far from there.

    ``visit`` is the visit's id, or of a task whose result was reported there the task's. ``away`` is the
    distance in metres from the door to where the tablet said it was, less what its fix may be off by; None
    where either is not known.
    """

    visit = IdField("走访记录", primary_key=True)
    grid = models.CharField("网格", max_length=15)
    household = IdField("户")
    task = models.ForeignKey(
        "tasks.Task",
        models.DO_NOTHING,
        null=True,
        db_column="task",
        db_constraint=False,
        related_name="+",
        verbose_name="任务",
    )
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, verbose_name="网格员"
    )
    visited_at = models.DateTimeField("走访时间")
    day = models.DateField("走访日期")
    away = models.PositiveIntegerField("离门口（米）", null=True)
    met = models.BooleanField("见到人", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访留痕"
        default_permissions = ()
        indexes = [
            models.Index(fields=["worker", "day"], name="visit_fact_worker"),
            models.Index(fields=["day", "grid"], name="visit_fact_day"),
            models.Index(fields=["grid", "day"], name="visit_fact_grid"),
        ]

    def __str__(self) -> str:
        return f"{self.visit}"


class Question(models.Model):
    """Something about a worker's visits of a day that asks for an explanation (走访疑问).

    It is a question and never a verdict: the worker answers first, then staff say whether it is explained.
    """

    class Sign(models.TextChoices):
        """What was seen."""

        BURST = "burst", "短时间内走访多户"
        SECOND = "second", "多户走访时间相同"
        FAR = "far", "记录位置离门口较远"

    class State(models.TextChoices):
        """How far it is answered."""

        OPEN = "open", "待说明"
        ANSWERED = "answered", "已说明"
        EXPLAINED = "explained", "说明成立"
        FOLLOWED = "followed", "已当面了解"
        LAPSED = "lapsed", "记录已更正"

    key = models.CharField("编号", max_length=80, unique=True)
    sign = models.CharField("现象", max_length=6, choices=Sign)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="网格员"
    )
    grid = models.CharField("网格", max_length=15)
    day = models.DateField("走访日期")
    visits = models.JSONField("走访记录", default=list)
    count = models.PositiveIntegerField("走访户数")
    detail = models.CharField("情况", max_length=200)
    state = models.CharField("状态", max_length=9, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField("提出时间")
    answer = models.CharField("网格员说明", max_length=500, blank=True, default="")
    answered_at = models.DateTimeField("说明时间", null=True, blank=True)
    review = models.CharField("了解情况", max_length=500, blank=True, default="")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="了解人",
    )
    reviewed_at = models.DateTimeField("了解时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访疑问"
        ordering = ("-day", "grid", "id")
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["state", "grid"], name="question_open")]

    def __str__(self) -> str:
        return f"{self.get_sign_display()} {self.day}"
