"""The process that holds open lines, beside a real hub, and a client that reads them off the socket."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from governance.contract.wire import PROTOCOL
from tests.hub_process import PATIENCE, ROOT, Hub, HubError
from tests.postgres import free_port

ROUTE = "/api/v1/sync/poke"


@dataclass
class PokeSide:
    """A running process for open lines."""

    hub: Hub
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            *(sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--workers", "1", "--backpressure", "5000", "--runtime-mode", "st"),
            *("--http", "1", "--no-ws", "--log-level", "warning", "governance.config.asgi:application"),
        ]
        with (self.hub.home / "poke.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**self.hub.environment, **self.settings},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise HubError((self.hub.home / "poke.log").read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == http.HTTPStatus.NOT_FOUND
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop it as an administrator does."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def kill(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


@contextmanager
def poke_side(hub: Hub, **settings: str) -> Iterator[PokeSide]:
    """Run one beside ``hub`` with further settings."""
    side = PokeSide(hub, settings)
    side.start()
    try:
        yield side
    finally:
        side.stop()


class Ear:
    """An open line, read event by event."""

    def __init__(self, port: int, token: str = "", cursor: str = "", **query: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"X-Protocol": str(PROTOCOL), **({"Authorization": f"Token {token}"} if token else {})}
        wanted = urlencode({"cursor": cursor, **query})
        self._connection.request("GET", f"{ROUTE}?{wanted}", headers=headers)
        self.reply = self._connection.getresponse()
        self.status = self.reply.status

    def event(self) -> tuple[str, dict[str, Any]]:
        """Give the next event; "" where the stream is over."""
        name = ""
        while line := self.reply.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                return name, json.loads(text.removeprefix("data: "))
        return "", {}

    def until(self, heads: dict[str, int]) -> list[dict[str, int]]:
        """Read pokes until all of ``heads`` was told; give the pokes."""
        pokes: list[dict[str, int]] = []
        told: dict[str, int] = {}
        while any(told.get(stream, -1) < seq for stream, seq in heads.items()):
            name, data = self.event()
            assert name == "poke", (name, data)
            pokes.append(data["streams"])
            told |= data["streams"]
        assert all(told[stream] == seq for stream, seq in heads.items()), (told, heads)
        return pokes

    def body(self) -> dict[str, Any]:
        """Give a refusal."""
        found: dict[str, Any] = json.loads(self.reply.read())
        return found

    def close(self) -> None:
        self.reply.close()
        self._connection.close()

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
