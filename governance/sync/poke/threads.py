"""Where the event loop has the database asked (线程): never on the loop itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections, connection

T = TypeVar("T")


class Threads:
    """A few threads with a database connection each.

    Parameters
    ----------
    count : int
        Threads; what is asked beyond that waits its turn.
    keep : bool
        Keep a connection whatever its age, as SQLite's change counter is told to one connection only.
    """

    def __init__(self, count: int, name: str, *, keep: bool = False) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._keep = keep
        self.waiting = 0

    async def ask(self, question: Callable[[], T]) -> T:
        """Give what ``question`` gives, or raises, when it is asked in one of the threads."""
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._asked, question)
        finally:
            self.waiting -= 1

    def _asked(self, question: Callable[[], T]) -> T:
        if self._keep and connection.vendor == "sqlite":
            return question()
        close_old_connections()
        try:
            return question()
        finally:
            close_old_connections()

    def close(self) -> None:
        """Take no more questions."""
        self._pool.shutdown(wait=False, cancel_futures=True)
