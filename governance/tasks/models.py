"""Tasks 任务 and visits 走访."""

from django.db import models

from governance.records.models import Record, contract_model


@contract_model("task")
class Task(Record):
    """A task on a tablet 任务; one for each occasion, whatever is run again."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["occasion"], name="task_occasion")]
        indexes = [models.Index(fields=["subject"], name="task_subject")]


@contract_model("visit")
class Visit(Record):
    """A visit that took place 走访记录."""
