"""First load: 50 snapshots of 5,000 people, against bare SQL→JSON on the same database."""

import threading
import time

import psycopg

from tests.bench.driver import drive, request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import PREFIX, SYNC, WORKERS, tablet_headers
from tests.bench.people import COLUMNS
from tests.bench.push import CLIENTS, filled_hub

PEOPLE = 5000
ROUNDS = 7


def first_load_vs_sql() -> list[Figure]:
    """Measure people a second through the hub and straight from the database, in turn."""
    say(f"装入 {CLIENTS}×{PEOPLE} 人 · filling {CLIENTS} grids")
    plan = [[request("GET", f"{SYNC}/snapshot", tablet_headers(number))] for number in range(1, CLIENTS + 1)]
    total = CLIENTS * PEOPLE
    with filled_hub(PEOPLE) as (port, url):
        drive(port, plan[:WORKERS])
        ours, bare = [], []
        for number in range(ROUNDS):
            ours.append(total / drive(port, plan).seconds)
            bare.append(total / _bare(url))
            say(f"first load {number + 1}/{ROUNDS}: {ours[-1]:.0f} · {bare[-1]:.0f} records/s")
    return [of_runs("first_load_vs_sql", ours, bare, "records/s")]


def _bare(url: str) -> float:
    """Read every grid's people as JSON built by the database, two readers at a time; give seconds."""
    columns = ", ".join(f'"{name}"' for name in ("id", "version", "household", "citizen_number", *COLUMNS))
    sql = f"SELECT row_to_json(p)::text FROM (SELECT {columns} FROM records_person WHERE grid = %s) p"
    waiting = [f"{PREFIX}{number:03d}" for number in range(1, CLIENTS + 1)]

    def read() -> None:
        with psycopg.connect(url) as connection:
            while waiting:
                rows = connection.execute(sql.encode(), [waiting.pop()]).fetchall()
                if len(rows) != PEOPLE:
                    raise RuntimeError(f"{len(rows)} people instead of {PEOPLE}")

    readers = [threading.Thread(target=read) for _ in range(WORKERS)]
    begun = time.perf_counter()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return time.perf_counter() - begun
