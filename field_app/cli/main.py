"""The command line's entry: help and usage at once, the rest of the program only for a command."""

import os
import sys
from collections.abc import Sequence
from types import TracebackType

from field_app.cli.commands import data_default, parser_make

FAILED, INTERRUPTED = 1, 130


def main(argv: Sequence[str]) -> int:
    """Run one command, or the screens when none is given; gives the exit code."""
    if "FIELD_APP_TRACE" not in os.environ:
        sys.excepthook = _one_line
    arguments = parser_make().parse_args(argv)
    folder = arguments.data or data_default()
    # Loaded only now: help and usage need none of it, and Kivy opens a window when it is imported.
    try:
        if arguments.command is None:
            from field_app.app import main as screens  # noqa: PLC0415

            return screens(folder)
        from field_app.cli.running import run  # noqa: PLC0415

        return run(folder, arguments)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - whoever read has gone
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("已中断；已存下的数据不受影响\n")
        return INTERRUPTED


def _one_line(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Say what was not foreseen in one line; FIELD_APP_TRACE=1 shows where it happened."""
    sys.stderr.write(f"程序出错（{kind.__name__}：{error}）；已存下的数据不受影响\n")
