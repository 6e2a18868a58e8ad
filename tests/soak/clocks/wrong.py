"""Known-wrong variants: each believes a clock where it must not, and each has to be caught."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from field_app.ports.clock import DeviceClock
from field_app.store.clock import HubClock
from governance.access.services import throttle
from governance.feed.models import Entry
from governance.sync import pull, push
from tests.soak.clocks.time import Dial
from tests.soak.clocks.town import Town


@contextmanager
def newest_wins(town: Town) -> Iterator[None]:
    """A hub that keeps, of two changes of a record, the one captured later."""
    latest: dict[object, str] = {}
    apply: Callable[..., Any] = vars(push)["batch_apply"]

    def applied(actor: Any, changes: list[Any]) -> Any:
        taken = []
        for change in changes:
            newer = (change.captured_at or "") >= latest.get(change.id, "")
            if newer:
                latest[change.id] = change.captured_at or ""
            taken.append(change if newer or change.base is None else replace(change, set={}))
        return apply(actor, taken)

    with patch.object(push, "batch_apply", applied):
        yield


@contextmanager
def cursor_by_time(town: Town) -> Iterator[None]:
    """A hub that tells a tablet what was written, by the hub's clock, after it last asked."""
    written: dict[tuple[str, int], float] = {}
    asked: dict[tuple[str, str], float] = {}
    after: Callable[..., list[Entry]] = vars(pull)["entries_after"]

    def later(grid: str, seq: int, kinds: Collection[str], limit: int) -> list[Entry]:
        found, now = after(grid, seq, kinds, limit), town.hub.wall()
        for entry in found:
            written.setdefault((grid, entry.seq), now)
        since = asked.get((town.asking, grid), float("-inf"))
        asked[town.asking, grid] = now
        return [entry for entry in found if written[grid, entry.seq] >= since]

    with patch.object(pull, "entries_after", later):
        yield


@contextmanager
def delay_by_wall(town: Town) -> Iterator[None]:
    """A tablet that measures the wait after wrong PINs on the clock that people set."""

    def device(self: Dial) -> DeviceClock:
        return DeviceClock(wall=self.wall, uptime=self.wall, boot=lambda: "")

    with patch.object(Dial, "device", device):
        yield


@contextmanager
def days_by_wall(town: Town) -> Iterator[None]:
    """A tablet that tells the day from its own clock."""

    def now(self: HubClock) -> datetime:
        return datetime.fromtimestamp(self._device.wall(), UTC)

    with patch.object(HubClock, "now", now):
        yield


@contextmanager
def windows_ahead(town: Town) -> Iterator[None]:
    """A hub whose windows of counted requests end only when its clock has caught up with them."""
    never = throttle._HIT.replace(throttle._OVER, "access_throttle.began < excluded.began + %s - %s")
    with patch.object(throttle, "_HIT", never.replace("excluded.began + %s - %s", "excluded.began + 0 * %s")):
        yield


CONTROLS: Mapping[str, Callable[[Town], AbstractContextManager[None]]] = {
    "the newest timestamp wins": newest_wins,
    "a cursor by time": cursor_by_time,
    "the PIN's delay on the wall clock": delay_by_wall,
    "days by the device's clock": days_by_wall,
    "request windows that lie ahead": windows_ahead,
}
