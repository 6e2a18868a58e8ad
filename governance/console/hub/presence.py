"""Whether the hub runs on this machine: each web process holds a shared lock while it lives."""

import fcntl
from io import TextIOWrapper
from pathlib import Path

from django.conf import settings

_HELD: list[TextIOWrapper] = []
"""Kept open until the process ends, however it ends: the lock goes with it."""


def present() -> None:
    """Say that this process serves the hub."""
    if not _HELD:
        lock = _file().open("w")
        fcntl.flock(lock, fcntl.LOCK_SH)
        _HELD.append(lock)


def running() -> bool:
    """Whether a web process of the hub lives on this machine."""
    with _file().open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _file() -> Path:
    return Path(settings.VAR) / "running.lock"
