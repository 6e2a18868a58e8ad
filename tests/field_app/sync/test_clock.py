"""What time it is: the hub's, whatever the device's own clock says, through restarts and new starts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from field_app.ports.clock import DeviceClock, boot, uptime
from field_app.store.clock import HubClock
from field_app.sync import settle
from field_app.sync.errors import Offline
from field_app.sync.transport import Request
from field_app.work.times import day_text, span_text
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town

TRUTH = datetime(2026, 11, 22, 4, tzinfo=UTC).timestamp()
YEAR = 31_557_600.0
SHANGHAI = timezone(timedelta(hours=8))


@dataclass
class Device:
    """A device whose clocks are set by hand; time itself passes by ``pass_``."""

    wall: float = TRUTH
    up: float = 1_000.0
    run: str = "run-1"
    truth: float = TRUTH

    def clock(self) -> DeviceClock:
        return DeviceClock(wall=lambda: self.wall, uptime=lambda: self.up, boot=lambda: self.run)

    def pass_(self, seconds: float) -> None:
        self.wall, self.up, self.truth = self.wall + seconds, self.up + seconds, self.truth + seconds

    def start_anew(self, *, wall: float | None = None) -> None:
        self.up, self.run = 5.0, f"{self.run}+"
        self.wall = self.wall if wall is None else wall


class DatedTransport(FakeTransport):
    """A hub that tells the time."""

    def __init__(self, hub: FakeHub, now: Callable[[], float]) -> None:
        super().__init__(hub)
        self.now = now

    def send(self, request: Request):
        return replace(super().send(request), date=self.now())


class CutTransport(DatedTransport):
    """Carries ``left`` more requests, then none."""

    left = 1_000

    def send(self, request: Request):
        if self.left == 0:
            raise Offline("断了")
        self.left -= 1
        return super().send(request)


@pytest.mark.parametrize("years", [-10, -1, 1, 10])
def test_the_hubs_time_is_carried_on_whatever_the_clock_is_set_to(years: int) -> None:
    device = Device()
    clock = HubClock(device.clock(), {})
    assert clock.difference() is None
    clock.hear(TRUTH)
    device.pass_(3_600)
    device.wall += years * YEAR
    assert clock.now().timestamp() == device.truth
    assert clock.difference() == pytest.approx(years * YEAR)
    again = HubClock(device.clock(), {"clock": clock.kept()})
    assert again.now().timestamp() == device.truth


def test_after_a_new_start_the_known_difference_is_taken_off() -> None:
    device = Device(wall=TRUTH - 3 * YEAR)
    clock = HubClock(device.clock(), {})
    clock.hear(TRUTH)
    device.start_anew()
    device.pass_(86_400)
    assert HubClock(device.clock(), {"clock": clock.kept()}).now().timestamp() == device.truth


def test_a_clock_that_fell_back_to_1970_never_lies_before_what_the_hub_said() -> None:
    device = Device()
    clock = HubClock(device.clock(), {})
    clock.hear(TRUTH)
    device.start_anew(wall=0.0)
    late = HubClock(device.clock(), {"clock": clock.kept()})
    assert late.now().timestamp() == TRUTH
    assert late.difference() == -TRUTH


def test_where_the_system_names_no_run_agreeing_clocks_are_believed() -> None:
    device = Device(run="")
    clock = HubClock(device.clock(), {})
    clock.hear(TRUTH)
    device.pass_(500)
    assert clock.now().timestamp() == device.truth
    device.start_anew()
    device.pass_(86_400)
    assert clock.now().timestamp() == device.truth


@pytest.mark.parametrize("wall", [-1e18, 1e18, 4e11])
def test_a_clock_beyond_all_dates_breaks_nothing(wall: float) -> None:
    clock = HubClock(Device(wall=wall).clock(), {})
    assert clock.device_time() == ""
    assert clock.now().year in (1, 9999)


def test_the_devices_own_clocks_run() -> None:
    assert 0 < uptime() <= uptime()
    assert boot() == boot()


def test_spans_are_said_in_what_matters() -> None:
    day = 86_400.0
    assert [span_text(value) for value in (20, 180, 3_660, -2 * day, 400 * day, 10 * YEAR)] == [
        "不到1分钟",
        "3分钟",
        "1小时1分钟",
        "2天",
        "1年1个月",
        "10年",
    ]


def test_due_days_and_the_warning_follow_the_hub(tmp_path: Path, hub: FakeHub, town: Town) -> None:
    device = Device(wall=TRUTH + 4 * YEAR)
    tablet = Tablet(tmp_path / "tablet", DatedTransport(hub, lambda: device.truth), device.clock()).enrol()
    tablet.session.sync()
    overview = tablet.desk.today.overview()
    assert overview.day == "11月22日 星期日"
    assert overview.clock == "本机时间不准：比平台快4年"
    assert overview.last_sync == "2026-11-22 12:00"
    device.wall = TRUTH
    assert tablet.desk.today.overview().clock == ""
    device.wall = TRUTH - 600
    assert tablet.restart().desk.today.overview().clock == "本机时间不准：比平台慢10分钟"
    tablet.session.close()


@pytest.mark.parametrize(("device_by", "hub_by"), [(4 * YEAR, 0.0), (-4 * YEAR, -4 * YEAR), (0.0, 4 * YEAR)])
def test_what_a_cut_sync_heard_outlasts_the_program(
    tmp_path: Path, hub: FakeHub, town: Town, device_by: float, hub_by: float
) -> None:
    device = Device()
    line = CutTransport(hub, lambda: device.truth)
    tablet = Tablet(tmp_path / "tablet", line, device.clock()).enrol()
    tablet.session.sync()
    tablet.save("person", parent=town.household, name="王示例", residence_kind="1", sex="1")
    device.wall += device_by
    device.truth += hub_by
    line.left = 1
    with pytest.raises(Offline):
        tablet.session.sync()
    day = tablet.desk.today.overview().day
    assert tablet.restart().desk.today.overview().day == day
    assert day == day_text(datetime.fromtimestamp(device.truth, SHANGHAI).date())
    tablet.session.close()


@pytest.mark.parametrize("years", [-9, 11])
def test_a_wrong_clock_drops_no_answered_change_before_its_time(
    tmp_path: Path, hub: FakeHub, town: Town, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    monkeypatch.setattr(settle, "KEPT", 2)
    device = Device()
    tablet = Tablet(tmp_path / "tablet", DatedTransport(hub, lambda: device.truth), device.clock()).enrol()
    tablet.session.sync()

    def work(times: int) -> int:
        for _ in range(times):
            tablet.save("person", id=town.person, note=f"{device.wall}")
            tablet.session.sync()
            device.pass_(86_400)
        return len(tablet.session._store.memory.entries)

    work(4)
    device.wall += years * YEAR
    assert work(4) == 8
    device.wall -= years * YEAR
    assert work(4) == 12
    device.pass_(60 * 86_400)
    assert work(2) == 3
    tablet.session.close()
