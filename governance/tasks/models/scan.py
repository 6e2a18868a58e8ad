"""How far the rules were run on a day 每日扫描."""

from django.db import models


class DayScan(models.Model):
    """How far the rules were run over the city on a day (每日扫描).

    ``mark`` tells the rules it was run with: when they change, the day is run again. ``rule`` is the last
    one that is done.
    """

    day = models.DateField("日期", primary_key=True)
    mark = models.CharField("规则摘要", max_length=16)
    rule = models.CharField("已完成至规则", max_length=40, blank=True, default="")
    changed = models.PositiveIntegerField("任务变动数", default=0)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "每日扫描"
        ordering = ("-day",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.day}"
