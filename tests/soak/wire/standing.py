"""A hub of its own process with a few grids, workers and homes; and tablets that reach it through doors."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from field_app.ports.clock import DeviceClock, uptime
from field_app.ports.secret import SecretFile
from field_app.store.memory import Memory
from field_app.store.vault import Vault
from field_app.sync.http import HttpTransport
from field_app.work.session import Session, SessionState
from tests import postgres
from tests.hub_process import Hub
from tests.soak.storage.pins import quick_pins
from tests.soak.storage.place import scratch
from tests.soak.wire.proxy import Door

PIN = "246810"
CREWS = 4
ROLES = {"first": (0,), "second": (1,), "third": (0, 1)}
"""A crew's workers and the places of their grids; the third works in both."""

PATIENCE = (2.0, 20.0)
NO_PAUSES = (0.0, 0.0)

_FILL = """
import json
from tests.soak.storage.tables import tables_make
from governance.feed.selectors import epoch
from tests import factories
tables_make()
factories.codes()
codes = (factories.GRID, factories.NEXT)
homes = {}
for place, code in enumerate(codes):
    factories.grid(code, shift=place)
    lon = factories.WEST + place * 0.01 + 0.005
    homes[code] = factories.home(factories.hub_in(code), lon=lon)["household"]
scopes = {name: [codes[place] for place in places] for name, places in json.loads('%s').items()}
for name, grids in scopes.items():
    factories.worker(name, *grids)
epoch()
print(json.dumps({"homes": homes, "scopes": scopes, "password": factories.PASSWORD}))
"""


@dataclass(frozen=True)
class Town:
    """What stands at a hub: each grid's household, each worker's grids, everybody's password."""

    homes: dict[str, str]
    scopes: dict[str, list[str]]
    password: str


def fill(hub: Hub) -> Town:
    """Make tables and standing data in an empty database."""
    users = {f"{role}{crew}": grids for crew in range(CREWS) for role, grids in ROLES.items()}
    said = hub.manage("shell", "-v", "0", "-c", _FILL % json.dumps(users))
    return Town(**json.loads(said))


@contextmanager
def database(url: str) -> Iterator["Rows"]:
    """Look into the hub's database beside the hub."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        connection = sqlite3.connect(f"file:/{parts.path.lstrip('/')}?mode=ro", uri=True, timeout=30)
        try:
            yield Rows(connection)
        finally:
            connection.close()
        return
    with psycopg.connect(url, autocommit=True) as server:
        yield Rows(server)


@dataclass(frozen=True)
class Rows:
    """A connection, whichever database it is."""

    connection: "sqlite3.Connection | psycopg.Connection[tuple[object, ...]]"

    def all(self, sql: str) -> list[tuple[object, ...]]:
        """Give all rows; UUIDs as text."""
        rows = self.connection.execute(sql).fetchall()
        return [tuple(str(value) if hasattr(value, "hex") else value for value in row) for row in rows]


@dataclass(frozen=True)
class Place:
    """A filled hub that runs, and where tablets may lie."""

    hub: Hub
    town: Town
    folder: Path


@contextmanager
def served(kind: str) -> Iterator[Place]:
    """Serve a hub on SQLite, or on a PostgreSQL of its own."""
    with scratch() as folder, ExitStack() as stack:
        stack.enter_context(quick_pins())
        url = f"sqlite:///{folder / 'hub.sqlite3'}"
        if kind == "postgres":
            url = stack.enter_context(postgres.running())
        hub = Hub(folder, url)
        town = fill(hub)
        hub.start()
        stack.callback(hub.stop)
        yield Place(hub, town, folder)


class Tablet:
    """One worker's tablet: the real session over real sockets, and what its worker did.

    Parameters
    ----------
    role : str
    crew : int
    folder : Path
        Where all tablets lie.
    door : Door
        Its way to the hub.
    town : Town
    """

    def __init__(self, role: str, crew: int, folder: Path, door: Door, town: Town) -> None:
        self.role, self.user = role, f"{role}{crew}"
        self.folder, self.town = folder / self.user, town
        self.door = door
        self.pauses: tuple[float, ...] = NO_PAUSES
        self._ahead = 0.0
        self.offered: dict[str, str] = {}
        self.wrote: dict[tuple[str, str], str] = {}
        self.session = self._open()

    @property
    def memory(self) -> Memory:
        """What its store holds."""
        store = self.session._store
        assert store is not None
        return store.memory

    def enrol(self) -> None:
        """Register at the hub and take everything."""
        self.session.enrol(
            hub=self.door.base, username=self.user, password=self.town.password, device=self.user, pin=PIN
        )
        self.session.sync()

    def restart(self) -> None:
        """End the program and start it again."""
        self.session.close()
        self.session = self._open()

    def close(self) -> None:
        """End the program."""
        self.session.close()
        self.door.close()

    def wait(self, seconds: float) -> None:
        """Let time pass for this tablet alone."""
        self._ahead += seconds

    def _open(self) -> Session:
        vault = Vault(
            self.folder,
            SecretFile(self.folder.with_name(f"{self.folder.name}-secrets")),
            DeviceClock(uptime=lambda: uptime() + self._ahead),
        )
        session = Session(vault, self._transport, searching=False)
        if session.state is SessionState.LOCKED:
            session.unlock(PIN)
        return session

    def _transport(self, base: str) -> HttpTransport:
        return HttpTransport(base, self.wait, timeout=PATIENCE, pauses=self.pauses)
