"""A tablet whose disk runs full while its worker collects, edits and syncs."""

import random
from pathlib import Path

from field_app.errors import TabletError
from field_app.ports.secret import SecretFile
from field_app.store.vault import Vault
from field_app.work.session import Session
from tests.field_app.fake_hub import GRID, PASSWORD
from tests.field_app.fake_transport import FakeTransport
from tests.soak.power_loss.tablet_day import PIN, small_hub
from tests.soak.storage.adapter import through
from tests.soak.storage.vfs import shim

_STEP, _STEPS = 997, 60
_ACTS = 12


def fill_up(folder: Path, number: int) -> str:
    """Live with so little room, then with enough; give the first fault, or ""."""
    hub, town = small_hub()
    chance = random.Random(number)

    def open_() -> Session:
        secrets = SecretFile(folder / "secrets")
        return Session(Vault(folder / "tablet", secrets), lambda _: FakeTransport(hub), searching=False)

    with shim() as disk, through(disk):
        session = open_()
        session.enrol(hub="https://hub.example", username="wang", password=PASSWORD, device="平板1", pin=PIN)
        session.sync()
        disk.space.limit = disk.space.used + (number % _STEPS) * _STEP
        promised, fault = _work(session, town.household, chance)
        disk.space.limit = None
        if not fault:
            fault = "" if _goes_on(session) else "stuck"
        session.close()
    if fault:
        return fault
    # Opened on the sqlite3 module itself, with nothing in between.
    session = open_()
    try:
        session.unlock(PIN)
        session.sync()
        held = {view.id for view in session.desk.records.views("person")}
        there = {record.id for record in hub.records.values() if record.grid == GRID}
        if promised - held or promised - there:
            return "lost"
        return "doubled" if len(hub.applied) != len(set(hub.applied)) else ""
    except TabletError:
        return "corrupt"
    finally:
        session.close()


def _work(session: Session, household: str, chance: random.Random) -> tuple[set[str], str]:
    """Collect and sync; gives the people whose saving was told as done, and what was wrong."""
    promised: set[str] = set()
    for _ in range(_ACTS):
        form = session.desk.collect.form("person", parent=household)
        form.put("name", f"王示{chance.randrange(10**6)}")
        form.put("residence_kind", "1")
        form.put("note", "满" * chance.randrange(200))
        try:
            session.desk.collect.save(form)
            promised.add(form.id)
            if chance.random() < 0.4:
                session.sync()
        except TabletError as error:
            if "存储空间" not in str(error):
                return promised, "corrupt"  # told something else than what is the matter
        shown = {view.id for view in session.desk.records.views("person")}
        if promised - shown or (form.id in shown) != (form.id in promised):
            return promised, "lost"
    return promised, ""


def _goes_on(session: Session) -> bool:
    """Whether a sync goes through once there is room."""
    try:
        session.sync()
    except TabletError:
        return False
    counts = session.desk.outbox.counts()
    return not (counts.here or counts.sent)
