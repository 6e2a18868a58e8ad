"""Tablets (终端) that may sync on behalf of a worker."""

from uuid import UUID

from django.conf import settings
from django.db import models

from governance.contract.ids import uuid7


def device_id() -> UUID:
    """Give the id of a new device."""
    return uuid7()


class Device(models.Model):
    """A tablet (终端) of one worker. The token is shown once; only its SHA-256 (hex) is kept."""

    id = models.UUIDField("编号", primary_key=True, default=device_id, editable=False)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="devices", verbose_name="使用人"
    )
    name = models.CharField("终端名称", max_length=100)
    token_hash = models.CharField("令牌摘要", max_length=64, unique=True, editable=False)
    enrolled_at = models.DateTimeField("登记时间")
    last_seen_at = models.DateTimeField("最近联系", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "终端"
        verbose_name_plural = "终端"
        ordering = ("-enrolled_at",)

    def __str__(self) -> str:
        return self.name
