"""How requests reach the hub: an interface, so that tests need no network."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from field_app.sync.poke import Line


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Parameters
    ----------
    method, route : str
        ``route`` is what follows ``/api/v1/``.
    token : str
        Device token, empty before enrolment.
    query : mapping
    body : mapping or None
        Sent as gzipped JSON.
    content : bytes or None
        Sent as it is instead, as a file.
    report : str
        What the tablet says of itself along with it (header ``X-Tablet``), empty for nothing.
    repeatable : bool
        May be sent again by itself when no answer came (a push keeps its change ids).
    headers : mapping
        Beside those that every request has; they win.
    """

    method: str
    route: str
    token: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    content: bytes | None = None
    report: str = ""
    repeatable: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: ``epoch`` is empty when something other than the hub answered.

    ``headers`` are named in small letters. ``content`` is the body where it is a file, ``data`` where
    it is JSON.
    ``date`` is the hub's time in seconds since 1970, None where the reply does not tell it.
    ``again`` says that the request had gone out before without an answer, and may have been taken then.
    """

    status: int
    data: object
    epoch: str = ""
    retry_after: float = 0.0
    bytes_up: int = 0
    bytes_down: int = 0
    date: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    again: bool = False


class Lines(Protocol):
    """A reply read line by line while it arrives."""

    @property
    def head(self) -> Reply:
        """Status and epoch; ``data`` only when it is an error reply."""

    @property
    def bytes_down(self) -> int:
        """Bytes that came over the wire so far."""

    def __iter__(self) -> Iterator[object]:
        """Give each line's JSON value; raises Offline when the stream is cut."""


@runtime_checkable
class Closable(Protocol):
    """A transport that keeps connections open until it is closed."""

    def close(self) -> None:
        """Close them."""


@runtime_checkable
class Dialling(Protocol):
    """A transport that can hold a line open, on which the hub calls."""

    def dial(self, token: str, cursor: str) -> Line:
        """Open a line. Raises Unreached, Offline, Revoked, Throttled, HubTrouble."""


class Transport(Protocol):
    """Sends requests to one hub.

    Raises Unreached when no connection came about, so that nothing left the tablet; Offline when one
    broke, so that the hub may have the request.
    """

    def send(self, request: Request) -> Reply:
        """Send and wait for the whole reply."""

    def lines(self, request: Request) -> AbstractContextManager[Lines]:
        """Send and read the reply as newline-delimited JSON."""
