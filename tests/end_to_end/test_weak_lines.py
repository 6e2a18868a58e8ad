"""Tablets on weak lines: a push or a photo that stops half-way keeps nobody else waiting."""

import json
import socket
import urllib.request
from collections.abc import Iterator

import pytest

from tests import hub_process
from tests.hub_process import Hub

PASSWORD_OF = (
    "from tests import factories; factories.grid(); factories.worker('worker'); print(factories.PASSWORD)"
)
STALLED = 12
"""More than the hub has threads."""


@pytest.fixture
def token(hub: Hub) -> str:
    password = hub.manage("shell", "-v0", "-c", PASSWORD_OF).strip()
    body = json.dumps({"username": "worker", "password": password, "device": "x"}).encode()
    headers = {"Content-Type": "application/json", "X-Protocol": "1"}
    asked = urllib.request.Request(f"{hub.base}/api/v1/devices/enrol", body, headers)
    with urllib.request.urlopen(asked, timeout=hub_process.PATIENCE) as reply:
        return str(json.load(reply)["token"])


@pytest.fixture
def stalled(hub: Hub, token: str) -> Iterator[list[socket.socket]]:
    """Give connections on which half a push came, and no more comes."""
    head = (
        "POST /api/v1/sync/push HTTP/1.1", "Host: 127.0.0.1", "X-Protocol: 1",
        f"Authorization: Token {token}", "Content-Type: application/json", "Content-Length: 400000",
    )  # fmt: skip
    lines = [socket.create_connection(("127.0.0.1", hub.port)) for _ in range(STALLED)]
    for line in lines:
        line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + b'{"changes": [' + b" " * 200_000)
    yield lines
    for line in lines:
        line.close()


def test_half_sent_pushes_keep_no_one_waiting(hub: Hub, token: str, stalled: list[socket.socket]) -> None:
    assert int(hub.environment["HUB_THREADS"]) < STALLED
    headers = {"Authorization": f"Token {token}", "X-Protocol": "1"}
    asked = urllib.request.Request(f"{hub.base}/api/v1/sync/snapshot", headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as reply:
        assert reply.status == 200
    for line in stalled:
        line.settimeout(0.01)
        with pytest.raises(TimeoutError):
            line.recv(1)
