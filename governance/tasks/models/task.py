"""Tasks 任务 and visits 走访."""

from django.db import models

from governance.contract.kinds.task_states import OPEN_STATES
from governance.contract.kinds.tasks import ANSWERED_BY
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
            models.Index(
                fields=["assignee"], condition=models.Q(assignee__isnull=False), name="task_assignee"
            ),
            models.Index(fields=["due_on"], name="task_due"),
            # What was done in some days, whenever it was due.
            models.Index(fields=["done_at"], condition=models.Q(state="done"), name="task_done"),
            # When a matter was last answered about somebody, which rules count from.
            models.Index(
                fields=["subject", "item", "done_at"],
                condition=models.Q(outcome__in=ANSWERED_BY, deleted=False),
                name="task_answered",
            ),
            # A rule's open tasks, which its findings are held against.
            models.Index(
                fields=["origin_ref", "occasion"],
                condition=models.Q(origin="rule", state__in=sorted(OPEN_STATES), deleted=False),
                name="task_of_rule",
            ),
            models.Index(
                fields=["expires_on"],
                condition=models.Q(state__in=sorted(OPEN_STATES), deleted=False),
                name="task_runs_out",
            ),
        ]


@contract_model("visit")
class Visit(Record):
    """A visit that took place 走访记录."""
