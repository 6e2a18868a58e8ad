"""Slow work away from the screen (后台): a thread, and the answer back on the screen's own thread."""

import threading
from collections.abc import Callable
from typing import TypeVar

from kivy.clock import mainthread

from field_app.work.errors import WorkError

T = TypeVar("T")

_FAULT = "程序出错，这一步没有做完；已存的资料不受影响，请再试一次"


def send(
    work: Callable[[], T], *, done: Callable[[T], object], failed: Callable[[WorkError], object]
) -> None:
    """Run ``work`` in a thread; then call ``done`` with its answer or ``failed`` with its error.

    One that nobody foresaw is told too, or the screen would wait for ever, and raised for the log.
    """
    tell_done, tell_failed = mainthread(done), mainthread(failed)

    def run() -> None:
        try:
            answer = work()
        except WorkError as error:
            tell_failed(error)
        except BaseException:
            tell_failed(WorkError(_FAULT))
            raise
        else:
            tell_done(answer)

    threading.Thread(target=run, name="errand", daemon=True).start()
