"""Rules as data (规则): an administrator changes their days, never the code."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

YEAR = 364
"""Days within which all days of one milestone lie, so that nobody a year past it is found."""

_DAYS = (MinValueValidator(-YEAR), MaxValueValidator(YEAR))


class Condition(models.TextChoices):
    """What a rule looks for."""

    AGE = "age", "年满岁数"
    BORN = "born", "出生"


class Priority(models.TextChoices):
    """Codes of list ``priority``."""

    NORMAL = "1", "一般"
    FIRST = "2", "优先"
    URGENT = "3", "紧急"


class LifeEvent(models.Model):
    """A life-event rule (人生事项规则): people for whom a service falls due on a day.

    The three numbers of days count from the day the age is reached or the person was born, negative ones
    before it. A person is found from ``opens_days`` to ``expires_days``; whoever is past it is not.
    """

    code = models.CharField(
        "规则编号",
        max_length=40,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "只能用小写字母、数字和下划线，以字母开头")],
    )
    title = models.CharField("任务名称", max_length=100, help_text="不含个人信息")
    item = models.CharField("事项", max_length=50)
    subject_kind = models.CharField("对象种类", max_length=30, choices=[("person", "人员")], default="person")
    condition = models.CharField("条件", max_length=10, choices=Condition)
    years = models.PositiveSmallIntegerField("周岁", default=0, validators=[MaxValueValidator(150)])
    opens_days = models.SmallIntegerField("开始（天）", validators=_DAYS, help_text="负数为提前")
    due_days = models.SmallIntegerField("办理期限（天）", validators=_DAYS)
    expires_days = models.SmallIntegerField("失效（天）", validators=_DAYS)
    priority = models.CharField("优先级", max_length=1, choices=Priority, default=Priority.NORMAL)
    text = models.TextField("办理说明", max_length=300)
    source = models.CharField("依据", max_length=200, blank=True, default="")
    confirmed = models.BooleanField("已由本市确认", default=False)
    enabled = models.BooleanField("启用", default=True)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人生事项规则"
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_days__lte=F("due_days")) & Q(due_days__lte=F("expires_days")),
                name="life_event_days",
                violation_error_message="开始、办理期限、失效的天数应依次不减",
            ),
            models.CheckConstraint(
                condition=Q(condition=Condition.BORN, years=0) | Q(condition=Condition.AGE, years__gt=0),
                name="life_event_years",
                violation_error_message="“年满岁数”须填写周岁，“出生”的周岁为0",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="life_event_validity",
                violation_error_message="截止日期不能早于生效日期",
            ),
        ]

    def __str__(self) -> str:
        return self.title
