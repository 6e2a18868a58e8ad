"""Doing a parsed command: open the folder, unlock, run, close."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from field_app.cli import carrying, casework, changes, device, duties, listening, output, photos, registry
from field_app.errors import TabletError
from field_app.wiring import session_open
from field_app.work.desk import Desk
from field_app.work.errors import Refused
from field_app.work.session import Session

REFUSED, USAGE = 1, 2

_ON_SESSION: dict[str, Callable[[Session, Namespace], int]] = {
    "enrol": device.enrol_run,
    "status": device.status_run,
    "sync": device.sync_run,
    "listen": listening.listen_run,
    "pin": device.pin_run,
    "photo": photos.photo_run,
    "export": carrying.export_run,
    "hand-in": carrying.hand_in_run,
    "receipt": carrying.receipt_run,
}
_ON_DESK: dict[str, Callable[[Desk, Namespace], int]] = {
    "list": registry.list_run,
    "show": registry.show_run,
    "find": registry.find_run,
    "save": registry.save_run,
    "close": registry.close_run,
    "delete": registry.delete_run,
    "codes": registry.codes_run,
    "fields": registry.fields_run,
    "tasks": duties.tasks_run,
    "task": duties.task_run,
    "route": duties.route_run,
    "services": casework.services_run,
    "cases": casework.cases_run,
    "case": casework.case_run,
    "outbox": changes.outbox_run,
    "retry": changes.retry_run,
    "dismiss": changes.dismiss_run,
}


def run(folder: Path, arguments: Namespace) -> int:
    """Run one command on a data folder; gives the exit code."""
    try:
        return _run(folder, arguments)
    except device.UsageError as error:
        output.say(str(error))
        return USAGE
    except Refused as error:
        output.problems_say(error.problems)
        return REFUSED
    except TabletError as error:
        output.say(str(error))
        return REFUSED


def _run(folder: Path, arguments: Namespace) -> int:
    session = session_open(folder, searching=False)
    try:
        if arguments.command in _ON_SESSION:
            return _ON_SESSION[arguments.command](session, arguments)
        device.unlock(session, arguments)
        return _ON_DESK[arguments.command](session.desk, arguments)
    finally:
        session.close()
