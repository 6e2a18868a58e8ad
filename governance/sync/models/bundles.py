"""Tablets' public keys, and the bundles taken from them."""

from django.db import models

from governance.access.models import Device


class DeviceKeys(models.Model):
    """A tablet's public keys (终端公钥), 32 bytes each; one pair for good."""

    device = models.OneToOneField(
        Device, models.PROTECT, primary_key=True, related_name="keys", verbose_name="终端"
    )
    sign = models.BinaryField("签名公钥（Ed25519）", max_length=32)
    receipt = models.BinaryField("回执公钥（X25519）", max_length=32)
    registered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "终端公钥"

    def __str__(self) -> str:
        return str(self.pk)


class BundlePart(models.Model):
    """A bundle's file (数据包) that was handed in and applied."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="bundles", verbose_name="终端")
    bundle = models.UUIDField("数据包")
    counter = models.BigIntegerField("序号")
    part = models.PositiveIntegerField("第几份")
    parts = models.PositiveIntegerField("共几份")
    changes = models.PositiveIntegerField("条数")
    first_at = models.DateTimeField("首次收到")
    last_at = models.DateTimeField("最近收到")

    class Meta:
        verbose_name = verbose_name_plural = "数据包"
        constraints = [
            models.UniqueConstraint(fields=["device", "bundle", "part"], name="bundle_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bundle} {self.part}/{self.parts}"
