"""A proxy in user space: a door for each tablet, behind which requests and replies meet their fate."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.soak.wire.message import Broken, Message, Stream

CALM: tuple[str, ...] = ("",)
STORM: tuple[str, ...] = (*["lost"] * 10, *["unanswered"] * 10, *["doubled"] * 10, *["late"] * 5, *[""] * 65)
"""Ten in a hundred requests lost, ten replies lost, ten requests doubled, five arriving after later ones."""

_SLOWEST = 0.004
_NOTICED = 0.5
_PART = 65_536


@dataclass
class Network:
    """What all doors share: the hub's port, and the requests that are still on their way."""

    port: int
    late: list[bytes] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, request: bytes) -> None:
        """Keep a request back."""
        with self.lock:
            self.late.append(request)

    def arrive(self, chance: random.Random, most: int = 1) -> None:
        """Let requests that were kept back arrive; nobody waits for their answers."""
        for _ in range(most):
            with self.lock:
                if not self.late:
                    return
                request = self.late.pop(chance.randrange(len(self.late)))
            self.ask(request)

    def begin(self, part: bytes) -> None:
        """Send the beginning of a request and break off; come back when the hub has noticed."""
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as connection:
                connection.sendall(part)
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(_NOTICED)
                while connection.recv(_PART):
                    continue
        except OSError:
            return

    def ask(self, request: bytes) -> Message | None:
        """Send a request on a connection of its own; None when the hub broke off."""
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as connection:
                connection.sendall(request)
                return Stream(connection).message()
        except (OSError, Broken):
            return None


class Door:
    """Listens on a port of its own until closed.

    Parameters
    ----------
    network : Network
    chance : random.Random
        Chooses fates; may be changed between requests, as ``weather`` may.
    """

    def __init__(self, network: Network, chance: random.Random, weather: Sequence[str] = CALM) -> None:
        self.network, self.chance, self.weather = network, chance, weather
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def base(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Listen no more, and break what is under way."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in tuple(self._open):
            connection.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Take requests from one connection until either side or fate closes it."""
        stream = Stream(connection)
        try:
            while (request := stream.message()) is not None:
                reply = self._pass(request.raw)
                if reply is None:
                    return
                connection.sendall(reply.raw)
                if reply.closes:
                    return
        except (OSError, Broken):
            return
        finally:
            connection.close()
            self._open.discard(connection)

    def _pass(self, request: bytes) -> Message | None:
        """Let a request meet its fate; gives the reply to hand back, if any."""
        fate = self.chance.choice(self.weather)
        self.network.fates[fate] += 1
        if fate == "lost":
            return None
        if fate == "late":
            self.network.hold(request)
            return None
        if self.weather is not CALM:
            time.sleep(self.chance.random() * _SLOWEST)
        reply = self._twice(request) if fate == "doubled" else self.network.ask(request)
        if self.weather is not CALM and self.chance.random() < 0.5:
            self.network.arrive(self.chance)
        return None if fate == "unanswered" else reply

    def _twice(self, request: bytes) -> Message | None:
        """Send a request twice, one after the other or both at once; gives either reply."""
        if self.chance.random() < 0.5:
            replies = [self.network.ask(request), self.network.ask(request)]
        else:
            replies = []
            twin = threading.Thread(target=lambda: replies.append(self.network.ask(request)))
            twin.start()
            replies.append(self.network.ask(request))
            twin.join()
        return self.chance.choice(replies)


class CutDoor(Door):
    """Cuts the exchanges of one route at a byte.

    ``cut`` is the route, "request" or "reply", and how many bytes pass; without it everything does.
    ``length`` is how long the last request or reply was that a cut befell.
    """

    cut: tuple[str, str, int] | None = None
    length = 0

    def _pass(self, request: bytes) -> Message | None:
        if self.cut is None or self.cut[0].encode() not in request.split(b"\r\n", 1)[0]:
            return self.network.ask(request)
        _, side, at = self.cut
        if side == "request":
            self.length = len(request)
            if at:
                self.network.begin(request[:at])
            return None
        reply = self.network.ask(request)
        if reply is None:
            return None
        self.length = len(reply.raw)
        return Message(reply.raw[:at], reply.first, closes=True)
