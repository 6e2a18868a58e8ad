"""Running a command: open the folder, do it, say what went wrong in one line."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from field_app.cli import device, duties, output, registry
from field_app.cli.commands import data_default, parser_make
from field_app.errors import TabletError
from field_app.wiring import session_open
from field_app.work.desk import Desk
from field_app.work.errors import Refused
from field_app.work.session import Session

REFUSED, USAGE, INTERRUPTED = 1, 2, 130

_ON_SESSION: dict[str, Callable[[Session, Namespace], int]] = {
    "enrol": device.enrol_run,
    "status": device.status_run,
    "sync": device.sync_run,
    "pin": device.pin_run,
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
    "done": duties.done_run,
    "outbox": duties.outbox_run,
    "retry": duties.retry_run,
    "dismiss": duties.dismiss_run,
}


def main(argv: Sequence[str]) -> int:
    """Run one command, or the screens when none is given; gives the exit code."""
    if "FIELD_APP_TRACE" not in os.environ:
        sys.excepthook = _one_line
    arguments = parser_make().parse_args(argv)
    folder = arguments.data or data_default()
    try:
        if arguments.command is None:
            return _screens(folder)
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
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - whoever read has gone
        return REFUSED
    except KeyboardInterrupt:
        output.say("已中断；已存下的数据不受影响")
        return INTERRUPTED


def _run(folder: Path, arguments: Namespace) -> int:
    session = session_open(folder, searching=False)
    try:
        if arguments.command in _ON_SESSION:
            return _ON_SESSION[arguments.command](session, arguments)
        device.unlock(session, arguments)
        return _ON_DESK[arguments.command](session.desk, arguments)
    finally:
        session.close()


def _screens(folder: Path) -> int:
    # Kivy opens a window when it is imported; the command line must do without.
    from field_app.app import main as screens  # noqa: PLC0415

    return screens(folder)


def _one_line(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Say what was not foreseen in one line; FIELD_APP_TRACE=1 shows where it happened."""
    output.say(f"程序出错（{kind.__name__}：{error}）；已存下的数据不受影响")
