"""What goes to the log (运行日志): where something failed, never whose data it was about."""

import logging
import traceback
from types import TracebackType

from django.db import OperationalError

_TOLD = (OperationalError, OSError)
"""Errors whose message speaks of the machine; others may quote a value, as a broken constraint does."""

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Give tracebacks with the errors' names alone, unless their message can hold no value."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's name
        """Format what was raised, and what it was raised from."""
        parts: list[str] = []
        error = ei[1]
        while error is not None:
            place = "".join(traceback.format_tb(error.__traceback__))
            said = f": {error}" if isinstance(error, _TOLD) else ""
            parts.insert(0, f"{place}{type(error).__name__}{said}")
            error = error.__cause__ or error.__context__
        return "\n".join(parts)
