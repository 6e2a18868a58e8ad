"""The rules on a generated city: PostgreSQL with 4 million residents, unless BENCH_RESIDENTS says otherwise.

``BENCH_DATABASE=sqlite`` measures the embedded database, with 400,000.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure, of_runs
from tests.bench.hub import ROOT
from tests.bench.push import database_make
from tests.postgres import running

_SERVER = {
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",  # filling is no part of what is measured
}
_UNITS = {
    "age_rules_vs_queries": "CPU s, at most 5",
    "all_rules_vs_scan": "CPU s, at most 6",
    "arrival_overhead": "CPU s a push, at most 1.15",
    "rules_memory": "MB, at most 500",
}


def rules_measure(name: str) -> list[Figure]:
    """Give one measure; the city is filled once for all of them."""
    ours, baseline = _measured()[name]
    return [of_runs(name, ours, baseline, _UNITS[name])]


@cache
def _measured() -> dict[str, list[list[float]]]:
    embedded = os.environ.get("BENCH_DATABASE") == "sqlite"
    residents = os.environ.get("BENCH_RESIDENTS", "400000" if embedded else "4000000")
    with TemporaryDirectory(prefix="rules-bench-") as folder, _database(folder, embedded) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        command = [sys.executable, "-m", "tests.bench.city", residents]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, list[list[float]]] = json.loads(done.stdout)
    return found


@contextmanager
def _database(folder: str, embedded: bool) -> Iterator[str]:
    if embedded:
        yield f"sqlite:///{folder}/hub.sqlite3"
        return
    with running(**_SERVER) as url:
        yield database_make(url, "rules")
