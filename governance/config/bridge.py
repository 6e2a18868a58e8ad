"""Between the web server's event loop and Django's threads.

A weak line must not hold one of the few threads that do the work. So bytes come and go in the event loop,
however slowly; a thread takes a request only when all of it is here, and is free before the answer is sent.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

SILENCE = 30.0
"""Seconds without a byte after which a sender is taken to be gone."""

MOST = 64 << 20
"""Bytes of a request's body that are read at most; every view has a limit of its own below it."""

IN_MEMORY = 1 << 20
"""Bytes of a request's body beyond which it lies in a file."""

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]


class Web:
    """An application as granian's RSGI has it, over one as WSGI has it (PEP 3333).

    Parameters
    ----------
    wsgi : callable
    threads : int
        How many requests are worked on at a time.
    silence : float, optional
        See :data:`SILENCE`.
    """

    def __init__(
        self, wsgi: Callable[..., Iterable[bytes]], *, threads: int, silence: float = SILENCE
    ) -> None:
        self._wsgi = wsgi
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="hub")
        self._silence = silence

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        with SpooledTemporaryFile(IN_MEMORY) as body:
            if "content-length" in scope.headers or "transfer-encoding" in scope.headers:
                await self._receive(protocol, body)
            environ = environ_of(scope, body)
            work = asyncio.get_running_loop().run_in_executor(self._pool, self._answer, environ)
            status, headers, data = await work
        protocol.response_bytes(status, headers, data)

    async def _receive(self, protocol: Any, body: IO[bytes]) -> None:
        """Read what comes: all, or what there was when the line broke, fell silent, or brought too much."""
        chunks = aiter(protocol)
        with suppress(StopAsyncIteration, TimeoutError):
            while body.tell() < MOST:
                async with asyncio.timeout(self._silence):
                    body.write(await anext(chunks))

    def _answer(self, environ: Environ) -> Answer:
        """Have Django work on a request; in a thread."""
        told: list[tuple[str, Headers]] = []
        chunks = self._wsgi(environ, lambda status, headers, *_: told.append((status, headers)))
        try:
            data = b"".join(chunks)
        finally:
            if (close := getattr(chunks, "close", None)) is not None:
                close()
        ((status, headers),) = told
        return int(status[:3]), [(name.lower(), value) for name, value in headers], data


def environ_of(scope: Any, body: IO[bytes]) -> Environ:
    """Give a request as PEP 3333 has it.

    A body shorter than was declared keeps the declared length, so that whoever reads it notices.
    """
    length = body.tell()
    body.seek(0)
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # X_Forwarded_For would become what only a proxy may say
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        again = key in environ and key.startswith("HTTP_")
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if again else value
    return environ
