"""Push: 50 clients, batches of new people, the full path of both servers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import psycopg

from governance.contract import uuid7
from tests.bench.driver import Plan, drive, request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import SYNC, hub, tablet_headers
from tests.bench.kinto import kinto
from tests.bench.people import person
from tests.bench.pouchdb import pouchdb
from tests.postgres import DURABLE, running

CLIENTS = 50
BATCH = 25
HELD = 200
LARGE = 100
LARGE_BATCHES = 4
OUR_BATCHES = 8
THEIR_BATCHES = 1
ROUNDS = 3
JSON = {"Content-Type": "application/json"}

_places = count(1)


def push_vs_kinto() -> list[Figure]:
    """Measure records a second on both, on one PostgreSQL, in batches of 25, in turn.

    Our grids hold people already, theirs begin empty.
    """
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


def push_vs_pouchdb() -> list[Figure]:
    """Measure records a second on both in batches of 100, in turn; ours are on the disk when answered."""
    with (
        running(**DURABLE) as url,
        hub(database_make(url, "ours"), CLIENTS, HELD) as (port, homes),
        pouchdb() as their_port,
    ):
        drive(their_port, [[request("PUT", f"/grid{n}", JSON, b"")] for n in range(1, CLIENTS + 1)])
        drive(port, our_plan(homes, 1, LARGE))
        ours, theirs = [], []
        for number in range(ROUNDS):
            ours.append(_rate(port, our_plan(homes, LARGE_BATCHES, LARGE), LARGE_BATCHES, LARGE))
            plan = [_replications(n, LARGE_BATCHES) for n in range(1, CLIENTS + 1)]
            theirs.append(_rate(their_port, plan, LARGE_BATCHES, LARGE))
            say(f"push {number + 1}/{ROUNDS}: {ours[-1]:.0f} · {theirs[-1]:.0f} records/s")
    return [of_runs("push_vs_pouchdb", ours, theirs, "records/s")]


def _replications(number: int, batches: int) -> list[bytes]:
    """Give a client's pushes as its protocol has them: what is missing, the documents, the checkpoint."""
    requests = []
    for _ in range(batches):
        docs = []
        for _ in range(LARGE):
            revision = uuid4().hex
            identity = {"_id": str(uuid7()), "_rev": f"1-{revision}"}
            revisions = {"_revisions": {"start": 1, "ids": [revision]}}
            docs.append(identity | revisions | person(str(uuid7()), next(_places)))
        asked = {doc["_id"]: [doc["_rev"]] for doc in docs}
        bulk = {"new_edits": False, "docs": docs}
        requests += [
            _post(f"/grid{number}/_revs_diff", asked),
            _post(f"/grid{number}/_bulk_docs", bulk),
            request("PUT", f"/grid{number}/_local/{uuid4().hex}", JSON, b'{"last_seq":1}'),
        ]
    return requests


def _post(path: str, content: object) -> bytes:
    return request("POST", path, JSON, json.dumps(content, ensure_ascii=False).encode())


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


def _rate(port: int, plan: Plan, batches: int, size: int = BATCH) -> float:
    return CLIENTS * size * batches / drive(port, plan).seconds


def our_plan(homes: list[str], batches: int, size: int = BATCH) -> Plan:
    """Give each client's pushes of new people."""
    return [
        [_push(household, number, size) for _ in range(batches)]
        for number, household in enumerate(homes, start=1)
    ]


def _push(household: str, number: int, size: int) -> bytes:
    changes = [
        {
            "change": str(uuid7()),
            "kind": "person",
            "id": str(uuid7()),
            "base": None,
            "set": person(household, next(_places)),
        }
        for _ in range(size)
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
