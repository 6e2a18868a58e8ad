"""Keys of systems outside (外部系统密钥)."""

from django.conf import settings
from django.db import models


class OutsideKey(models.Model):
    """What a system outside names itself with. It is shown once; only its SHA-256 (hex) is kept."""

    name = models.CharField("名称", max_length=100, blank=True, help_text="用在哪个系统")
    key_hash = models.CharField("密钥摘要", max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("发放时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="发放人"
    )
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name or f"密钥{self.pk}"
