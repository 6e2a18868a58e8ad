"""The transport over HTTP: one requests session, gzip both ways, time limits, few retries."""

import gzip
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from field_app.sync.errors import HubTrouble, Offline, Unreached
from field_app.sync.line import HttpLine, line_open, wait_asked
from field_app.sync.transport import Reply, Request
from governance.contract.report import HEADER
from governance.contract.wire import PROTOCOL

_NAME = "shequ-etong"
_TIMEOUT = (5.0, 60.0)
_PAUSES = (0.3, 1.0)
_PASSING = frozenset({502, 503, 504})
_PART = 64 * 1024
_GZIP = 31  # zlib's window size that stands for gzip
_FILE = "application/octet-stream"
_FILES = (_FILE, "application/pdf", "image/")
_ODD = "平台的答复不是约定的格式，请稍后再试"
_CUT = "平台的数据没有传完"


class HttpTransport:
    """Speaks to the hub at ``base``, such as ``https://hub.example``.

    Parameters
    ----------
    base : str
        Its certificate is checked against the usual authorities, or those in the file FIELD_APP_CA.
    sleep : callable, optional
        Waits between retries.
    timeout : tuple of float
        Seconds to wait for the connection, and for each part of the reply.
    pauses : tuple of float
        Seconds between the tries of a request that may be repeated; without any it is tried once.

    Raises
    ------
    HubTrouble
        ``base`` is not an http(s) address.
    """

    def __init__(
        self,
        base: str,
        sleep: Callable[[float], None] = time.sleep,
        *,
        timeout: tuple[float, float] = _TIMEOUT,
        pauses: tuple[float, ...] = _PAUSES,
    ) -> None:
        if not base.startswith(("http://", "https://")):
            raise HubTrouble("平台地址应以 http:// 或 https:// 开头")
        self._base = base.rstrip("/")
        self._sleep = sleep
        self._timeout = timeout
        self._pauses = pauses
        self._session = requests.Session()
        self._session.headers = CaseInsensitiveDict({"User-Agent": _NAME})  # each byte counts in the hills
        self._session.trust_env = False  # a .netrc must not replace the device's token
        self._verify: str | bool = os.environ.get("FIELD_APP_CA") or True
        self._session.verify = self._verify

    def close(self) -> None:
        """Close the connections kept open."""
        self._session.close()

    def send(self, request: Request) -> Reply:
        """Send and read the whole reply."""
        response, head = self._start(request)
        with response:
            return HttpLines(response, head).whole()

    @contextmanager
    def lines(self, request: Request) -> Iterator["HttpLines"]:
        """Send and read the reply line by line."""
        response, head = self._start(request)
        with response:
            lines = HttpLines(response, head)
            if response.status_code != requests.codes.ok:
                lines.head = lines.whole()
            yield lines

    def dial(self, token: str, cursor: str) -> HttpLine:
        """Open a line on which the hub calls."""
        headers = {"Authorization": f"Token {token}", "X-Protocol": str(PROTOCOL), "User-Agent": _NAME}
        return line_open(self._base, headers, cursor, self._verify)

    def _start(self, request: Request) -> tuple[requests.Response, Reply]:
        """Send, again after a pause when that is harmless; the reply's body is still to come."""
        headers, body = _packed(request)
        pauses = self._pauses if request.repeatable else ()
        left = False
        for pause in (*pauses, None):
            try:
                response = self._session.request(
                    request.method,
                    f"{self._base}/api/v1/{request.route}",
                    params=request.query,
                    data=body,
                    headers=headers,
                    timeout=self._timeout,
                    stream=True,
                    allow_redirects=False,
                )
            except (requests.RequestException, HTTPError) as error:
                left = left or not _unreached(error)
                if pause is None:
                    raise _offline(error, left=left) from error
            else:
                if pause is None or response.status_code not in _PASSING or wait_asked(response) > pause:
                    return response, _head(response, len(body or b""), again=left)
                left = True
                response.close()
            self._sleep(pause)
        raise AssertionError


class HttpLines:
    """A reply that is still arriving; its bytes are counted as they come over the wire."""

    def __init__(self, response: requests.Response, head: Reply) -> None:
        self._response = response
        self.bytes_down = 0
        self.head = head

    def whole(self) -> Reply:
        """Read the rest of the body as one JSON value, or as the file it is."""
        content = b"".join(self._unpacked())
        if self.head.epoch and self._response.headers.get("Content-Type", "").startswith(_FILES):
            return replace(self.head, content=content, bytes_down=self.bytes_down)
        data = _json(content) if content and self.head.epoch else None
        return replace(self.head, data=data, bytes_down=self.bytes_down)

    def __iter__(self) -> Iterator[object]:
        """Give each whole line; a rest without line end is a cut and thrown away."""
        rest = b""
        for part in self._unpacked():
            *whole, rest = (rest + part).split(b"\n")
            yield from (_json(line) for line in whole if line.strip())
        if rest.strip():
            raise Offline(_CUT)

    def _unpacked(self) -> Iterator[bytes]:
        packed = self._response.headers.get("Content-Encoding", "") == "gzip"
        unpacker = zlib.decompressobj(_GZIP)
        try:
            for part in self._response.raw.stream(_PART, decode_content=False):
                self.bytes_down += len(part)
                yield unpacker.decompress(part) if packed else part
        except zlib.error:
            raise HubTrouble(_ODD) from None
        except (requests.RequestException, HTTPError) as error:
            raise _offline(error, left=True) from error
        if packed and self.bytes_down and not unpacker.eof:
            raise Offline(_CUT)


def _packed(request: Request) -> tuple[dict[str, str], bytes | None]:
    """Give headers and body as they go over the wire."""
    headers = {"Accept-Encoding": "gzip", "X-Protocol": str(PROTOCOL)}
    if request.token:
        headers["Authorization"] = f"Token {request.token}"
    if request.report:
        headers[HEADER] = request.report
    if request.content is not None:
        return headers | {"Content-Type": _FILE} | dict(request.headers), request.content
    if request.body is None:
        return headers | dict(request.headers), None
    plain = json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))
    headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return headers, gzip.compress(plain.encode(), mtime=0)


def _head(response: requests.Response, sent: int, *, again: bool) -> Reply:
    headers = response.headers
    return Reply(
        status=response.status_code,
        data=None,
        epoch=headers.get("X-Epoch", "") if headers.get("X-Protocol") else "",
        retry_after=wait_asked(response),
        bytes_up=sent,
        again=again,
        date=_date(headers.get("Date", "")),
        headers={name.lower(): value for name, value in headers.items()},
    )


def _date(text: str) -> float | None:
    """Read the Date header as seconds since 1970."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise HubTrouble(_ODD) from None


def _unreached(error: Exception) -> bool:
    """Whether an error says that no connection came about."""
    if isinstance(error, requests.ConnectTimeout) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, (NewConnectionError, NameResolutionError, ConnectTimeoutError))


def _offline(error: Exception, *, left: bool) -> Offline:
    kind = Offline if left else Unreached
    if isinstance(error, requests.exceptions.SSLError):
        return kind("平台的证书不可信，没有连接；请看本机时间准不准")
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return kind("平台没有及时答复")
    return kind("连不上平台，请检查网络")
