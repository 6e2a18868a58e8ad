"""Noting how tablets stand, with the requests they make anyway: an idle sync writes nothing.

A process remembers what it noted of a device and when; it asks the database again only after a
minute, or when the tablet says something else than before.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.access.models import Device
from governance.contract.report import TabletReport, report_read
from governance.sync.models import DeviceState

EVERY = 60.0
"""Seconds between two notes of the same thing about the same device."""

_MOST = 50_000
_SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One request of a device.

    Parameters
    ----------
    device : UUID
    doing : str
        Name of the route's view, such as ``pull``.
    protocol : int
    report : str
        The header ``X-Tablet``, empty when it was not sent.
    cursor : str
        Up to where the tablet has stored what it pulled; empty where it does not say.
    """

    device: UUID
    doing: str
    protocol: int
    report: str = ""
    cursor: str = ""


_MOMENTS = {"pull": "pulled_at", "push": "pushed_at"}


class Monitor:
    """What this process noted last."""

    def __init__(self) -> None:
        self._noted: dict[tuple[UUID, str], float] = {}
        self._said: dict[UUID, str] = {}
        self._lock = threading.Lock()

    def see(self, sighting: Sighting) -> None:
        """Note a request if it is worth it; a note that fails never keeps a tablet from its sync."""
        if not self._worth(sighting):
            return
        try:
            with transaction.atomic():
                _store(sighting, timezone.now())
        except DatabaseError:
            logger.exception("device %s could not be noted", sighting.device)

    def forget(self) -> None:
        """Forget what was noted, as when the database was put back to an earlier state."""
        with self._lock:
            self._noted.clear()
            self._said.clear()

    def _worth(self, sighting: Sighting) -> bool:
        device, now = sighting.device, time.monotonic()
        key = (device, sighting.doing)
        with self._lock:
            due = key not in self._noted or now - self._noted[key] >= EVERY
            news = sighting.report and sighting.report != self._said.get(device)
            if not due and not news:
                return False
            if len(self._noted) >= _MOST:
                self._noted.clear()
                self._said.clear()
            self._noted[key] = now
            if sighting.report:
                self._said[device] = sighting.report
            return True


def _store(sighting: Sighting, now: datetime) -> None:
    values: dict[str, object] = {"protocol": sighting.protocol}
    moment = _MOMENTS.get(sighting.doing)
    if moment:
        values[moment] = now
    if sighting.cursor:
        values["cursor"] = sighting.cursor
    report = report_read(sighting.report)
    if sighting.report:
        values |= _said(report, now)
    if report.was is not None:
        _follow(report.was, sighting.device)
    if not DeviceState.objects.filter(device_id=sighting.device).update(**values):
        DeviceState.objects.bulk_create(
            [DeviceState(device_id=sighting.device, **values)], ignore_conflicts=True
        )


def _follow(was: UUID, device: UUID) -> None:
    """Look no more for what a tablet had unsent before its worker enrolled it anew: it holds that still."""
    worker = Device.objects.filter(pk=device).values("worker")
    before = DeviceState.objects.filter(device_id=was, device__worker__in=worker)
    before.update(unsent=0, oldest=None, files=0)


def _said(report: TabletReport, now: datetime) -> dict[str, object]:
    found: dict[str, object] = {
        "reported_at": now,
        "program": report.program,
        "unsent": report.unsent,
        "oldest": report.oldest,
        "files": report.files,
        "free": report.free,
        "used": report.used,
    }
    if report.clock is not None:
        found["skew"] = report.clock - (now - _SINCE_1970) // timedelta(seconds=1)
    return found


MONITOR = Monitor()
"""Of this process."""
