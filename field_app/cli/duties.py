"""Commands on tasks and on what was changed: tasks, done, outbox, retry, dismiss."""

from argparse import Namespace
from dataclasses import asdict

from field_app.cli import output
from field_app.work.desk import Desk
from field_app.work.tasks import TaskRow


def tasks_run(desk: Desk, arguments: Namespace) -> int:
    """Print the tasks."""
    rows: tuple[TaskRow, ...] = ()
    if arguments.state in ("open", "all"):
        rows += desk.tasks.rows()
    if arguments.state in ("done", "all"):
        rows += desk.tasks.rows(done=True)
    for row in rows:
        values = desk.records.view(row.id).values
        more = {name: values.get(name) for name in ("item", "subject_kind", "subject", "household")}
        done = {name: values.get(name) for name in ("state", "outcome", "outcome_note", "done_at")}
        output.document(
            {"id": row.id, "title": row.title, "about": row.subject, "due": row.due or None}
            | {"when": row.when.value, "urgent": row.urgent, "sync": row.state.value}
            | more
            | done
        )
    return 0


def done_run(desk: Desk, arguments: Namespace) -> int:
    """Report a task's outcome."""
    saved = desk.tasks.finish(arguments.id, outcome=arguments.outcome, note=arguments.note)
    output.document(output.saved_json(saved))
    return 0


def outbox_run(desk: Desk, arguments: Namespace) -> int:
    """Print the changes and where they stand."""
    for row in desk.outbox.rows(settled=arguments.all):
        output.document(asdict(row) | {"state": row.state.value})
    return 0


def retry_run(desk: Desk, arguments: Namespace) -> int:
    """Offer a refused change again."""
    output.document(output.saved_json(desk.outbox.retry(arguments.change)))
    return 0


def dismiss_run(desk: Desk, arguments: Namespace) -> int:
    """Put a refused or contested change aside."""
    desk.outbox.dismiss(arguments.change)
    output.document({"change": arguments.change, "dismissed": True})
    return 0
