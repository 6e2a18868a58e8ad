"""The audit (审计): what was read or changed, by whom, whose datum, for which purpose.

Rows are only ever added, by :func:`governance.audit.services.audit_append`; triggers in the
database refuse everything else (:mod:`governance.audit.triggers`).
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AuditEntry(models.Model):
    """One link of a chain (审计记录). Its columns keep plain values and no foreign keys.

    ``hash`` is the SHA-256 over ``previous`` and the canonical JSON of all other columns but ``id``.
    """

    id = models.BigAutoField("编号", primary_key=True)
    chain = models.CharField("链", max_length=160)
    seq = models.BigIntegerField("链内序号")
    at = models.DateTimeField("时间", db_index=True)
    actor_id = models.BigIntegerField("账号编号", null=True)
    username = models.CharField("账号", max_length=150)
    device_id = models.UUIDField("终端", null=True)
    source = models.CharField("身份", max_length=20)
    action = models.CharField("操作", max_length=60)
    kind = models.CharField("数据种类", max_length=30, blank=True)
    subject = models.UUIDField("对象", null=True, db_index=True)
    subjects = models.JSONField("批量对象", default=list)
    scope = models.CharField("网格或区划", max_length=15, blank=True)
    count = models.PositiveIntegerField("条数", default=0)
    purpose = models.CharField("目的", max_length=200, blank=True)
    address = models.CharField("来源地址", max_length=64, blank=True)
    detail = models.JSONField("详情", default=dict, encoder=DjangoJSONEncoder)
    previous = models.CharField("前一摘要", max_length=64)
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        default_permissions = ("view",)
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_chain_seq")]
        indexes = [
            models.Index(fields=["username", "at"], name="audit_username"),
            models.Index(fields=["scope", "at"], name="audit_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq} {self.action}"


class AuditHead(models.Model):
    """The last link of each chain (链头); its row is locked until the writer commits."""

    chain = models.CharField("链", max_length=160, primary_key=True)
    seq = models.BigIntegerField("链内序号")
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "链头"
        verbose_name_plural = "链头"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq}"
