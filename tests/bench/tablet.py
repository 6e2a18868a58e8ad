"""Opening a tablet with 5,000 records: CPU seconds and memory from the PIN to a list that answers."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from field_app.ports import device_ports
from field_app.store.vault import Vault
from field_app.wiring import session_open
from field_app.work.session import Session
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import ROOT
from tests.bench.people import person
from tests.field_app.fake_hub import PASSWORD, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import town_make

RECORDS = 5000
ROUNDS = 5
PIN = "246810"
CPU_SECONDS, MEGABYTES = 1.0, 300.0


def tablet_open_5000() -> list[Figure]:
    """Measure against what a worker may be asked to wait and a cheap tablet can hold."""
    with TemporaryDirectory(prefix="tablet-bench-") as name:
        folder = Path(name) / "data"  # its secret lies beside it
        _fill(folder)
        runs = []
        for number in range(ROUNDS):
            runs.append(_open_apart(folder))
            say(f"tablet {number + 1}/{ROUNDS}: {runs[-1]['cpu']:.2f} s CPU, {runs[-1]['memory']:.0f} MB")
    cpu = of_runs("tablet_open_5000", [run["cpu"] for run in runs], [CPU_SECONDS], "CPU s, limit as baseline")
    memory = of_runs(
        "tablet_open_5000_memory",
        [run["memory"] for run in runs],
        [MEGABYTES],
        "MB resident, limit as baseline",
    )
    return [cpu, memory]


def _fill(folder: Path) -> None:
    hub = FakeHub()
    town = town_make(hub)
    for place in range(RECORDS - len(hub.records)):
        hub.add("person", {**person(town.household, place), "name": f"王示{place}"})
    session = Session(Vault(folder, device_ports(folder).secret), lambda _: FakeTransport(hub))
    session.enrol(hub="https://hub.example", username="wang", password=PASSWORD, device="平板", pin=PIN)
    session.sync()
    session.close()


def _open_apart(folder: Path) -> dict[str, float]:
    """Open the folder in a process of its own, as a program that starts does."""
    command = [sys.executable, "-m", "tests.bench.tablet", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Unlock, search once, and print what it took."""
    session = session_open(Path(sys.argv[1]))
    begun = time.process_time()
    session.unlock(PIN)
    found = session.desk.find.search("ws")
    cpu = time.process_time() - begun
    if not found or len(session.desk.records.rows("person")) < RECORDS * 0.95:
        raise SystemExit("the list does not answer")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"cpu": cpu, "memory": memory}))


if __name__ == "__main__":
    main()
