"""A worker's tablet: the real session on a folder in memory, and a ledger of what he saved."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from field_app.ports.secret import SecretFile
from field_app.store import keyring, offer
from field_app.store.memory import Memory
from field_app.store.state import Entry, Photo
from field_app.store.unit import Unit
from field_app.store.vault import Vault
from field_app.sync import report, settle
from field_app.sync.photos import photos_waiting
from field_app.sync.transport import Transport
from field_app.work.session import Session
from tests import factories
from tests.soak.world import plug

PIN = "246810"
OUTSIDE = (".secret", ".tries")
"""What a real tablet keeps outside its folder."""

HUB_ADDRESS = "https://hub.example"
Folder = dict[str, bytes]

keyring.COST = 2**4
OFFERED_AGAIN: set[str] = set()
"""Changes offered anew under another id, as a restored hub or the worker wants it, and their records."""


def _noted(unit: Unit, entry: Entry, *arguments: Any, **options: Any) -> Entry:
    OFFERED_AGAIN.update((entry.id, entry.change))
    return _again(unit, entry, *arguments, **options)


_again = offer.again
for _module in (offer, settle):
    vars(_module)["again"] = _noted
# The tablet's store opens its file by this name; Django opens the hub's by another.
vars(sqlite3)["connect"] = partial(sqlite3.connect, factory=plug.PluggedConnection)
# What a tablet says of its disk would be told anew whenever this machine's changes, and shift what follows.
vars(report)["shutil"] = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=1 << 36))


def scratch() -> Path:
    """Make a folder, in memory where there is such a place; it is gone with the process."""
    return Path(tempfile.mkdtemp(dir=_place()))


@cache
def _place() -> Path:
    shared = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(prefix="hub-soak-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


@dataclass(frozen=True)
class Copied:
    """A tablet's folder, and how much its worker had saved by then."""

    files: Folder
    saved: int


class Turns:
    """A store's lock; whenever it is free again somebody else has his turn, as threads do."""

    def __init__(self, lock: Any, turn: Callable[[], object]) -> None:
        self._lock = lock
        self._turn = turn
        self._depth = 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._depth -= 1
        self._lock.release()
        if not self._depth and error is None:
            self._turn()


class Tablet:
    """One tablet.

    Parameters
    ----------
    user : str
        Its worker's account.
    folder : Path
    transport : Transport
    """

    def __init__(self, user: str, folder: Path, transport: Transport) -> None:
        self.user = user
        self.folder = folder
        self.transport = transport
        self.saved: list[tuple[str, str, object]] = []
        self.dropped: list[tuple[str, str, object]] = []
        self.withdrawn: set[str] = set()
        self.replaced = self.older = False
        self._settle: Callable[[], object] = lambda: None
        self.session = self._open()

    @property
    def memory(self) -> Memory:
        """What its store holds. Raises Locked when it was wiped."""
        assert self.session.desk is not None
        store = self.session._store
        assert store is not None
        return store.memory

    def photos_waiting(self) -> Sequence[Photo]:
        """Give the photos that have yet to reach the hub."""
        store = self.session._store
        return photos_waiting(store) if store is not None else ()

    @property
    def erased(self) -> bool:
        """Whether the hub had it wiped."""
        return self.session.state == "empty"

    @property
    def out_of_use(self) -> bool:
        """Whether it must be enrolled anew."""
        return self.erased or bool(self.session.meta.get("revoked"))

    def enrol(self) -> None:
        """Register at the hub; after a revocation anew."""
        self.replaced = bool(self.session.meta) if self.session.state == "open" else False
        self.session.enrol(
            hub=HUB_ADDRESS, username=self.user, password=factories.PASSWORD, device=self.user, pin=PIN
        )

    def do(self, act: Callable[[], object]) -> None:
        """Do something; if the program dies of it, start it again."""
        try:
            act()
        except plug.Crash:
            self.restart()
            self._settle()
        finally:
            plug.TABLET.disarm()
            self._settle = lambda: None

    @contextmanager
    def noting(self, stored: Callable[[], bool], note: Callable[[], object]) -> Iterator[None]:
        """Note what a worker did; if the program dies of it, only if it is found stored afterwards."""
        self._settle = lambda: note() if stored() else None
        yield
        self._settle = lambda: None
        note()

    @contextmanager
    def shared(self, turn: Callable[[], object]) -> Iterator[None]:
        """Give somebody else his turn for a while whenever the store is free."""
        store: Any = self.session._store
        lock, store.lock = store.lock, Turns(store.lock, turn)
        try:
            yield
        finally:
            store.lock = lock

    def copied(self) -> "Copied":
        """Copy the folder, but for the secret that lies elsewhere, with what its worker had saved by then."""
        plug.TABLET.disarm()
        self.close()
        files = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.endswith(OUTSIDE)
        }
        self.session = self._open()
        return Copied(files, len(self.saved))

    def put_back(self, copy: "Copied") -> None:
        """Put a copy in the folder's place; what was saved since need not be there any more."""
        plug.TABLET.disarm()
        self.close()
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.name.endswith(OUTSIDE):
                path.unlink()
        for name, data in copy.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)
        self.dropped += self.saved[copy.saved :]
        self.older = True
        self.session = self._open()
        assert self.session.desk is not None
        # A form that lay half done by then, and was saved since, may be saved again.
        OFFERED_AGAIN.update(draft.record for draft in self.session.desk.collect.drafts())

    def restart(self) -> None:
        """End the program without any word to it, and start it again."""
        plug.TABLET.disarm()
        self.session.close()
        self.session = self._open()

    def close(self) -> None:
        """End the program."""
        self.session.close()

    def pack(self) -> Folder:
        """End the program and give its folder's files."""
        self.close()
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def _open(self) -> Session:
        session = Session(
            Vault(self.folder, SecretFile(self.folder)), lambda _: self.transport, searching=False
        )
        if session.state == "locked":
            session.unlock(PIN)
        return session

    def unlock(self) -> None:
        """Type the PIN where it is asked for."""
        if self.session.state == "locked":
            self.session.unlock(PIN)


def unpack(files: Folder, folder: Path) -> None:
    """Put a packed folder in place of whatever is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
