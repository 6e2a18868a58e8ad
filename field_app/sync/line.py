"""A line over HTTP: server-sent events, read as they come (docs/sync-protocol.md)."""

import json
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from field_app.sync.errors import (
    Answered,
    Forbidden,
    HubTrouble,
    Offline,
    Revoked,
    Throttled,
    TooOld,
    Unreached,
)
from field_app.sync.poke import Heard

_SILENCE = 60.0  # the hub gives a sign of life every 20 seconds
_CONNECT = 5.0
_PART = 4096
_LONGEST = 64 * 1024
_MOVED = 307
_OK = 200
_TICKET = "平台没有接受这次连接，稍后再连；同步照常定时进行"
_CUT = "与平台的连接断了，稍后再连"
_REFUSALS: dict[int, type[Answered]] = {401: Revoked, 403: Forbidden, 426: TooOld}


class HttpLine:
    """One reply that never ends by itself."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[Heard]:
        """Give the events; raises Offline when the line breaks or is silent for a minute."""
        name, data = "", ""
        for line in self._lines():
            key, _, value = line.partition(":")
            if key == "event":
                name = value.strip()
            elif key == "data":
                data = value.strip()
            elif not line and data:
                heard = heard_read(name, data)
                if heard is not None:
                    yield heard
                name, data = "", ""

    def hang_up(self) -> None:
        """End it, also while another thread reads from it."""
        with suppress(ValueError, RuntimeError, OSError):
            self._response.raw.shutdown()
        with suppress(HTTPError, OSError):
            self._response.close()

    def _lines(self) -> Iterator[str]:
        rest = b""
        while part := self._part():
            *whole, rest = (rest + part).split(b"\n")
            if len(rest) > _LONGEST:
                raise HubTrouble("平台的答复不是约定的格式，请稍后再试")
            for line in whole:
                yield line.rstrip(b"\r").decode(errors="replace")

    def _part(self) -> bytes:
        try:
            return bytes(self._response.raw.read1(_PART))
        except (requests.RequestException, HTTPError, OSError, ValueError, AttributeError) as error:
            raise Offline(_CUT) from error


def line_open(base: str, headers: dict[str, str], cursor: str, verify: str | bool) -> HttpLine:
    """Open a line to the hub at ``base``; the hub may send us to another address, with a ticket.

    Raises
    ------
    Unreached, Offline, Revoked, Throttled, TooOld, HubTrouble
    """
    first = f"{base}/api/v1/sync/poke"
    with requests.Session() as session:
        session.trust_env = False
        session.verify = verify
        response = _ask(session, first, headers, {"cursor": cursor} if cursor else {})
        sent_on = response.status_code == _MOVED
        if sent_on:
            response.close()
            aim = urljoin(first, response.headers.get("Location", ""))
            if urlsplit(aim).scheme != urlsplit(first).scheme:
                raise HubTrouble("平台指去的地址不安全，没有连接")
            kept = {name: value for name, value in headers.items() if name != "Authorization"}
            response = _ask(session, aim, kept, {})
    kind = response.headers.get("Content-Type", "")
    if response.status_code == _OK and kind.startswith("text/event-stream"):
        return HttpLine(response)
    with response:
        refusal = _refusal(response)
    if sent_on and isinstance(refusal, Revoked):  # the ticket's fault it may be; the main address says
        raise HubTrouble(_TICKET)
    raise refusal


def heard_read(name: str, data: str) -> Heard | None:
    """Read an event; None where it is none that is known."""
    try:
        values = json.loads(data)
        if name == "poke":
            streams = {str(stream): int(seq) for stream, seq in values["streams"].items()}
            return Heard("poke", streams, spread=float(values.get("spread", 0)))
        if name == "end":
            wait = float(values.get("wait", 0))
            return Heard("end", code=str(values["code"]), reason=str(values.get("reason", "")), wait=wait)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return None


def wait_asked(response: requests.Response) -> float:
    """Give the seconds for which a reply asks to be left alone."""
    wait = response.headers.get("Retry-After", "")
    return float(wait) if wait.isdecimal() and wait.isascii() else 0.0


def _ask(
    session: requests.Session, address: str, headers: dict[str, str], query: dict[str, str]
) -> requests.Response:
    try:
        return session.get(
            address,
            headers=headers,
            params=query,
            stream=True,
            allow_redirects=False,
            timeout=(_CONNECT, _SILENCE),
        )
    except (requests.RequestException, HTTPError) as error:
        raise Unreached("连不上平台，请检查网络；同步照常定时进行") from error


def _refusal(response: requests.Response) -> HubTrouble | Answered:
    """Say why there is no line; a captive portal or a proxy is told from the hub by the hub's header."""
    status, seconds = response.status_code, wait_asked(response)
    if response.headers.get("X-Epoch"):
        reason = f"平台没有接受连接（{status}）"
        if status in _REFUSALS:
            return _REFUSALS[status](reason)
        if status == requests.codes.too_many_requests:
            return Throttled(reason, seconds)
    return HubTrouble(f"平台暂不能接受连接（{status}），稍后再连", seconds)
