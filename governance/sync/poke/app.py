"""``GET /api/v1/sync/poke`` as an ASGI application: server-sent events (docs/sync-protocol.md)."""

import asyncio
import logging
import random
import signal
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings

from governance.access.address import address_from
from governance.access.errors import Refused, TokenUnknown
from governance.contract.wire import PROTOCOL
from governance.feed.selectors import epoch
from governance.sync.admission import Busy
from governance.sync.http import WrongMethod
from governance.sync.poke.address import ROUTE
from governance.sync.poke.board import RESTART, Board, Line
from governance.sync.poke.gate import Gate
from governance.sync.poke.opening import Opening, line_open
from governance.sync.poke.threads import Threads
from governance.sync.poke.watch import Watch
from governance.sync.versions import refusal_in, version_read

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BEAT = 20.0
"""Seconds between two signs of life."""

_log = logging.getLogger(__name__)
_SEND_PATIENCE = 20.0
_GAP = 0.2  # what moves in quick succession is one poke
_THREADS = 2
_SAID_SECONDS = 2.0
_OPEN = b"retry: 5000\n\n"
_BEAT = b":\n\n"


class NotFound(Refused):
    """Another path than the one there is."""

    status = 404
    code = "route"


class PokeApp:
    """Holds the lines of this process."""

    def __init__(self) -> None:
        self.board = Board()
        self._gate = Gate(settings.POKE_MOST)
        self._threads = Threads(_THREADS, "poke")
        self._ending = asyncio.Event()
        self._refusals = Threads(1, "refusals")
        self._said, self._said_at = "", -_SAID_SECONDS

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve the life of the process, or one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _Request(self, scope).serve(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        watch = asyncio.create_task(Watch(self.board, check_every=settings.POKE_CHECK_SECONDS).run())
        watch.add_done_callback(_must_go_on)
        # The server waits for open replies before it says that it is shutting down, so the signal
        # itself is heard: beside the server's own handler, which the loop goes on calling.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._end))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        self._threads.close()
        self._refusals.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _end(self) -> None:
        self._ending.set()
        self.board.end_all(RESTART)

    async def open(self, opening: Callable[[], Opening], address: str) -> tuple[Line, str]:
        """Let a tablet in; give its line and the epoch. Raises Refused."""
        if self._ending.is_set():
            raise Busy(RESTART.reason, wait=5)
        self._gate.room(len(self.board), self._threads.waiting)
        self._gate.address(address)
        try:
            opened = await self._threads.ask(opening)
        except TokenUnknown:
            self._gate.wrong(address)
            raise
        self._gate.device(opened.device)
        self.board.epoch_is(opened.epoch)
        line = Line(opened.device, opened.streams, opened.told)
        for stream, seq in opened.heads.items():
            line.poke(stream, seq)
        self.board.open(line)
        if self._ending.is_set():
            line.end(RESTART)
        return line, opened.epoch

    async def epoch(self) -> str:
        """Give the hub's epoch for a reply that opens no line; asked for seldom, whoever floods the door."""
        if time.monotonic() - self._said_at >= _SAID_SECONDS:
            self._said_at = time.monotonic()
            self._said = await self._refusals.ask(epoch)
        return self._said


def _must_go_on(watch: asyncio.Task[None]) -> None:
    """End the process, to be started anew, rather than hold lines on which nothing is ever told."""
    if not watch.cancelled():
        _log.critical("the watch ended", exc_info=watch.exception())
        signal.raise_signal(signal.SIGTERM)


class _Request:
    """One request, from its scope."""

    def __init__(self, app: PokeApp, scope: Message) -> None:
        self._app = app
        self._path: str = scope["path"]
        self._method: str = scope["method"]
        self._headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self._query = parse_qs(scope["query_string"].decode("latin-1"))
        peer = scope.get("client") or ("", 0)
        self._address = address_from(str(peer[0]), self._headers.get(b"x-forwarded-for", ""))

    async def serve(self, receive: Receive, send: Send) -> None:
        """Open a line and keep it, or refuse."""
        version = PROTOCOL
        try:
            if self._path != ROUTE:
                raise NotFound("此地址只提供 sync/poke")
            if self._method != "GET":
                raise WrongMethod("此地址只接受GET")
            version = version_read(self._headers.get(b"x-protocol"))
            line, said = await self._app.open(self._opening, self._address)
        except Refused as error:
            await _refuse(send, error, version, await self._app.epoch())
            return
        try:
            kind = (b"content-type", b"text/event-stream; charset=utf-8")
            keep = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
            headers = [kind, *keep, *_common(version, said)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _stream(line, receive, send, lambda: len(self._app.board))
        finally:
            self._app.board.close(line)

    def _opening(self) -> Opening:
        scheme, _, token = self._headers.get(b"authorization", "").partition(" ")
        return line_open(
            token=token if scheme == "Token" else "",
            ticket=self._query.get("ticket", [""])[0],
            cursor=self._query.get("cursor", [""])[0],
        )


async def _stream(line: Line, receive: Receive, send: Send, others: Callable[[], int]) -> None:
    """Send what there is to tell until the line ends, the tablet is gone, or takes no more."""
    leaving = asyncio.create_task(_gone(line, receive))
    try:
        await _give(send, _OPEN)
        while not line.cut:
            waiting, spread = line.take()
            if waiting:
                await _give(send, _event("poke", {"streams": waiting, "spread": spread}))
            if line.ended is not None:
                wait = round(random.uniform(0, others() / 100), 1)  # noqa: S311 - spreads those who come back
                end = {"code": line.ended.code, "reason": line.ended.reason, "wait": wait}
                await _give(send, _event("end", end), more=False)
                return
            if waiting:
                await asyncio.sleep(_GAP)
            try:
                await asyncio.wait_for(line.stirred.wait(), BEAT)
            except TimeoutError:
                await _give(send, _BEAT)
    except (TimeoutError, OSError):
        return  # nobody takes what is sent
    finally:
        leaving.cancel()


async def _gone(line: Line, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    line.hung_up()


async def _give(send: Send, content: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(_SEND_PATIENCE):
        await send({"type": "http.response.body", "body": content, "more_body": more})


def _event(name: str, data: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))


async def _refuse(send: Send, error: Refused, version: int, said: str) -> None:
    status, code = refusal_in(version, error)
    content = msgspec.json.encode({"code": code, "reason": error.reason, "problems": []})
    headers = [(b"content-type", b"application/json"), *_common(version, said)]
    if error.wait:
        headers.append((b"retry-after", str(error.wait).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})


def _common(version: int, said: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-epoch", said.encode()), (b"x-protocol", str(version).encode())]
