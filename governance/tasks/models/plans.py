"""Visit plans of care registers (走访计划): intervals as data, and who hears of what went wrong."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from governance.contract import KINDS
from governance.feed.columns import IdField

REGISTERS: dict[str, str] = {
    kind.name: kind.label for kind in KINDS.values() if kind.right and "next_visit_on" in kind.by_name
}
"""Care registers whose people are visited by plan → Chinese name."""

_DAYS = (MinValueValidator(0), MaxValueValidator(365))


class Unit(models.TextChoices):
    """What an interval is counted in."""

    DAY = "day", "天"
    WEEK = "week", "周"
    MONTH = "month", "个月"


class PlanLevel(models.Model):
    """How often whoever is at a level is visited (走访等级); of several that fit the shortest holds."""

    register = models.CharField(
        "名册",
        max_length=30,
        blank=True,
        default="",
        help_text="不填则适用于全部名册",
    )
    field = models.CharField(
        "等级数据项", max_length=50, blank=True, default="", help_text="如 care_level；不填则适用于全体"
    )
    value = models.CharField("等级代码", max_length=20, blank=True, default="")
    every = models.PositiveSmallIntegerField(
        "走访间隔", validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    unit = models.CharField("间隔单位", max_length=5, choices=Unit, default=Unit.MONTH)
    first_days = models.PositiveSmallIntegerField(
        "首次走访（天内）", validators=_DAYS, help_text="新列入名册或等级变更后多少天内须走访"
    )
    opens_days = models.PositiveSmallIntegerField("提前提示（天）", validators=_DAYS, default=7)
    community_days = models.PositiveSmallIntegerField(
        "逾期报社区（天）", validators=_DAYS, help_text="逾期多少天后提醒社区"
    )
    street_days = models.PositiveSmallIntegerField(
        "逾期报街道（天）", validators=_DAYS, help_text="逾期多少天后提醒街道"
    )
    priority = models.CharField(
        "优先级", max_length=1, choices=[("1", "一般"), ("2", "优先"), ("3", "紧急")], default="1"
    )
    workdays = models.BooleanField(
        "避开休息日", default=False, help_text="到期日逢休息日（按工作日历）的，提前到前一个工作日"
    )
    source = models.CharField("依据", max_length=200, blank=True, default="")
    confirmed = models.BooleanField("已由本市确认", default=False)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访等级"
        ordering = ("register", "field", "value", "valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=["register", "field", "value", "valid_from"],
                name="plan_level_once",
                violation_error_message="同一名册、等级和生效日期已有一行",
            ),
            models.CheckConstraint(
                condition=Q(field="", value="") | (~Q(field="") & ~Q(value="")),
                name="plan_level_value",
                violation_error_message="等级数据项与等级代码应一起填写",
            ),
            models.CheckConstraint(
                condition=Q(street_days__gte=F("community_days")),
                name="plan_level_days",
                violation_error_message="报街道的天数不能少于报社区的天数",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="plan_level_validity",
                violation_error_message="截止日期不能早于生效日期",
            ),
        ]

    def __str__(self) -> str:
        who = REGISTERS.get(self.register, "全部名册")
        at = f"{self.field}={self.value}" if self.field else "全体"
        return f"{who} {at}：每{self.every}{Unit(self.unit).label}"


class PlanRun(models.Model):
    """How far the plans were gone through on a day (每日走访计划).

    ``mark`` tells the levels it was done with: when they change, the day is gone through again.
    """

    day = models.DateField("日期", primary_key=True)
    mark = models.CharField("等级摘要", max_length=16)
    prefix = models.CharField("已完成至", max_length=15, blank=True, default="")
    changed = models.PositiveIntegerField("变动数", default=0)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "每日走访计划"
        ordering = ("-day",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.day}"


class Escalation(models.Model):
    """Something about visits that those above the worker are told of (走访上报).

    A planned visit that nobody made (``missed``) names its register and is seen with that register's right
    only; danger seen on a visit (``danger``) names none, so that the centre hears of it at once.
    """

    class Cause(models.TextChoices):
        """What happened."""

        MISSED = "missed", "逾期未走访"
        DANGER = "danger", "走访发现险情"

    class Level(models.IntegerChoices):
        """Who has been told; never less than before."""

        COMMUNITY = 1, "社区"
        STREET = 2, "街道"
        CENTRE = 3, "综治中心"

    class State(models.TextChoices):
        """What became of it; only the first is open."""

        OPEN = "open", "待处理"
        ANSWERED = "answered", "已处理"
        VISITED = "visited", "已走访"
        LAPSED = "lapsed", "不再需要"

    key = models.CharField("事由", max_length=120, unique=True)
    cause = models.CharField("原因", max_length=6, choices=Cause)
    register = models.CharField("名册", max_length=30, blank=True, default="")
    record = IdField("名册记录", null=True)
    person = models.ForeignKey(
        "records.Person", models.PROTECT, null=True, related_name="+", verbose_name="人员"
    )
    household = models.ForeignKey("records.Household", models.PROTECT, related_name="+", verbose_name="户")
    grid = models.CharField("网格", max_length=15)
    visit = models.ForeignKey(
        "tasks.Visit", models.PROTECT, null=True, related_name="+", verbose_name="走访记录"
    )
    found = models.CharField("险情", max_length=20, blank=True, default="")
    due_on = models.DateField("应走访日期", null=True, blank=True)
    level = models.PositiveSmallIntegerField("上报至", choices=Level)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField("上报时间")
    level_at = models.DateTimeField("报至该级时间")
    answer = models.CharField("处理情况", max_length=500, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="处理人"
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访上报"
        ordering = ("-level", "raised_at", "id")
        default_permissions = ("view", "change")
        indexes = [
            models.Index(fields=["state", "grid"], name="escalation_open"),
            models.Index(fields=["record"], name="escalation_record"),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {timezone.localtime(self.raised_at):%Y-%m-%d}"
