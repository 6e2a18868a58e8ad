"""Push: 50 clients, batches of 25 new people, the full path of both servers on one PostgreSQL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from governance.contract import uuid7
from tests.bench.driver import Plan, drive, request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import SYNC, hub, tablet_headers
from tests.bench.kinto import kinto
from tests.bench.people import person
from tests.postgres import running

CLIENTS = 50
BATCH = 25
HELD = 200
OUR_BATCHES = 8
THEIR_BATCHES = 1
ROUNDS = 3
JSON = {"Content-Type": "application/json"}

_places = count(1)


def push_vs_kinto() -> list[Figure]:
    """Measure records a second on both, in turn; our grids hold people already, theirs begin empty."""
    with running() as url:
        ours_url, theirs_url = (database_make(url, name) for name in ("ours", "kinto"))
        with hub(ours_url, CLIENTS, HELD) as (port, homes), kinto(theirs_url) as their_port:
            drive(their_port, _collections())
            drive(port, our_plan(homes, 1))
            ours, theirs = [], []
            for number in range(ROUNDS):
                ours.append(_rate(port, our_plan(homes, OUR_BATCHES), OUR_BATCHES))
                theirs.append(_rate(their_port, _their_plan(THEIR_BATCHES), THEIR_BATCHES))
                say(f"push {number + 1}/{ROUNDS}: {ours[-1]:.0f} · {theirs[-1]:.0f} records/s")
    return [of_runs("push_vs_kinto", ours, theirs, "records/s")]


def database_make(url: str, name: str) -> str:
    """Make an empty database on the server; give its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        connection.execute(f"ALTER DATABASE \"{name}\" SET timezone TO 'UTC'".encode())
    return url.rpartition("/")[0] + "/" + name


@contextmanager
def filled_hub(people: int) -> Iterator[tuple[int, str]]:
    """Serve a hub whose 50 grids hold people; gives port and database URL."""
    with running() as url:
        database = database_make(url, "ours")
        with hub(database, CLIENTS, people) as (port, _):
            yield port, database


def _rate(port: int, plan: Plan, batches: int) -> float:
    return CLIENTS * BATCH * batches / drive(port, plan).seconds


def our_plan(homes: list[str], batches: int) -> Plan:
    return [
        [_push(household, number) for _ in range(batches)] for number, household in enumerate(homes, start=1)
    ]


def _push(household: str, number: int) -> bytes:
    changes = [
        {
            "change": str(uuid7()),
            "kind": "person",
            "id": str(uuid7()),
            "base": None,
            "set": person(household, next(_places)),
        }
        for _ in range(BATCH)
    ]
    body = json.dumps({"changes": changes}, ensure_ascii=False).encode()
    return request("POST", f"{SYNC}/push", JSON | tablet_headers(number), body)


def _collections() -> Plan:
    headers = JSON
    rights = json.dumps({"permissions": {"write": ["system.Everyone"]}}).encode()
    bucket = request("PUT", "/v1/buckets/bench", headers, rights)
    made = [
        request("PUT", f"/v1/buckets/bench/collections/grid{n}", headers, b"{}")
        for n in range(1, CLIENTS + 1)
    ]
    return [[bucket, *made]]


def _their_plan(batches: int) -> Plan:
    return [[_batch(f"grid{number}") for _ in range(batches)] for number in range(1, CLIENTS + 1)]


def _batch(collection: str) -> bytes:
    requests = [
        {
            "method": "PUT",
            "path": f"/buckets/bench/collections/{collection}/records/{uuid7()}",
            "body": {"data": person(str(uuid7()), next(_places))},
        }
        for _ in range(BATCH)
    ]
    body = json.dumps({"requests": requests}, ensure_ascii=False).encode()
    return request("POST", "/v1/batch", JSON, body)
