"""Tasks 任务 and visits 走访."""

from django.db import models

from governance.records.models import Record, contract_model


@contract_model("task")
class Task(Record):
    """A task on a tablet 任务; one for each occasion, whatever is run again."""

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["occasion"], name="task_occasion")]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["subject"], name="task_subject"),
            models.Index(fields=["state", "grid", "due_on"], name="task_state"),
        ]


@contract_model("visit")
class Visit(Record):
    """A visit that took place 走访记录."""


class DayScan(models.Model):
    """How far the rules were run over the city on a day (每日扫描).

    ``mark`` tells the rules it was run with: when they change, the day is run again.
    """

    day = models.DateField("日期", primary_key=True)
    mark = models.CharField("规则摘要", max_length=16)
    prefix = models.CharField("已完成至", max_length=15, blank=True, default="")
    changed = models.PositiveIntegerField("任务变动数", default=0)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "每日扫描"
        ordering = ("-day",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.day}"
