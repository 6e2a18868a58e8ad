"""What sees that streams move (守望): PostgreSQL's notices, SQLite's change counter, and a look at the heads.

A notice may be lost, with the listening connection or behind a pooler; the look every few seconds finds
what it told of.
"""

import asyncio
import logging
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.db import DatabaseError, connection

from governance.contract import CITY
from governance.feed.notice import CHANNEL, notice_read
from governance.feed.selectors import streams_stand
from governance.sync.poke.board import Board
from governance.sync.poke.opening import serving
from governance.sync.poke.threads import Threads
from gridmap.selectors import map_number

TICK = 0.25
"""Seconds between two looks at SQLite's change counter, and at streams of lines just opened."""

LOOK_EVERY = 10.0
"""Seconds between two looks at the heads of all streams followed."""

_AT_ONCE = 5000
_LONGEST_PAUSE = 15.0
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_OF_DJANGO = frozenset({"server_side_binding", "prepare_threshold", "isolation_level", "assume_role", "pool"})
_log = logging.getLogger(__name__)


class Watch:
    """Keeps a board told until it is cancelled.

    Parameters
    ----------
    board : Board
    check_every : float
        Seconds between two looks at posts and devices.
    """

    def __init__(self, board: Board, *, check_every: float) -> None:
        self._board = board
        self._check_every = check_every
        self._threads = Threads(1, "watch", keep=True)
        self._look_due = 0.0
        self._version = -1
        self._map = -1

    async def run(self) -> None:
        """Watch."""
        jobs = [self._look(), self._check()]
        if connection.vendor == "postgresql":
            jobs.append(self._listen())
        try:
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(job)
        finally:
            self._threads.close()

    async def _listen(self) -> None:
        """Hear the notices on one connection of its own; make it anew when it breaks."""
        pause = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as ear:
                    await ear.execute(f"LISTEN {CHANNEL}".encode())
                    self._look_due = 0.0  # for what was told while nobody listened
                    pause = 0.5
                    async for notice in ear.notifies():
                        self._hear(notice.payload)
            except psycopg.Error as error:
                _log.warning("not listening to the feed: %s", error)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the load
            pause = min(_LONGEST_PAUSE, pause * 2)

    def _hear(self, text: str) -> None:
        try:
            notice = notice_read(text)
        except ValueError:
            _log.warning("not a notice: %.100s", text)
            return
        for move in notice.moves:
            self._board.moved(move, notice.by)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if not len(self._board):
                continue
            try:
                await self._look_once()
            except DatabaseError as error:
                _log.warning("cannot see the feed: %s", error)
                await self._threads.ask(_connection_close)
                await asyncio.sleep(1)

    async def _look_once(self) -> None:
        fresh = self._board.fresh()
        if await self._all_due():
            self._look_due = time.monotonic() + LOOK_EVERY
            fresh = self._board.streams()
        for streams in _parts(fresh):
            stand = await self._threads.ask(lambda some=streams: streams_stand(some))  # type: ignore[misc]
            self._board.epoch_is(stand.epoch)
            self._board.stand(stand.heads)

    async def _all_due(self) -> bool:
        """Whether to look at all streams: the time has come, or SQLite says that something changed."""
        due = time.monotonic() >= self._look_due
        if connection.vendor != "sqlite":
            return due
        version = await self._threads.ask(_change_counter)
        changed, self._version = version != self._version, version
        return due or changed

    async def _check(self) -> None:
        """See now and then whether those who listen still may, and whether the map is the same."""
        while True:
            await asyncio.sleep(self._check_every)
            try:
                for devices in _parts(self._board.devices()):
                    self._board.check(devices, await self._threads.ask(lambda some=devices: serving(some)))  # type: ignore[misc]
                number = await self._threads.ask(map_number)
            except DatabaseError as error:
                _log.warning("cannot see the posts: %s", error)
                continue
            if self._map not in (-1, number):
                self._board.call_all(CITY)
            self._map = number


def _connection_close() -> None:
    """Close the asked thread's own connection, to be made anew."""
    connection.close()


def _change_counter() -> int:
    """Give SQLite's counter of commits by other connections: no table is read."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def _parameters() -> dict[str, Any]:
    """Give what psycopg needs to connect as Django does."""
    given = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    theirs = {name: given[key] for name, key in named.items() if given[key]}
    options = {name: value for name, value in given["OPTIONS"].items() if name not in _OF_DJANGO}
    return {**theirs, **options, **_KEEPALIVE}
