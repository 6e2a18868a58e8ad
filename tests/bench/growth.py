"""What a pushed record costs in CPU when the city is large, against a hub with a single grid."""

from collections.abc import Iterable

import psutil

from tests.bench.driver import drive
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import hub
from tests.bench.push import BATCH, HELD, database_make, our_plan
from tests.postgres import running

GRIDS = 11_000
WORKING = 50
BATCHES = 120
ROUNDS = 3


def push_growth() -> list[Figure]:
    """Measure CPU microseconds a record, of hub and database together, on both in turn; one client."""
    with running() as url:
        say(f"{GRIDS} 个网格 · filling")
        small, large = (database_make(url, name) for name in ("small", "large"))
        with hub(small, 1, HELD) as one, hub(large, WORKING, HELD, GRIDS) as many:
            ours, single = [], []
            for number in range(-1, ROUNDS):
                costs = [_cost(*many), _cost(*one)]
                if number < 0:
                    continue  # the first round prepares statements and fills caches
                ours.append(costs[0])
                single.append(costs[1])
                say(f"growth {number + 1}/{ROUNDS}: {costs[0]:.0f} · {costs[1]:.0f} µs CPU a record")
    return [of_runs("push_growth", ours, single, "µs CPU a record, at most 1.2")]


def _cost(port: int, homes: list[str]) -> float:
    plans = our_plan(homes, BATCHES // len(homes))
    plan = [[raw for client in plans for raw in client]]
    before = _spent()
    drive(port, plan)
    return (_spent() - before) / (len(plan[0]) * BATCH) * 1e6


def _spent() -> float:
    """Give the CPU seconds of the servers that run under this process, the databases' included."""
    ours = psutil.Process().children(recursive=True)
    return sum(_seconds(each for each in ours))


def _seconds(processes: Iterable[psutil.Process]) -> Iterable[float]:
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        yield times.user + times.system
