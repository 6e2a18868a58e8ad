"""A sync with nothing to do, against the simplest view of the same framework on the same server."""

import re

from tests.bench.driver import Plan, drive, exchange, request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import SYNC, hub, tablet_headers
from tests.bench.push import CLIENTS, HELD, database_make
from tests.postgres import running

ASKED = 40
ROUNDS = 5


def idle_vs_trivial_view() -> list[Figure]:
    """Measure requests a second of both, in turn, from 50 clients."""
    with running() as url, hub(database_make(url, "ours"), CLIENTS, HELD) as (port, _):
        idle = [[idle_request(port, number)] * ASKED for number in range(1, CLIENTS + 1)]
        trivial = [[request("GET", "/bench/trivial", {})] * ASKED for _ in range(CLIENTS)]
        ours, bare = [], []
        for number in range(ROUNDS):
            ours.append(_rate(port, idle))
            bare.append(_rate(port, trivial))
            say(f"idle {number + 1}/{ROUNDS}: {ours[-1]:.0f} · {bare[-1]:.0f} requests/s")
    return [of_runs("idle_vs_trivial_view", ours, bare, "requests/s")]


def idle_request(port: int, number: int) -> bytes:
    """Pull until the hub has nothing more to say; give the request that then gets a bare 204."""
    cursor = ""
    while True:
        raw = request("GET", f"{SYNC}/pull{cursor}", tablet_headers(number))
        head, body = exchange(port, raw)
        if head.split()[1] == b"204":
            return raw
        found = re.search(rb'"cursor":"([^"]+)"', body)
        if found is None:
            raise RuntimeError(body.decode()[:500])
        cursor = "?cursor=" + found[1].decode()


def _rate(port: int, plan: Plan) -> float:
    return CLIENTS * ASKED / drive(port, plan).seconds
