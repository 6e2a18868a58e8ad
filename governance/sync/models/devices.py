"""How each tablet stands (终端状况), as seen by the hub and as it says itself; and when to tell of it."""

from django.db import models

from governance.access.models import Device


class DeviceState(models.Model):
    """How one tablet stands. Written at most once a minute, or when what it says has changed."""

    device = models.OneToOneField(
        Device, models.CASCADE, primary_key=True, related_name="state", verbose_name="终端"
    )
    protocol = models.PositiveSmallIntegerField("协议", null=True)
    program = models.CharField("程序版本", max_length=32, blank=True)
    pulled_at = models.DateTimeField("最近取回", null=True)
    pushed_at = models.DateTimeField("最近送出", null=True)
    cursor = models.TextField("取回到", blank=True)
    reported_at = models.DateTimeField("最近自报", null=True)
    unsent = models.PositiveBigIntegerField("未上传", null=True)
    oldest = models.DateField("最早未上传", null=True)
    files = models.PositiveBigIntegerField("待传文件", null=True)
    free = models.PositiveBigIntegerField("剩余存储（MiB）", null=True)
    used = models.PositiveBigIntegerField("占用存储（MiB）", null=True)
    skew = models.BigIntegerField("时钟偏差（秒）", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "终端状况"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.device_id)


class DeviceRule(models.Model):
    """From when a tablet is told of (终端告警设置): one row, changed by administrators."""

    silent_days = models.PositiveSmallIntegerField("几天不联系算失联", default=3)
    clock_minutes = models.PositiveSmallIntegerField("时钟差多少分钟算不准", default=10)

    class Meta:
        verbose_name = verbose_name_plural = "终端告警设置"
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.silent_days}天未联系、时钟差{self.clock_minutes}分钟"
