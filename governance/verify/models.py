"""What this room shows of values under review; they are kept by the room ``records``."""

from governance.records.models import Contested


class Difference(Contested):
    """A difference (数据差异): an offered value that waits for someone to settle it."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = "数据差异"
