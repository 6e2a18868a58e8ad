"""Tablets (终端) that may sync on behalf of a worker."""

from uuid import UUID

from django.conf import settings
from django.db import models

from governance.contract.ids import uuid7


def device_id() -> UUID:
    """Give the id of a new device."""
    return uuid7()


class Revocation(models.TextChoices):
    """Why a device is out of use: to be handed back (its unsent work is still wanted), or lost."""

    RETIRED = "retired", "停用·待交回"
    LOST = "lost", "挂失"


class Device(models.Model):
    """A tablet (终端) of one worker. The token is shown once; only its SHA-256 (hex) is kept.

    ``push_until`` is set for a retired device: until then it may hand in unsent work, and nothing else.
    """

    id = models.UUIDField("编号", primary_key=True, default=device_id, editable=False)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="devices", verbose_name="使用人"
    )
    name = models.CharField("终端名称", max_length=100)
    token_hash = models.CharField("令牌摘要", max_length=64, unique=True, editable=False)
    enrolled_at = models.DateTimeField("登记时间")
    last_seen_at = models.DateTimeField("最近联系", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    revoked_as = models.CharField("停用方式", max_length=8, choices=Revocation, default="", blank=True)
    push_until = models.DateTimeField("可补传至", null=True, blank=True)

    class Meta:
        verbose_name = "终端"
        verbose_name_plural = "终端"
        ordering = ("-enrolled_at",)

    def __str__(self) -> str:
        return self.name
