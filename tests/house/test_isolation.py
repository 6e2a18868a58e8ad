"""The tests' own safety nets hold."""

import socket

import pytest

from tests.conftest import InternetError


def dial(address):
    with socket.socket() as client:
        client.connect_ex(address)


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: dial(("198.51.100.7", 80)),
    ],
    ids=["connect", "look up", "dial"],
)
def test_the_internet_is_out_of_reach(reach):
    with pytest.raises(InternetError):
        reach()


def test_loopback_is_open():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        client.sendall(b"here")
        taken, _ = server.accept()
        with taken:
            assert taken.recv(4) == b"here"
