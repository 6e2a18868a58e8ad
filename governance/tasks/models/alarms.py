"""Alarms from outside (外部告警): their sources and keys, the call devices they name, each alarm once."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from governance.access.models import OutsideKey
from governance.contract import uuid7
from governance.feed.columns import IdField


class SourceKind(models.TextChoices):
    """What kind of system calls."""

    BUTTON = "button", "居家呼叫器"
    SENSOR = "sensor", "传感器"
    HOTLINE = "hotline", "12345热线"
    OTHER = "other", "其他"


class Makes(models.TextChoices):
    """What an alarm becomes."""

    TASK = "task", "紧急任务"
    EVENT = "event", "事件"


class AlarmSource(models.Model):
    """A system that sends alarms (告警来源). ``title`` and ``text`` are fixed words and name no person."""

    code = models.CharField(
        "来源编号",
        max_length=20,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "只能用小写字母、数字和下划线，以字母开头")],
    )
    name = models.CharField("名称", max_length=50)
    kind = models.CharField("类别", max_length=10, choices=SourceKind)
    makes = models.CharField("生成", max_length=5, choices=Makes, default=Makes.TASK)
    title = models.CharField("任务或事件名称", max_length=50, help_text="不含个人信息，如：居家呼叫器告警")
    text = models.CharField("处置说明", max_length=200, help_text="网格员收到时看到")
    event_category = models.CharField(
        "事件类别", max_length=4, blank=True, default="", help_text="生成事件时必填，代码表 event_category"
    )
    area = models.CharField("服务区域（区划编码的前几位）", max_length=15, default="4205")
    joins_minutes = models.PositiveSmallIntegerField(
        "重复告警合并（分钟）",
        default=10,
        validators=[MaxValueValidator(1440)],
        help_text="这段时间内同一对象再次告警，并入尚未办结的任务；0为不合并",
    )
    accept_minutes = models.PositiveSmallIntegerField(
        "应答时限（分钟）",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="超过无人接受，转社区网格管理站；再过同样时间，转街道网格管理中心",
    )
    per_minute = models.PositiveIntegerField(
        "每分钟上限", default=600, validators=[MinValueValidator(1), MaxValueValidator(60_000)]
    )
    enabled = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "告警来源"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class AlarmKey(OutsideKey):
    """A key of a source (告警来源密钥)."""

    source = models.ForeignKey(AlarmSource, models.PROTECT, related_name="keys", verbose_name="告警来源")

    class Meta(OutsideKey.Meta):
        verbose_name = verbose_name_plural = "告警来源密钥"


class CallDevice(models.Model):
    """A call button or sensor and where it stands (呼叫设备): in whose home, or in which room or place."""

    source = models.ForeignKey(AlarmSource, models.PROTECT, related_name="devices", verbose_name="告警来源")
    number = models.CharField("设备编号", max_length=64)
    subject_kind = models.CharField(
        "装给", max_length=30, choices=[("person", "人员"), ("household", "户")], default="person"
    )
    subject = models.CharField("对象编号", max_length=36)
    grid = models.CharField("网格", max_length=15, editable=False)
    bound_at = models.DateTimeField("登记时间", editable=False)
    bound_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="登记人",
    )
    removed_at = models.DateTimeField("拆除时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "呼叫设备"
        ordering = ("source", "number")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"],
                condition=models.Q(removed_at=None),
                name="call_device_once",
                violation_error_message="这台设备已登记在另一处，请先拆除",
            )
        ]

    def __str__(self) -> str:
        return self.number


class AlarmState(models.TextChoices):
    """What became of an alarm."""

    PLACED = "placed", "已派发"
    JOINED = "joined", "已并入"
    UNPLACED = "unplaced", "待定位"
    DISMISSED = "dismissed", "不予处置"


class Alarm(models.Model):
    """One alarm (外部告警), once for each number of its source.

    ``digest`` tells a repetition from another alarm under the same number; ``said`` is what the caller
    wrote, kept only where nobody could be sent yet.
    """

    id = IdField("编号", primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(AlarmSource, models.PROTECT, related_name="alarms", verbose_name="告警来源")
    number = models.CharField("对方编号", max_length=64)
    digest = models.CharField("内容摘要", max_length=64, editable=False)
    state = models.CharField("状态", max_length=10, choices=AlarmState)
    raised_at = models.DateTimeField("告警时间")
    received_at = models.DateTimeField("收到时间")
    subject_kind = models.CharField("对象种类", max_length=30, blank=True, default="")
    subject = models.CharField("对象编号", max_length=36, blank=True, default="")
    grid = models.CharField("网格", max_length=15, blank=True, default="")
    record_kind = models.CharField("生成", max_length=5, choices=Makes, blank=True, default="")
    record = IdField("任务或事件", null=True, blank=True)
    said = models.JSONField("待定位内容", null=True, blank=True)
    settled_at = models.DateTimeField("定位或处置时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="处理人"
    )
    settled_reason = models.CharField("处理说明", max_length=200, blank=True, default="")
    climbed = models.PositiveSmallIntegerField("升级次数", default=0, editable=False)
    climbed_at = models.DateTimeField("升级时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "外部告警"
        ordering = ("-received_at", "-id")
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="alarm_once")]
        indexes = [
            models.Index(fields=["state", "received_at"], name="alarm_state"),
            models.Index(fields=["source", "subject", "received_at"], name="alarm_subject"),
            models.Index(fields=["grid", "received_at"], name="alarm_grid"),
            models.Index(fields=["record"], name="alarm_record"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"
