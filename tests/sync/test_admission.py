"""Long snapshots never take all the threads of a web process."""

import pytest
from django.test import Client

from governance.access.actor import Actor
from governance.sync import views
from governance.sync.admission import Admission, Busy, Seated, seats_of
from tests import factories
from tests.sync.tablet import JSON, Tablet, offer

THREADS = 4
NEWEST = {"X-Protocol": "2"}


@pytest.fixture
def seats(monkeypatch: pytest.MonkeyPatch) -> Admission:
    """Every snapshot is long, and the process has four threads."""
    admission = Admission(seats_of(THREADS))
    monkeypatch.setattr(views, "LONG", 0)
    monkeypatch.setattr(views, "ADMISSION", admission)
    return admission


def ask(token: str, **headers: str) -> object:
    return Client(headers={"Authorization": f"Token {token}", **NEWEST, **headers}).get(
        "/api/v1/sync/snapshot"
    )


@pytest.fixture
def tokens(town: None) -> list[str]:
    """Five tablets of one worker."""
    owner = factories.worker()
    for number in range(5):
        factories.tablet(owner, f"token{number}")
    return [f"token{number}" for number in range(5)]


def test_snapshots_under_way_leave_threads_for_pushes(tokens: list[str], seats: Admission) -> None:
    home = factories.home(factories.hub_in())
    replies = [ask(token) for token in tokens]  # none of them read to its end
    assert [reply.status_code for reply in replies] == [200, 200, 503, 503, 503]
    assert seats.taken == THREADS - seats_of(THREADS) == 2
    waits = {int(reply.headers["Retry-After"]) for reply in replies[2:]}
    assert len(waits) == 3  # they do not all come back in the same second
    for token in tokens:
        made = offer("person", household=home["household"], name="王", residence_kind="1")
        body = {"changes": [made]}
        pushed = Tablet(token).client.post("/api/v1/sync/push", body, content_type=JSON)
        assert pushed.json()["results"][0]["status"] == "created"
    assert b'"end":true' in replies[0].getvalue()
    assert seats.taken == 1
    assert ask(tokens[4]).status_code == 200


def test_a_device_has_one_at_a_time(tokens: list[str], seats: Admission) -> None:
    first = ask(tokens[0])
    again = ask(tokens[0])
    assert (again.status_code, seats.taken) == (503, 1)
    assert "上一次下载" in again.json()["reason"]
    next(iter(first.streaming_content))
    first._iterator.close()  # the line was cut: the server closes what it was reading from
    assert ask(tokens[0]).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("read", [0, 1])
def test_a_line_that_is_cut_gives_its_seat_back(
    tokens: list[str], seats: Admission, encoding: str, read: int
) -> None:
    reply = ask(tokens[0], **{"Accept-Encoding": encoding})
    assert (reply.headers.get("Content-Encoding", "identity"), seats.taken) == (encoding, 1)
    for _ in zip(range(read), reply.streaming_content, strict=False):
        pass
    reply.close()  # as the server does, however far it came
    assert seats.taken == 0


def test_an_ordinary_snapshot_takes_no_seat_and_holds_no_thread(worker: Actor, home: dict[str, str]) -> None:
    reply = Tablet().client.get("/api/v1/sync/snapshot")
    assert not reply.streaming
    assert views.ADMISSION.taken == 0


def test_a_snapshot_with_a_bad_cursor_is_refused_before_it_begins(
    tokens: list[str], seats: Admission
) -> None:
    client = Client(headers={"Authorization": f"Token {tokens[0]}"})
    reply = client.get("/api/v1/sync/snapshot", {"cursor": "yesterday"})
    assert (reply.status_code, reply.json()["code"], seats.taken) == (400, "malformed", 0)


def test_a_stream_that_breaks_gives_its_seat_back_once() -> None:
    admission = Admission(1)
    device, other = (factories.uuid7() for _ in range(2))

    def broken() -> object:
        yield b"line"
        raise OSError

    admission.enter(device)
    stream = Seated(admission, device, broken())
    assert next(stream) == b"line"
    with pytest.raises(OSError):
        next(stream)
    admission.enter(other)
    stream.close()
    assert admission.taken == 1
    with pytest.raises(Busy):
        admission.enter(device)
