"""Commands on what was changed here: outbox, retry, dismiss."""

from argparse import Namespace
from dataclasses import asdict

from field_app.cli import output
from field_app.work.desk import Desk


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
