"""Where each change is, said honestly: what never left is only here, what may have left is sent."""

from contextlib import suppress
from pathlib import Path

import pytest

from field_app.ports.clock import DeviceClock
from field_app.store.state import RecordState
from field_app.sync.errors import Lost, Offline, SyncError, Throttled, TooOld, Unreached
from field_app.sync.transport import Reply, Request
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town


class Weather(FakeTransport):
    """Raises what it is told to, before or after the hub took the request."""

    def __init__(self, hub: FakeHub, error: SyncError, *, after: bool = False) -> None:
        super().__init__(hub)
        self.error, self.after = error, after

    def send(self, request: Request) -> Reply:
        if self.after:
            super().send(request)
        raise self.error


def test_what_never_left_the_tablet_is_only_here(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.transport = Weather(hub, Unreached("连不上平台"))
    with pytest.raises(Unreached):
        tablet.session.sync()
    assert tablet.desk.records.view(town.person).state is RecordState.HERE
    assert tablet.restart().desk.outbox.counts().here == 1


def test_what_may_have_left_keeps_its_id_and_reads_sent(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    saved = tablet.save("person", id=town.person, phone="10003001111")
    tablet.transport = Weather(hub, Offline("没有答复"), after=True)
    with pytest.raises(Offline):
        tablet.session.sync()
    assert tablet.desk.records.view(town.person).state is RecordState.SENT
    tablet.transport = Weather(hub, Unreached("连不上平台"))
    with pytest.raises(Unreached):
        tablet.session.sync()
    assert tablet.desk.records.view(town.person).state is RecordState.SENT  # it may have left before
    later = tablet.save("person", id=town.person, phone="10003002222")
    assert later.change != saved.change
    tablet.transport = FakeTransport(hub)
    tablet.session.sync()
    assert hub.applied == [saved.change, later.change]


@pytest.mark.parametrize("status", [401, 413, 426, 429])
def test_what_the_hub_says_it_did_not_take_is_only_here(
    tablet: Tablet, town: Town, hub: FakeHub, status: int
) -> None:
    tablet.save("person", id=town.person, phone="10003001111")

    class Refusing(FakeTransport):
        def send(self, request: Request) -> Reply:
            return Reply(status, {"code": "x", "reason": "不行"}, self.hub.epoch, retry_after=9.0)

    tablet.transport = Refusing(hub)
    if status == 413:  # a single change that is too large is refused, not sent for ever
        with suppress(SyncError):
            tablet.session.sync()
        assert tablet.desk.outbox.counts().refused == 1
        return
    with pytest.raises(SyncError):
        tablet.session.sync()
    assert tablet.desk.outbox.counts().here == 1


def test_a_wait_the_hub_asked_for_is_kept_through_a_restart(tmp_path: Path, hub: FakeHub) -> None:
    up = [100.0]
    tablet = Tablet(tmp_path / "t", FakeTransport(hub), DeviceClock(uptime=lambda: up[0])).enrol()
    tablet.transport = Weather(hub, Throttled("请稍候", 30.0))
    with pytest.raises(Throttled):
        tablet.session.sync()
    tablet.transport = FakeTransport(hub)
    up[0] += 10
    with pytest.raises(Throttled, match="请稍候（请等20秒）"):
        tablet.restart().session.sync()
    assert tablet.transport.requests == []
    up[0] += 20
    tablet.session.sync()
    assert tablet.session.meta["wait"] is None
    tablet.session.close()


def test_a_tablet_too_old_is_told_and_keeps_its_work(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.transport = Weather(hub, TooOld("终端程序版本过旧，请更新"))
    with pytest.raises(TooOld):
        tablet.session.sync()
    assert tablet.restart().desk.today.overview().notice == "终端程序版本过旧，请更新；没送出的都还在本机"
    assert tablet.desk.outbox.counts().here == 1
    tablet.transport = FakeTransport(hub)
    tablet.session.sync()
    assert tablet.desk.today.overview().notice == ""


def test_a_tablet_reported_lost_is_not_told_to_enrol_anew(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.transport = Weather(hub, Lost("本终端已挂失；找回后请联系管理员"))
    with pytest.raises(Lost):
        tablet.session.sync()
    notice = tablet.restart().desk.today.overview().notice
    assert notice == "本终端已挂失；找回后请联系管理员；未送出的记录仍在"
