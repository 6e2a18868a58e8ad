"""What the tablet tells the hub of itself (本机状况): with a request it makes anyway, when it has changed."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

from field_app import EDITION
from field_app.ports.clock import DeviceClock
from field_app.store.database import FILE
from field_app.store.state import UNANSWERED
from field_app.store.store import Store
from field_app.sync.photos import photos_waiting
from governance.contract.report import TabletReport, report_read

META = "reported"
"""Under which it is kept what the hub heard last, and when."""

AGAIN = 12 * 3600
"""Seconds after which it is told again though nothing changed: the hub also checks the clock by it."""

_MIB = 1024 * 1024
_ROUGHLY, _ROUGHLY_USED = 512, 16


class Reporter:
    """Speaks for one store.

    Parameters
    ----------
    store : Store
    folder : Path
        Where its data lie.
    clock : DeviceClock
    """

    def __init__(self, store: Store, folder: Path, clock: DeviceClock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock

    def text(self) -> str:
        """Give the header to send along; empty when the hub knows all of it."""
        standing, now, was = self._standing(), int(self._clock.wall()), self._was()
        heard = self._store.memory.meta.get(META)
        if was is None and isinstance(heard, dict) and heard.get("said") == standing.as_header():
            at = heard.get("at")
            if isinstance(at, int) and 0 <= now - at < AGAIN:
                return ""
        return replace(standing, clock=max(0, now), was=was).as_header()

    def heard(self, text: str) -> None:
        """Note that the hub got it."""
        report = report_read(text)
        said = replace(report, clock=None, was=None).as_header()
        with self._store.write() as unit:
            unit.put_meta(META, {"said": said, "at": report.clock, "device": unit.meta("device")})

    def _was(self) -> UUID | None:
        """Give the device under which the hub heard this tablet last, where it was enrolled anew since.

        The hub knows nothing of the new one, and would look for what the old one had unsent.
        """
        heard, device = self._store.memory.meta.get(META), self._store.memory.meta.get("device")
        before = heard.get("device", device) if isinstance(heard, dict) else device
        return UUID(str(before)) if before != device else None

    def _standing(self) -> TabletReport:
        with self._store.lock:
            waiting = [entry for entry in self._store.memory.entries.values() if entry.state in UNANSWERED]
        days = [entry.captured_at[:10] for entry in waiting if entry.captured_at]
        free = shutil.disk_usage(self._folder).free // _MIB
        data = (*self._folder.glob(f"{FILE}*"), *self._folder.glob("files/*"))
        used = sum(path.stat().st_size for path in data if path.exists()) // _MIB
        return TabletReport(
            program=EDITION,
            unsent=len(waiting) + len(self._store.damage.changes),
            oldest=date.fromisoformat(min(days)) if days else None,
            files=len(photos_waiting(self._store)),
            free=free // _ROUGHLY * _ROUGHLY,
            used=used // _ROUGHLY_USED * _ROUGHLY_USED,
        )
