"""Whether a hub worker's memory stays flat: what it holds after 100,000 syncs, against the first 20,000."""

import psutil

from tests.bench.driver import drive
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import hub
from tests.bench.idle import idle_request
from tests.bench.push import BATCH, CLIENTS, HELD, database_make, our_plan
from tests.postgres import running

SYNCS = 100_000
ROUND = 20_000
MIB = 1024 * 1024


def worker_memory() -> list[Figure]:
    """Measure the greatest resident memory of a web worker, in MiB: idle syncs, and now and then a push."""
    held = []
    with running() as url, hub(database_make(url, "ours"), CLIENTS, HELD) as (port, homes):
        for done in range(ROUND, SYNCS + 1, ROUND):
            drive(port, our_plan(homes, 1))
            idle = [[idle_request(port, number)] * (ROUND // CLIENTS - 1) for number in range(1, CLIENTS + 1)]
            drive(port, idle)
            held.append(_largest_worker())
            say(f"memory {done}/{SYNCS} syncs ({CLIENTS * BATCH} records pushed): {held[-1]:.0f} MiB")
    return [of_runs("worker_memory", held[-1:], held[:1], "MiB, at most 1.1")]


def _largest_worker() -> float:
    servers = (each for each in psutil.Process().children() if "granian" in " ".join(each.cmdline()))
    workers = [worker for server in servers for worker in server.children(recursive=True)]
    return max(worker.memory_info().rss for worker in workers) / MIB
