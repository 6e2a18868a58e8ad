"""The transport against a real HTTP server: gzip, token, retries, cuts, impostors."""

from collections.abc import Callable, Iterator
from contextlib import closing
from socket import socket

import pytest

from field_app.sync.errors import HubTrouble, Offline, Revoked, Throttled
from field_app.sync.http import HttpTransport
from field_app.sync.transport import Request
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town
from tests.field_app.web_hub import WebHub, served


@pytest.fixture
def web(hub: FakeHub, town: Town) -> Iterator[WebHub]:
    with served(hub) as web:
        yield web


@pytest.fixture
def transport(web: WebHub) -> Iterator[HttpTransport]:
    with closing(HttpTransport(web.address, sleep=lambda _: None)) as transport:
        yield transport


@pytest.fixture
def tablet(transport: HttpTransport, tablet_make: Callable[..., Tablet]) -> Tablet:
    tablet = tablet_make(transport).enrol()
    tablet.session.sync()
    return tablet


def test_a_day_over_http(tablet: Tablet, web: WebHub, town: Town) -> None:
    tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")
    report = tablet.session.sync()
    assert dict(report.pushed) == {"created": 1}
    assert 0 < report.bytes_up < 500
    assert 0 < report.bytes_down < 2000
    sent = web.headers[-1]
    assert sent["Authorization"] == "Token token-0"
    assert sent["X-Protocol"] == "2"
    assert "gzip" in sent["Accept-Encoding"]


def test_the_snapshot_counts_packed_bytes(tablet: Tablet, web: WebHub) -> None:
    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", None)
    report = tablet.session.sync()
    assert report.pulled > 90
    assert 5_000 < report.bytes_down < 60_000


@pytest.mark.parametrize("fault", ["drop", "cut"])
def test_an_answer_that_is_lost_is_asked_for_again_without_doubling(
    tablet: Tablet, web: WebHub, town: Town, hub: FakeHub, fault: str
) -> None:
    tablet.save("visit", parent=town.household, purpose="01")
    web.faults = [fault]
    if fault == "cut":
        with pytest.raises(Offline):
            tablet.session.sync()
        assert tablet.desk.outbox.counts().sent == 1
    tablet.session.sync()
    assert len(hub.open_records("visit")) == 1
    assert tablet.desk.outbox.counts().unsent == 0


def test_what_is_added_once_a_change_may_have_left_goes_out_by_itself(
    tablet: Tablet, web: WebHub, town: Town, hub: FakeHub
) -> None:
    """The answer was lost, and asked for again by itself it was refused for now."""
    made = tablet.save("visit", parent=town.household, purpose="01").id
    web.faults = ["drop", "busy"]
    with pytest.raises(Throttled):
        tablet.session.sync()
    assert tablet.desk.outbox.counts().sent == 1
    tablet.save("visit", id=made, note="家中有人")
    tablet.session.sync()
    assert hub.open_records("visit")[made]["note"] == "家中有人"


def test_what_was_surely_not_taken_is_only_here(tablet: Tablet, web: WebHub, town: Town) -> None:
    tablet.save("visit", parent=town.household, purpose="01")
    web.faults = ["busy"]
    with pytest.raises(Throttled):
        tablet.session.sync()
    assert tablet.desk.outbox.counts().here == 1


def test_a_cut_snapshot_stops_and_goes_on_next_time(tablet: Tablet, web: WebHub, town: Town) -> None:
    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", None)
    web.faults = ["cut"]
    with pytest.raises(Offline):
        tablet.session.sync()
    assert len(tablet.desk.records.views("person")) == 2
    tablet.session.sync()
    assert tablet.session.meta["snapshot"] is None


@pytest.mark.parametrize("fault", ["500", "html"])
def test_something_in_between_is_not_taken_for_the_hub(
    tablet: Tablet, web: WebHub, town: Town, fault: str
) -> None:
    tablet.save("visit", parent=town.household, purpose="01")
    web.faults = [fault]
    with pytest.raises(HubTrouble):
        tablet.session.sync()
    assert dict(tablet.session.sync().pushed) == {"created": 1}


def test_enrolling_is_never_repeated_by_itself(transport: HttpTransport, web: WebHub, hub: FakeHub) -> None:
    web.faults = ["drop"]
    body = {"username": "wang", "password": "no", "device": "x"}
    with pytest.raises(Offline):
        transport.send(Request("POST", "devices/enrol", body=body, repeatable=False))
    assert len(web.headers) == 1


def test_no_hub_there_says_so() -> None:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pauses: list[float] = []
    transport = HttpTransport(f"http://127.0.0.1:{port}", sleep=pauses.append)
    # What comes of it is for who asked to say: no sync goes on with an enrolment.
    with closing(transport), pytest.raises(Offline, match=r"^连不上平台，请检查网络$"):
        transport.send(Request("GET", "sync/pull"))
    assert len(pauses) == 2


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(HubTrouble, match="http"):
        HttpTransport("ftp://hub")


def test_a_snapshot_that_is_refused_says_why(tablet: Tablet, hub: FakeHub) -> None:
    with tablet.session._store.write() as unit:
        unit.put_meta("cursor", None)
    hub.devices["token-0"].revoked = True
    with pytest.raises(Revoked, match="停用"):
        tablet.session.sync()
