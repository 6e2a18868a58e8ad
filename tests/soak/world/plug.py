"""Pulling the plug at a commit: of a tablet's store, or of the hub's database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Crash(BaseException):
    """The tablet's program died."""


class HubDied(BaseException):
    """The hub's process died."""


class Plug:
    """Pulled at the n-th commit from now, before or behind it; until armed it does nothing."""

    def __init__(self, death: type[BaseException]) -> None:
        self._death = death
        self._left = 0
        self._behind = False

    def arm(self, commits: int, *, behind: bool) -> None:
        """Die at that commit: just before it, or just behind it."""
        self._left, self._behind = commits, behind

    def disarm(self) -> None:
        """Let all commits be."""
        self._left = 0

    @contextmanager
    def spared(self) -> Iterator[None]:
        """Let the commits of this block be."""
        left, self._left = self._left, 0
        yield
        self._left = left

    def commit(self, commit: Any, back: Any) -> Any:
        """Commit, or die."""
        if not self._left:
            return commit()
        self._left -= 1
        if self._left:
            return commit()
        if self._behind:
            commit()
        else:
            back()
        raise self._death


TABLET = Plug(Crash)
HUB = Plug(HubDied)


class PluggedConnection(sqlite3.Connection):
    """A tablet's connection that knows the plug."""

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        """Execute; COMMIT goes through the plug."""
        run = super().execute
        if sql != "COMMIT":
            return run(sql, *arguments)
        return TABLET.commit(lambda: run("COMMIT"), lambda: run("ROLLBACK"))
