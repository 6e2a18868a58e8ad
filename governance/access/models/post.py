"""Which worker works which grid, from when to when (岗位)."""

from django.conf import settings
from django.db import models


class PostKind(models.TextChoices):
    """Whether the post is the worker's own (主责) or he stands in for another (代班)."""

    MAIN = "main", "主责"
    STAND_IN = "stand_in", "代班"


class Post(models.Model):
    """A worker's post at a grid (岗位); both days are Asia/Shanghai days and belong to it.

    ``grid`` is the fifteen-digit grid code. At any day a grid has at most one main worker.
    """

    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name="网格员"
    )
    grid = models.CharField("网格编码", max_length=15)
    kind = models.CharField("类别", max_length=10, choices=PostKind, default=PostKind.MAIN)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = "岗位"
        verbose_name_plural = "岗位"
        ordering = ("grid", "-starts_on")
        indexes = [
            models.Index(fields=["grid", "starts_on"], name="post_grid"),
            models.Index(fields=["worker", "starts_on"], name="post_worker"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="post_ends_after_start",
                violation_error_message="截止日期不能早于起始日期",
            ),
            models.UniqueConstraint(
                fields=["grid"],
                condition=models.Q(kind="main", ends_on__isnull=True),
                name="post_one_main",
                violation_error_message="该网格已有主责网格员",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} {self.get_kind_display()} {self.starts_on}"
