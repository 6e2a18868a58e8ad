"""The network between tablet and hub, which the demonstration can take away and give back."""

import contextlib
import socket
import threading


class Relay:
    """Hands bytes on between a loopback port and the hub, or refuses while the network is gone."""

    def __init__(self, port: int) -> None:
        self._hub = ("127.0.0.1", port)
        self._door: socket.socket | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where tablets reach the hub."""
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Give the network back; the address stays the same."""
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", self.port))
        door.listen()
        self.port = door.getsockname()[1]
        self._door = door
        threading.Thread(target=self._serve, args=(door,), daemon=True).start()

    def down(self) -> None:
        """Take the network away: connections are refused."""
        if self._door is not None:
            with contextlib.suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            self._door = None

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                tablet, _ = door.accept()
                hub = socket.create_connection(self._hub)
            except OSError:
                return
            for source, target in ((tablet, hub), (hub, tablet)):
                threading.Thread(target=_hand_on, args=(source, target), daemon=True).start()


def _hand_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (target, source):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_WR if end is target else socket.SHUT_RD)
