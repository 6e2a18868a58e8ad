"""The fake hub behind a real HTTP server on loopback, gzip both ways, as the protocol says."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from field_app.sync.transport import Reply, Request
from tests.field_app.fake_hub import FakeHub


class WebHub:
    """A running server; ``faults`` are taken one a request: "", "500", "html", "cut", "drop", "busy"."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        self.faults: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.address = ""

    def fault(self) -> str:
        """Give what befalls this request."""
        return self.faults.pop(0) if self.faults else ""

    def refusal(self) -> tuple[Reply, str]:
        """Give the answer to one request too many."""
        data = {"code": "throttled", "reason": "终端请求过于频繁", "problems": []}
        return Reply(429, data, self.hub.epoch), json.dumps(data)

    def answer(self, method: str, path: str, token: str, body: dict[str, object] | None) -> tuple[Reply, str]:
        """Give the head and the text of the answer to a request."""
        parts = urlsplit(path)
        route = parts.path.removeprefix("/api/v1/")
        request = Request(method, route, token, dict(parse_qsl(parts.query)), body)
        if route == "sync/snapshot":
            head, lines = self.hub.stream(request)
            if head.status == 200:
                return head, "".join(json.dumps(line) + "\n" for line in lines)
        else:
            head = self.hub.answer(request)
        return head, json.dumps(head.data)


@contextmanager
def served(hub: FakeHub) -> Iterator[WebHub]:
    """Serve a hub while the block runs."""
    web = WebHub(hub)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(web: WebHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Encoding"] == "gzip"
            self._answer(json.loads(gzip.decompress(content)))

        def _answer(self, body: dict[str, object] | None) -> None:
            web.headers.append(dict(self.headers))
            fault = web.fault()
            if fault in ("500", "html"):
                status = 500 if fault == "500" else 200
                self._send(status, b"<html>captive portal</html>", {"Content-Type": "text/html"})
                return
            token = self.headers.get("Authorization", "").removeprefix("Token ")
            asked = (self.command, self.path, token, body)
            head, text = web.refusal() if fault == "busy" else web.answer(*asked)
            if fault == "drop":
                self.close_connection = True
                return
            headers = {"Content-Encoding": "gzip", "X-Epoch": head.epoch, "X-Protocol": "2"}
            self._send(head.status, gzip.compress(text.encode()), headers, cut=fault == "cut")

        def _send(self, status: int, content: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
            """Send the snapshot in chunks and the rest with its length, as the hub does."""
            chunks = self.path.startswith("/api/v1/sync/snapshot")
            length = ("Transfer-Encoding", "chunked") if chunks else ("Content-Length", str(len(content)))
            self.send_response(status)
            for name, value in (*headers.items(), length):
                self.send_header(name, value)
            self.end_headers()
            part = content[: len(content) // 2] if cut else content
            if chunks:
                part = b"%x\r\n%s\r\n" % (len(part), part) + (b"" if cut else b"0\r\n\r\n")
            self.wfile.write(part)
            self.close_connection = self.close_connection or cut

    return Handler
