"""Counters of requests within a window of time (限流)."""

from django.db import models


class Throttle(models.Model):
    """How often ``key`` was used in the window that began at ``began`` (Unix seconds)."""

    key = models.CharField("对象", max_length=200, primary_key=True)
    began = models.BigIntegerField("窗口起点")
    hits = models.PositiveIntegerField("次数")

    class Meta:
        verbose_name = "限流计数"
        verbose_name_plural = "限流计数"

    def __str__(self) -> str:
        return self.key
