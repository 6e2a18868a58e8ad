"""The tablet's transport straight into the hub's views, with a network as bad as one likes."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.test import Client

from field_app.sync.errors import Offline
from field_app.sync.transport import Lines, Reply, Request
from governance.contract.report import HEADER
from governance.contract.wire import PROTOCOL

FILE = "application/octet-stream"

Fault = Callable[[], str]
"""What befalls the next request: "", "lost", "unanswered", "twice" or "cut"."""


class Streamed:
    """A reply's lines; cut short where the network breaks."""

    def __init__(self, head: Reply, lines: list[bytes], cut: int | None) -> None:
        self.head = head
        self.bytes_down = sum(map(len, lines))
        self._lines = lines
        self._cut = cut

    def __iter__(self) -> Iterator[object]:
        for line in self._lines[: self._cut]:
            yield json.loads(line)
        if self._cut is not None:
            raise Offline("数据没有传完")


class DjangoTransport:
    """Asks ``fault`` before each request what will befall it."""

    def __init__(self, fault: Fault = lambda: "") -> None:
        self.fault = fault

    def send(self, request: Request) -> Reply:
        what = self.fault()
        if what == "lost":
            raise Offline("请求没有到达平台")
        response = self._ask(request)
        if what == "twice":
            response = self._ask(request)
        if what in ("unanswered", "cut"):
            raise Offline("平台的答复没有到达")
        told = {name.lower(): value for name, value in response.headers.items()}
        json_body = response.content and told.get("content-type") == "application/json"
        data = json.loads(response.content) if json_body else None
        content = b"" if json_body else response.content
        return Reply(response.status_code, data, told["x-epoch"], headers=told, content=content)

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        what = self.fault()
        if what in ("lost", "unanswered"):
            raise Offline("请求没有到达平台")
        response = self._ask(request)
        epoch = response.headers["X-Epoch"]
        if response.status_code != HTTPStatus.OK:
            yield Streamed(Reply(response.status_code, json.loads(response.content), epoch), [], None)
            return
        lines = response.getvalue().splitlines()
        cut = len(lines) // 2 if what == "cut" else None
        yield Streamed(Reply(response.status_code, None, epoch), lines, cut)

    def headers(self, request: Request) -> dict[str, str]:
        """Give the headers that every request carries."""
        token = {"Authorization": f"Token {request.token}"} if request.token else {}
        report = {HEADER: request.report} if request.report else {}
        return {"X-Protocol": str(PROTOCOL), **token, **report}

    def _ask(self, request: Request) -> object:
        client = Client()
        headers = self.headers(request)
        path = f"/api/v1/{request.route}"
        if request.method == "GET":
            return client.get(path, dict(request.query), headers=headers)
        if request.content is not None:
            more = {"CONTENT_LENGTH": str(len(request.content))}
            more["CONTENT_TYPE"] = request.headers.get("Content-Type", FILE)
            return client.generic(
                request.method, path, request.content, headers=headers | request.headers, **more
            )
        body = gzip.compress(json.dumps(request.body, ensure_ascii=False).encode(), 1)
        headers["Content-Encoding"] = "gzip"
        return client.post(path, body, content_type="application/json", headers=headers)
