"""One HTTP/1.1 message as the bytes it came as: a proxy forwards, drops or doubles it whole."""

import re
import socket
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)
_PART = 65_536


class Broken(Exception):  # noqa: N818 - an outcome
    """The other side closed before its message was whole."""


@dataclass(frozen=True, slots=True)
class Message:
    """``raw`` is everything; ``first`` its first line."""

    raw: bytes
    first: str
    closes: bool

    @property
    def path(self) -> str:
        """What a request asks for."""
        return self.first.split(" ")[1]


class Stream:
    """A socket that messages are read from."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def message(self) -> Message | None:
        """Read the next message; None when the other side has closed before one began.

        Raises
        ------
        Broken
            When it closed in the midst of one.
        OSError
            When the connection was reset.
        """
        head = self._head()
        if head is None:
            return None
        if _CHUNKED.search(head):
            body = self._chunks()
        else:
            length = _LENGTH.search(head)
            body = self._exactly(int(length[1]) if length else 0)
        first = head.split(b"\r\n", 1)[0].decode("latin-1")
        return Message(head + body, first, bool(_CLOSES.search(head)))

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def _head(self) -> bytes | None:
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                if self._rest:
                    raise Broken
                return None
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def _chunks(self) -> bytes:
        body = b""
        while True:
            line = self._line()
            size = int(line.split(b";")[0], 16)
            body += line + self._exactly(size + 2)
            if size == 0:
                return body

    def _line(self) -> bytes:
        while b"\r\n" not in self._rest:
            if not self._more():
                raise Broken
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line + b"\r\n"

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            if not self._more():
                raise Broken
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _more(self) -> bool:
        part = self.socket.recv(_PART)
        self._rest += part
        return bool(part)
