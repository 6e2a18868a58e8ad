"""What presenters raise; every message is Chinese and meant for people."""

# ruff: noqa: N818 - outcomes that people are told of, named as such

from collections.abc import Sequence

from field_app.errors import TabletError
from field_app.store.errors import LockedOut, StoreError, TooSoon, WrongPin
from field_app.sync.errors import Offline, Revoked, SyncError
from governance.contract import Problem

__all__ = [
    "Locked",
    "LockedOut",
    "NotFound",
    "Offline",
    "Refused",
    "Revoked",
    "StoreError",
    "SyncError",
    "TooSoon",
    "WorkError",
    "WrongPin",
]

WorkError = TabletError
"""Catches everything that store, sync and presenters raise on purpose."""


class Refused(TabletError):
    """Offered input was not taken; nothing was stored.

    Parameters
    ----------
    problems : sequence of Problem
        What was wrong, field by field; never empty.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("；".join(problem.reason for problem in problems))
        self.problems = tuple(problems)

    @classmethod
    def because(cls, field: str, code: str, reason: str) -> "Refused":
        """Make one with a single problem."""
        return cls([Problem(field, code, reason)])


class NotFound(TabletError):
    """No such record, task or change on this tablet."""


class Locked(TabletError):
    """The tablet is locked or not enrolled; unlock it first."""
