"""No reader's cursor passes a row that commits later (提交先后), on a real PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.postgres import running
from tests.soak.tally import Tally

CONTROLS = ("timestamp", "sequence", "unlocked")
"""Ways of numbering rows under which readers miss some."""

_CONTROL_ROWS = 5_000


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Write so many rows with the feed's own services, then some with each known-wrong numbering."""
    with running() as url:
        found = _run(url, "locked", tried, seed)
        say(f"locked: {found}")
        tally = Tally(**found)
        for control in CONTROLS:
            found = _run(url, control, _CONTROL_ROWS, seed)
            say(f"{control}: {found}")
            tally.controls += 1
            tally.controls_caught += found["lost"] > 0
    return tally


def _run(url: str, variant: str, tried: int, seed: int) -> dict[str, int]:
    """Run writers and readers in a database of their own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {variant}")
    database = urlunsplit(urlsplit(url)._replace(path=f"/{variant}"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.committers", str(tried), str(seed), variant],
        env={**os.environ, "TEST_DATABASE_URL": database, "DATABASE_URL": database},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, int] = json.loads(done.stdout)
    return found
