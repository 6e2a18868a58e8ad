"""What departments may pull (共享约定), and the keys they pull with."""

from django.db import models

from governance.access.models import Department, OutsideKey


class Agreement(models.Model):
    """An agreement (共享约定): which items of which kind a department gets, from where and what for.

    ``area`` is the first digits of the grids it covers; ``version`` counts its changes, and with another one
    a department begins anew.
    """

    department = models.ForeignKey(Department, models.PROTECT, related_name="agreements", verbose_name="部门")
    kind = models.CharField("数据种类", max_length=32)
    fields = models.JSONField("数据项", default=list)
    area = models.CharField("区划或网格编码的前几位", max_length=15)
    purpose = models.CharField("用途", max_length=200)
    legal_basis = models.TextField("法律依据", blank=True, default="")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)
    enabled = models.BooleanField("启用", default=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "共享约定"
        ordering = ("department", "kind")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "kind"],
                condition=models.Q(enabled=True),
                name="agreement_one_enabled",
                violation_error_message="该部门对这种数据已有启用的约定",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="agreement_validity",
                violation_error_message="截止日期不能早于生效日期",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.kind}"


class DepartmentKey(OutsideKey):
    """A key of a department's system (部门密钥)."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="keys", verbose_name="部门")

    class Meta(OutsideKey.Meta):
        verbose_name = verbose_name_plural = "部门密钥"
