"""Opens what a power cut left of a tablet with the product's own code, and holds it to what was promised."""

import hashlib
import marshal
import pickle
import sqlite3
from bisect import bisect_right
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from field_app.errors import TabletError
from field_app.ports.secret import SecretFile
from field_app.store.database import FILE, connect
from field_app.store.memory import Memory
from field_app.store.vault import Vault
from field_app.work.session import Session, SessionState
from tests.field_app.fake_hub import GRID, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.soak.power_loss.tablet_day import PIN, Day, state_of
from tests.soak.storage.loss import fingerprint

Fault = str
"""`lost`, `doubled`, `corrupt` or `stuck`; empty for none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found after a cut.

    Parameters
    ----------
    state : str
        What the tablet held.
    fault : str
        What is wrong whatever was promised.
    missing : int
        The first promise of a record that never reaches the hub.
    """

    state: str = ""
    fault: Fault = ""
    missing: float = inf


@dataclass
class Judge:
    """Judges cuts of one day; what it has seen before it does not look at twice."""

    day: Day
    folder: Path
    opened: dict[bytes, str] = field(default_factory=dict)
    seen: dict[tuple[str, int], Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._known = set(self.day.states)
        self._times = [at for at, _ in self.day.hubs]

    def judge(self, left: dict[str, bytearray], at: int, promised: int) -> Fault:
        """Say what is wrong with the files that a cut before event ``at`` left, or "".

        Parameters
        ----------
        left : dict
            File name to content.
        at : int
        promised : int
            Number of the last promise before the cut.
        """
        mark = fingerprint(left)
        if mark not in self.opened:
            self._lay(left)
            self.opened[mark] = _opened(self.folder)
        digest = self.opened[mark]
        if digest == "":
            return "corrupt"
        hub = max(0, bisect_right(self._times, at) - 1)
        if (digest, hub) not in self.seen:
            self._lay(left)
            self.seen[digest, hub] = self._look(hub, at)
        found = self.seen[digest, hub]
        if found.fault:
            return found.fault
        if found.missing <= promised:
            return "lost"
        # What was under way when the power went may be there or not, but only as a whole.
        if found.state in self.day.states[promised : promised + 2]:
            return ""
        return "lost" if found.state in self._known else "corrupt"

    def _lay(self, left: dict[str, bytearray]) -> None:
        for path in self.folder.glob(f"{FILE}*"):
            path.unlink()
        for name, content in left.items():
            (self.folder / name).write_bytes(content)

    def _secrets(self, at: int) -> SecretFile:
        """Give the device's secrets, and beside them what was kept there when the power went."""
        secrets = SecretFile(self.day.secrets)
        for _, store, tries in [each for each in self.day.tries if each[0] <= at][-1:]:
            secrets.count(store, tries)
        return secrets

    def _look(self, hub: int, at: int) -> Found:
        """Unlock, see what is held, then sync: everything promised must come to rest at the hub."""
        world: FakeHub = pickle.loads(self.day.hubs[hub][1])
        vault = Vault(self.folder, self._secrets(at))
        session = Session(vault, lambda _: FakeTransport(world), searching=False)
        try:
            if session.state is SessionState.EMPTY:
                return Found()
            session.unlock(PIN)
            memory = _memory(session)
            if not memory.meta:
                return Found()
            state = state_of(memory)
            session.sync()
            fault = _at_rest(session, world)
            missing = [at for at, id_ in self.day.made if id_ not in world.records]
            return Found(state, fault, min(missing, default=inf))
        except TabletError:
            return Found(fault="stuck")
        finally:
            session.close()


def _memory(session: Session) -> Memory:
    store = session._store
    assert store is not None
    return store.memory


def _at_rest(session: Session, world: FakeHub) -> Fault:
    memory, counts = _memory(session), session.desk.outbox.counts()
    if counts.here or counts.sent:
        return "stuck"
    if len(world.applied) != len(set(world.applied)):
        return "doubled"
    hub = {each.id: (each.version, each.values) for each in world.records.values() if each.grid == GRID}
    held = {each.id: (each.version, each.values) for each in memory.held.values() if each.grid == GRID}
    return "" if held == hub else "corrupt"


def _opened(folder: Path) -> str:
    """Open as the product does, check the whole file, give a digest of what it says; "" if it is damaged."""
    try:
        with closing(connect(folder)) as connection:
            return _digest(connection)
    except (TabletError, sqlite3.Error):
        return ""


def _digest(connection: sqlite3.Connection) -> str:
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        return ""
    digest = hashlib.sha256()
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"):
        rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        digest.update(marshal.dumps((table, rows), 2))
    return digest.hexdigest()
