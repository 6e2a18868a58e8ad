"""Our hub on a given PostgreSQL server, with as many grids and tablets as there are clients."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
PREFIX = "420502001001"

SYNC = "/api/v1/sync"


def tablet_headers(number: int) -> dict[str, str]:
    """Give the headers that a tablet sends with every request; tablet 0 is a second one on grid 1."""
    return {
        "User-Agent": "shequ-etong",
        "Accept-Encoding": "identity",
        "X-Protocol": "2",
        "Authorization": f"Token {token(number)}",
    }


def token(number: int) -> str:
    """Give a tablet's token, as long as a real one."""
    return f"token{number:038d}"


_FILL = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from tests import factories
from tests.bench.hub import token
from governance.records.models import Person
from tests.bench.people import person
MANY = 1000
call_command("migrate", verbosity=0)
factories.codes()
homes = []
for number in range(1, int(sys.argv[1]) + 1):
    code = f"{sys.argv[3]}{number:03d}"
    factories.grid(code, shift=number)
    actor = factories.tablet(factories.worker(f"worker{number}", code), token(number))
    home = factories.home(actor, lon=factories.WEST + number * 0.01 + 0.005)
    homes.append(home["household"])
    people = int(sys.argv[2])
    if number > 1 and people > MANY:
        continue
    first = 10_000_000 + number * people
    for start in range(0, people, 500):
        chunk = range(first + start, first + min(start + 500, people))
        made = [factories.change("person", **person(home["household"], place)) for place in chunk]
        assert all(result.status == "created" for result in factories.apply(actor, *made))
if people > MANY:  # where there are many, the other grids get copies of the first one's
    columns = [field.column for field in Person._meta.concrete_fields]
    own = {"id": "gen_random_uuid()", "grid": "%s", "household": "%s"}
    chosen = ", ".join(own.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        for number, household in enumerate(homes[1:], start=2):
            cursor.execute(
                f"INSERT INTO records_person ({names}) SELECT {chosen} FROM records_person WHERE grid = %s",
                [f"{sys.argv[3]}{number:03d}", household, f"{sys.argv[3]}001"],
            )
factories.tablet(factories.worker("worker0", f"{sys.argv[3]}001"), token(0))
for number in range(int(sys.argv[1]) + 1, int(sys.argv[4]) + 1):
    community, place = divmod(number, 900)
    factories.grid(f"420502{community + 2:03d}001{place:03d}", shift=number)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
print(json.dumps(homes))
"""


@contextmanager
def hub(url: str, clients: int, people: int = 0, grids: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Serve a filled hub; gives its port and each client's household.

    Parameters
    ----------
    url : str
        Of an empty PostgreSQL database.
    clients : int
        Grids, each with a tablet whose token is :func:`token`'s, from 1.
    people : int
        People in each grid.
    grids : int
        Grids in all, where it is more than ``clients``; nobody works in the others.
    """
    with TemporaryDirectory(prefix="hub-bench-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        fill = [sys.executable, "-c", _FILL, str(clients), str(people), PREFIX, str(grids)]
        filled = subprocess.run(fill, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if filled.returncode:
            raise RuntimeError(filled.stderr[-2000:])
        with served("governance.config.web:application", environment, ROOT, interface="rsgi") as port:
            yield port, json.loads(filled.stdout)


@contextmanager
def served(
    target: str, environment: dict[str, str], folder: Path, python: str = sys.executable, *, interface: str
) -> Iterator[int]:
    """Serve an application with granian, two workers of two threads; gives the port."""
    port = free_port()
    threads = ("--blocking-threads", "2") if interface == "wsgi" else ()  # the hub has its own two
    command = [
        *(python, "-m", "granian", "--interface", interface, "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(WORKERS), *threads, "--log-level", "error"),
        *("--runtime-mode", "st", "--http", "1", target),
    ]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=2):
                return
        except URLError as error:
            if hasattr(error, "code"):
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
