"""The tablet's listener: what it does with a line that stands, breaks, is refused or ended."""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from field_app.sync.errors import HubTrouble, Offline, Revoked, Throttled, Unreached
from field_app.sync.http import HttpTransport
from field_app.sync.poke import Heard, Listener

PATIENCE = 20
POKE = Heard("poke", {"420502001001001": 7})


class FakeLine:
    """Gives what it is told to until it is hung up."""

    def __init__(self, *events: Heard, broken: bool = False) -> None:
        self._events = events
        self._broken = broken
        self._over = threading.Event()

    def __iter__(self) -> Iterator[Heard]:
        yield from self._events
        if self._broken:
            raise Offline("断了")
        assert self._over.wait(PATIENCE), "nobody hung up"

    def hang_up(self) -> None:
        self._over.set()


class Exchange:
    """Answers each dialling with the next line or error; then with none."""

    def __init__(self, *answers: FakeLine | Exception) -> None:
        self._answers = list(answers)
        self.dialled = 0
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()

    def dial(self) -> FakeLine:
        self.dialled += 1
        answer = self._answers.pop(0) if self._answers else FakeLine()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        listener = Listener(self.dial, self.heard.put, chance=lambda: 0.0)
        listener._pause = lambda last, failed: self.pauses.append((last, failed))  # type: ignore[method-assign]
        self.pauses: list[tuple[Heard, int]] = []
        listener.start()
        try:
            yield listener
        finally:
            listener.stop()
            listener._thread.join(PATIENCE)
            assert not listener._thread.is_alive()

    def events(self, count: int) -> list[str]:
        return [self.heard.get(timeout=PATIENCE).event for _ in range(count)]


def test_a_poke_asks_for_a_sync():
    exchange = Exchange(FakeLine(POKE))
    with exchange.listening():
        assert exchange.heard.get(timeout=PATIENCE) == Heard("open")
        assert exchange.heard.get(timeout=PATIENCE) == POKE
    assert POKE.asks
    assert not Heard("open").asks


def test_a_broken_line_is_opened_again_and_again_ever_more_rarely():
    exchange = Exchange(FakeLine(broken=True), Unreached("没有网络"), HubTrouble("出错", 7.0), FakeLine(POKE))
    with exchange.listening():
        assert exchange.events(6) == ["open", "off", "off", "off", "open", "poke"]
    assert [failed for _, failed in exchange.pauses][:3] == [1, 2, 3]
    assert [last.wait for last, _ in exchange.pauses][:3] == [0.0, 0.0, 7.0]


@pytest.mark.parametrize(
    ("last", "failed", "seconds"),
    [
        (Heard("off"), 1, 2.1),
        (Heard("off"), 4, 16.1),
        (Heard("off"), 30, 150.1),
        (Heard("off", wait=60.0), 1, 62.1),
        (Heard("end", code="restart", wait=3.0), 0, 3.0),
        (Heard("end", code="replaced"), 0, 60.0),
    ],
)
def test_the_pauses_grow_to_a_limit_and_respect_the_hubs_wish(last: Heard, failed: int, seconds: float):
    listener = Listener(FakeLine, print, chance=lambda: 0.0)
    waited: list[float] = []
    listener._woken.wait = lambda timeout=None: bool(waited.append(timeout or 0.0))  # type: ignore[assignment]
    listener._pause(last, failed)
    assert waited == [pytest.approx(seconds)]


def test_a_refused_tablet_asks_for_one_sync_and_rings_no_more():
    exchange = Exchange(Revoked("已停用"))
    with exchange.listening() as listener:
        told = exchange.heard.get(timeout=PATIENCE)
        listener._thread.join(PATIENCE)
        assert not listener._thread.is_alive()
    assert told.asks
    assert exchange.dialled == 1


def test_one_who_rings_too_often_waits_as_long_as_he_is_told():
    exchange = Exchange(Throttled("太频繁", 40.0))
    with exchange.listening():
        assert exchange.events(2) == ["off", "open"]
    assert exchange.pauses[0][0].wait == 40.0


def test_an_end_by_the_hub_is_followed_by_another_line():
    exchange = Exchange(FakeLine(Heard("end", code="scope", reason="网格有变动")), FakeLine())
    with exchange.listening():
        assert exchange.events(3) == ["open", "end", "open"]


def test_an_end_for_good_is_not():
    exchange = Exchange(FakeLine(Heard("end", code="token")))
    with exchange.listening() as listener:
        assert exchange.events(2) == ["open", "end"]
        listener._thread.join(PATIENCE)
    assert exchange.dialled == 1


def test_nothing_is_told_after_the_stop():
    exchange = Exchange(FakeLine())
    with exchange.listening() as listener:
        assert exchange.events(1) == ["open"]
        listener.stop()
    assert exchange.heard.empty()


# -- over HTTP ------------------------------------------------------------------------------------


@contextmanager
def served(
    *parts: bytes,
    status: int = 200,
    kind: str = "text/event-stream",
    more: dict | None = None,
    there: int = 200,
):
    """Serve a stream that is never ended by the server; gives its address and what was asked.

    With status 307 who asks is sent elsewhere, and is answered ``there``.
    """
    asked: list[tuple[str, str | None]] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
            sent_on = status == 307 and "ticket" not in self.path
            said = there if status == 307 and not sent_on else status
            self.send_response(said)
            self.send_header("Content-Type", kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            for name, value in (more or {}).items():
                self.send_header(name, value)
            if sent_on:
                self.send_header("Location", "/elsewhere?ticket=t")
            self.end_headers()
            for part in () if sent_on else parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
            if sent_on or said >= 400:
                self.wfile.write(b"0\r\n\r\n")
            else:
                over.wait(PATIENCE)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_events_are_read_however_they_are_cut_up():
    parts = (b"retry: 5000\n\n:\n\neve", b'nt: poke\ndata: {"streams":{"4205":3},', b'"spread":2}\n', b"\n")
    with served(*parts, b'event: end\ndata: {"code":"restart","wait":1}\n\n') as (address, asked):
        line = HttpTransport(address).dial("secret", "1~a")
        events = iter(line)
        assert next(events) == Heard("poke", {"4205": 3}, spread=2.0)
        assert next(events) == Heard("end", code="restart", wait=1.0)
        line.hang_up()
    assert asked == [("/api/v1/sync/poke?cursor=1~a", "Token secret")]


def test_the_token_is_not_carried_to_where_the_hub_sends_us():
    with served(b":\n\n", status=307) as (address, asked):
        HttpTransport(address).dial("secret", "").hang_up()
    assert asked == [("/api/v1/sync/poke", "Token secret"), ("/elsewhere?ticket=t", None)]


def test_a_ticket_that_is_refused_settles_nothing_about_the_tablet():
    """It may have grown too old on a slow line, or two machines differ in their clocks."""
    with served(b"{}", status=307, more={"X-Epoch": "e"}, there=401) as (address, asked):
        listener = Listener(partial(HttpTransport(address).dial, "secret", ""), lambda _: None, lambda: 0.0)
        listener._pause = lambda *_: None  # type: ignore[method-assign]
        listener.start()
        until = time.monotonic() + PATIENCE
        while len(asked) < 4 and listener._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        listener.stop()
        listener._thread.join(PATIENCE)
    assert [token for _, token in asked[:4]] == ["Token secret", None] * 2


def test_hanging_up_ends_a_reading_that_waits():
    with served(b":\n\n") as (address, _):
        line = HttpTransport(address).dial("secret", "")
        ended = threading.Event()

        def read() -> None:
            with suppress(Offline):
                list(line)
            ended.set()

        thread = threading.Thread(target=read)
        thread.start()
        assert not ended.wait(0.2)
        line.hang_up()
        assert ended.wait(PATIENCE)
        thread.join()


@pytest.mark.parametrize(
    ("status", "kind", "headers", "error", "wait"),
    [
        (401, "application/json", {"X-Epoch": "e"}, Revoked, 0.0),
        (401, "text/html", {}, HubTrouble, 0.0),
        (429, "application/json", {"X-Epoch": "e", "Retry-After": "9"}, Throttled, 9.0),
        (503, "application/json", {"X-Epoch": "e", "Retry-After": "40"}, HubTrouble, 40.0),
        (200, "text/html", {}, HubTrouble, 0.0),
        (404, "text/html", {}, HubTrouble, 0.0),
    ],
)
def test_whoever_answers_otherwise_gives_no_line(status, kind, headers, error, wait):
    site = served(b"x", status=status, kind=kind, more=headers)
    with site as (address, _), pytest.raises(error) as caught:
        HttpTransport(address).dial("secret", "")
    assert caught.value.wait == wait


def test_nobody_there_gives_no_line():
    with pytest.raises(Unreached):
        HttpTransport("http://127.0.0.1:9").dial("secret", "")
