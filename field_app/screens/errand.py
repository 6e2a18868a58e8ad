"""Slow work away from the screen (后台): a thread, and the answer back on the screen's own thread."""

import threading
from collections.abc import Callable
from typing import TypeVar

from kivy.clock import mainthread

from field_app.work.errors import WorkError

T = TypeVar("T")


def send(
    work: Callable[[], T], *, done: Callable[[T], object], failed: Callable[[WorkError], object]
) -> None:
    """Run ``work`` in a thread; then call ``done`` with its answer or ``failed`` with its error."""
    tell_done, tell_failed = mainthread(done), mainthread(failed)

    def run() -> None:
        try:
            answer = work()
        except WorkError as error:
            tell_failed(error)
        else:
            tell_done(answer)

    threading.Thread(target=run, name="errand", daemon=True).start()
