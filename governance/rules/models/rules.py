"""Rules and their versions (规则、规则版本): what a rule says from when to when, and who decided it."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from governance.rules.grammar import Body
from governance.rules.notation import body_read


class VersionState(models.TextChoices):
    """What has been decided about a version."""

    DRAFT = "draft", "草稿"
    PROPOSED = "proposed", "待同意"
    ACTIVE = "active", "生效"
    RETIRED = "retired", "废止"


class Rule(models.Model):
    """A rule (规则): its code begins the key of every occasion it finds, so it never changes.

    ``confirmed`` says whether the city has confirmed its numbers; ``enabled`` switches all its versions.
    """

    code = models.CharField(
        "规则编号",
        max_length=40,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "只能用小写字母、数字和下划线，以字母开头")],
    )
    name = models.CharField("规则名称", max_length=100)
    source = models.CharField("依据", max_length=200, blank=True, default="")
    confirmed = models.BooleanField("已由本市确认", default=False)
    enabled = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """A version of a rule (规则版本): in force on a day within its validity, if active.

    ``content`` is the JSON of :class:`governance.rules.grammar.Body`. A version in force is never edited:
    a change is a new version, whose coming into force ends the one before it. Of one rule no two active
    versions hold on the same day.
    """

    rule = models.ForeignKey(Rule, verbose_name="规则", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本号")
    state = models.CharField("状态", max_length=8, choices=VersionState, default=VersionState.DRAFT)
    content = models.JSONField("内容")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)
    note = models.CharField("修改说明", max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="起草人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField("起草时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="同意人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("同意时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则版本"
        ordering = ("rule", "-number")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="rule_version_validity",
                violation_error_message="截止日期不能早于生效日期",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} 第{self.number}版"

    @cached_property
    def body(self) -> Body:
        """The content, read.

        Raises
        ------
        GrammarError
            Where the stored JSON is no rule.
        """
        return body_read(self.content)
