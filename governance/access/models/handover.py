"""Which closed grids have passed their posts on (岗位交接)."""

from django.db import models


class Handover(models.Model):
    """A grid that the map closed and whose posts and area rights have been passed to its successors, once."""

    grid = models.CharField("原网格", max_length=15, primary_key=True)
    at = models.DateTimeField("交接时间")

    class Meta:
        verbose_name = verbose_name_plural = "岗位交接"

    def __str__(self) -> str:
        return self.grid
