"""The proxy does to requests what it says, and messages are read whole."""

import random
import socket
import threading
from http.client import HTTPConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.soak.wire.message import Broken, Stream
from tests.soak.wire.proxy import STORM, CutDoor, Door, Network

REPLY = b"0123456789" * 3


@pytest.fixture
def hub():
    """A server that remembers what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if len(body) == int(self.headers["Content-Length"]):
                asked.append(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(REPLY)))
            self.end_headers()
            self.wfile.write(REPLY)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1], asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def door(hub):
    made = CutDoor(Network(hub[0]), random.Random(1))
    yield made
    made.close()


@pytest.fixture
def stormy(hub):
    made = Door(Network(hub[0]), random.Random(1))
    yield made
    made.close()


def ask(door, body=b"hello"):
    connection = HTTPConnection("127.0.0.1", door.port, timeout=10)
    try:
        connection.request("POST", "/api/v1/sync/push", body)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_on_a_calm_day_requests_and_replies_pass(stormy, hub):
    assert ask(stormy) == REPLY
    assert hub[1] == [b"hello"]


@pytest.mark.parametrize(("fate", "came"), [("lost", 0), ("unanswered", 1)])
def test_what_is_lost_is_not_answered(stormy, hub, fate, came):
    stormy.weather = (fate,)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(stormy)
    assert len(hub[1]) == came


def test_what_is_doubled_comes_twice_and_is_answered_once(stormy, hub):
    stormy.weather = ("doubled",)
    for number in range(1, 6):
        assert ask(stormy) == REPLY
        assert len(hub[1]) == 2 * number


def test_what_is_late_comes_after_what_was_asked_later(stormy, hub):
    stormy.weather = ("late",)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(stormy, b"first")
    stormy.weather = ("",)
    ask(stormy, b"second")
    stormy.network.arrive(random.Random(1), most=2)
    assert hub[1] == [b"second", b"first"]


def test_the_storm_is_as_bad_as_it_is_said_to_be():
    assert {fate: STORM.count(fate) for fate in set(STORM)} == {
        "lost": 10, "unanswered": 10, "doubled": 10, "late": 5, "": 65
    }  # fmt: skip


def test_a_request_cut_short_never_comes_whole(door, hub):
    door.cut = ("sync/push", "request", 60)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(door, b"x" * 500)
    assert hub[1] == []
    assert door.length > 500


def test_a_reply_is_cut_at_the_byte(door, hub):
    door.cut = ("sync/push", "reply", 20)
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as plain:
        plain.sendall(b"POST /api/v1/sync/push HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        got = b""
        while part := plain.recv(100):
            got += part
    assert len(got) == 20
    assert hub[1] == [b"hi"]


def test_other_routes_are_left_alone(door):
    door.cut = ("sync/pull", "reply", 3)
    assert ask(door) == REPLY


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_a_message_is_read_whole_or_not_at_all(raw):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(raw + raw[:-1])
        theirs.shutdown(socket.SHUT_WR)
        stream = Stream.__new__(Stream)
        stream.socket, stream._rest = ours, b""
        assert stream.message().raw == raw
        with pytest.raises(Broken):
            stream.message()
