"""What time it is (平台时间): the hub's, carried on by the clock that nobody can set.

The device's own clock may be years off. Each reply of the hub tells its time; what the device
was started for since then is added. After a new start only the device's clock is left, corrected by how
far it was off before, and never taken to be earlier than what the hub said last.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from field_app.ports.clock import DeviceClock

META = "clock"
"""Under which the last :class:`Mark` is kept."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_SAME_RUN = 120.0


@dataclass(frozen=True, slots=True)
class Mark:
    """The hub's time and the device's clocks when it was heard, in seconds."""

    hub: float
    wall: float
    uptime: float
    boot: str


class HubClock:
    """Tells the hub's time as well as it can be known.

    Parameters
    ----------
    device : DeviceClock
    meta : mapping
        What the store keeps; the last mark lies in it.
    """

    def __init__(self, device: DeviceClock, meta: Mapping[str, object]) -> None:
        self._device = device
        self._boot = device.boot()
        self._mark = _read(meta.get(META))

    def hear(self, hub: float) -> None:
        """Take note of the hub's time, told just now in seconds since 1970."""
        self._mark = Mark(hub, self._device.wall(), self._device.uptime(), self._boot)

    def kept(self) -> dict[str, object] | None:
        """Give the mark in the form in which the store keeps it; None before the hub was heard."""
        return None if self._mark is None else asdict(self._mark)

    def now(self) -> datetime:
        """Give the present time in UTC."""
        return _moment(self._seconds())

    def told(self) -> datetime:
        """Give the time the hub told last, so never a later one; the device's own where it told none."""
        return _moment(self._device.wall() if self._mark is None else self._mark.hub)

    def device_time(self) -> str:
        """Give what the device's own clock says, as evidence only; empty for what is no date."""
        wall = self._device.wall()
        moment = _moment(wall)
        if abs((moment - _EPOCH).total_seconds() - wall) > 1:
            return ""
        return text_of(moment)

    def difference(self) -> float | None:
        """Give how many seconds the device's clock is ahead of the hub's; None before the hub was heard."""
        return None if self._mark is None else self._device.wall() - self._seconds()

    def uptime(self) -> float:
        """Give the seconds since the device was started."""
        return self._device.uptime()

    def _seconds(self) -> float:
        mark, wall = self._mark, self._device.wall()
        if mark is None:
            return wall
        ran, passed = self._device.uptime() - mark.uptime, wall - mark.wall
        same = mark.boot == self._boot if mark.boot else abs(passed - ran) < _SAME_RUN
        if same and ran >= 0:
            return mark.hub + ran
        return max(mark.hub, mark.hub + passed)


def text_of(moment: datetime) -> str:
    """Give a time in UTC as the protocol has it, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(seconds: float) -> datetime:
    """Give the time so many seconds after 1970, the earliest or latest one for what is out of all bounds."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return _LATEST if seconds > 0 else _EARLIEST


def _read(kept: object) -> Mark | None:
    if not isinstance(kept, dict):
        return None
    return Mark(float(kept["hub"]), float(kept["wall"]), float(kept["uptime"]), str(kept["boot"]))
