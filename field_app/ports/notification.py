"""Notices to the worker (通知)."""

import logging
from typing import Protocol

_log = logging.getLogger("field_app.notification")


class Notification(Protocol):
    """Shows a notice outside the app's own screens."""

    def show(self, title: str, text: str) -> None:
        """Show it; never names a resident, since it appears on a locked screen."""


class LoggedNotification:
    """A desktop logs the notice."""

    def show(self, title: str, text: str) -> None:
        """Log at level INFO."""
        _log.info("%s：%s", title, text)
