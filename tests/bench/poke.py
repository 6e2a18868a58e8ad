"""Pokes: 1,000 tablets with an open line on one grid, a change pushed there, and when each hears of it."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from governance.contract import uuid7
from tests.bench.driver import request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import PREFIX, ROOT, hub, tablet_headers
from tests.bench.people import person
from tests.bench.push import database_make
from tests.hub_process import Hub
from tests.postgres import running
from tests.sync.poke_side import ROUTE, PokeSide

LINES = 1000
CHANGES = 15
LIMIT = 1.0
_PAUSE = 1.0
_PATIENCE = 60.0
_TWENTIETHS = 20

_LISTENERS = """
import sys
import django
django.setup()
from django.utils import timezone
from governance.access.models import Device, Post, User
from governance.access.services.keys import secret_digest
numbers = range(int(sys.argv[1]))
users = User.objects.bulk_create(User(username=f"listener{n}", password="!") for n in numbers)
Post.objects.bulk_create(
    Post(worker=user, grid=sys.argv[2], kind="stand_in", starts_on=timezone.localdate()) for user in users
)
Device.objects.bulk_create(
    Device(worker=user, name="x", token_hash=secret_digest(f"listener{n}"), enrolled_at=timezone.now())
    for n, user in enumerate(users)
)
"""


def poke_latency_p95() -> list[Figure]:
    """Measure seconds from sending a push to the poke, on 95 % of the lines; against the limit of 1 s."""
    with running() as url:
        database = database_make(url, "ours")
        with hub(database, 1) as (port, homes), _lines_served(database) as lines, _Ears(lines) as ears:
            ears.hear()
            found = []
            for place in range(CHANGES):
                time.sleep(_PAUSE)
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    begun = time.perf_counter()
                    connection.sendall(_push(homes[0], place))
                    heard = ears.hear()
                found.append(quantiles([at - begun for at in heard], n=_TWENTIETHS)[-1])
                say(f"poke {place + 1}/{CHANGES}: p95 {found[-1]:.3f} s")
    return [of_runs("poke_latency_p95", found, [LIMIT] * len(found), "s")]


@contextmanager
def _lines_served(database: str) -> Iterator[int]:
    """Serve open lines beside the hub, with so many more tablets on its first grid; gives the port."""
    with TemporaryDirectory(prefix="hub-bench-") as folder:
        side = PokeSide(Hub(Path(folder), database))
        environment = {**side.hub.environment, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
        fill = [sys.executable, "-c", _LISTENERS, str(LINES), f"{PREFIX}001"]
        subprocess.run(fill, cwd=ROOT, env={**os.environ, **environment}, check=True)
        side.start()
        try:
            yield side.port
        finally:
            side.stop()


class _Ears:
    """All the lines, read by one loop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "_Ears":
        for number in range(LINES):
            line = socket.create_connection(("127.0.0.1", self._port))
            headers = {"Authorization": f"Token listener{number}", "X-Protocol": "2"}
            line.sendall(request("GET", ROUTE, headers))
            self._selector.register(line, selectors.EVENT_READ)
            self._sockets.append(line)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for line in self._sockets:
            line.close()

    def hear(self) -> list[float]:
        """Wait until every line was poked; give the moments, of :func:`time.perf_counter`."""
        moments: dict[int, float] = {}
        rests: dict[int, bytes] = {}
        until = time.perf_counter() + _PATIENCE
        while len(moments) < LINES:
            if time.perf_counter() > until:
                raise RuntimeError(f"{LINES - len(moments)} lines heard nothing")
            for key, _ in self._selector.select(1.0):
                said = rests.get(key.fd, b"") + key.fileobj.recv(4096)  # type: ignore[union-attr]
                rests[key.fd] = said[-100:]
                if b"event: poke" in said:
                    moments.setdefault(key.fd, time.perf_counter())
        return list(moments.values())


def _push(household: str, place: int) -> bytes:
    values = person(household, 50_000_000 + place)
    change = {"change": str(uuid7()), "kind": "person", "id": str(uuid7()), "base": None, "set": values}
    body = json.dumps({"changes": [change]}, ensure_ascii=False).encode()
    headers = {**tablet_headers(1), "Content-Type": "application/json"}
    return request("POST", "/api/v1/sync/push", headers, body)
