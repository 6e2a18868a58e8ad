"""Open lines: the real process on real sockets, against changes committed by another process."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Device, Post
from governance.access.services.devices import device_revoke
from governance.access.services.posts import post_end
from governance.contract import CITY
from governance.feed.selectors import heads
from governance.feed.services import epoch_start
from governance.records.services.lists import switch_set
from governance.sync.poke.gate import WRONG_PER_ADDRESS
from tests import factories
from tests.factories import GRID, NEXT
from tests.hub_process import Hub
from tests.sync.poke_side import Ear, PokeSide, poke_side
from tests.sync.tablet import Tablet

MANY = 200


def database_url() -> str:
    """Give the URL of the tests' own database."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def beside(home: Path, **more: str):
    return poke_side(Hub(home, database_url()), SECRET_KEY=settings.SECRET_KEY, **more)


@pytest.fixture(scope="module")
def side(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PokeSide]:
    with beside(tmp_path_factory.mktemp("poke"), POKE_CHECK_SECONDS="0.3") as running:
        yield running


@pytest.fixture
def worker(transactional_db: None) -> Actor:
    """A worker's tablet with the token ``token`` on the first of two grids."""
    factories.codes()
    factories.grid()
    factories.grid(NEXT, shift=1)
    return factories.tablet(factories.worker())


@pytest.fixture
def cursor(worker: Actor) -> str:
    """Where the tablet stands when it has pulled everything."""
    tablet = Tablet()
    tablet.pull()
    return tablet.cursor


def event_in(actor: Actor, grid: str = GRID) -> None:
    category = factories.codes_of("event_category")[0]
    made = factories.change("event", category=category, description="路灯不亮", grid=grid)
    (result,) = factories.apply(actor, made)
    assert result.status == "created", result


def test_a_change_by_the_hub_is_heard_at_once(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        assert ear.status == 200
        assert ear.reply.headers["Content-Type"].startswith("text/event-stream")
        assert ear.reply.headers["X-Epoch"]
        begun = time.monotonic()
        event_in(factories.hub_in())
        assert ear.until(heads([GRID]))
        assert time.monotonic() - begun < 30  # no poll is this quick to say so: the limit proper is measured


def test_whoever_is_behind_hears_it_when_he_connects(side: PokeSide, worker: Actor, cursor: str) -> None:
    event_in(factories.hub_in())
    with Ear(side.port, "token", cursor) as ear:
        assert ear.until(heads([GRID]))
    with Ear(side.port, "token") as ear:
        assert ear.until(heads([GRID, CITY]))
    tablet = Tablet()
    tablet.cursor = cursor
    tablet.pull()
    with Ear(side.port, "token", tablet.cursor) as ear:
        event_in(factories.hub_in())
        of_grid = [poke for poke in ear.until(heads([GRID])) if GRID in poke]
        assert len(of_grid) == 1, "nothing was said of what the tablet had pulled"


def test_a_change_in_another_grid_is_not_heard(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        event_in(factories.hub_in(NEXT), NEXT)
        event_in(factories.hub_in())
        assert not [poke for poke in ear.until(heads([GRID])) if NEXT in poke]


def test_the_citys_stream_is_heard_by_all(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        switch_set(actor=HUB, field="person.religion", on=True, legal_basis="示例")
        assert ear.until(heads([CITY]))


def test_a_tablet_is_not_poked_for_its_own_push(side: PokeSide, worker: Actor, cursor: str) -> None:
    other = factories.worker("other", GRID)
    factories.tablet(other, "second")
    with Ear(side.port, "token", cursor) as own, Ear(side.port, "second", cursor) as ear:
        event_in(worker)
        first = heads([GRID])
        assert ear.until(first)
        event_in(factories.hub_in())
        pokes = [poke[GRID] for poke in own.until(heads([GRID])) if GRID in poke]
        # SQLite tells that a stream moved, not who moved it.
        assert pokes[-1:] == pokes or connection.vendor == "sqlite"


def test_two_hundred_lines_hear_one_change(side: PokeSide, worker: Actor, cursor: str) -> None:
    for number in range(MANY):
        other = factories.worker(f"other{number}", GRID)
        factories.tablet(other, f"token{number}")
    ears = [Ear(side.port, f"token{number}", cursor) for number in range(MANY)]
    try:
        assert {ear.status for ear in ears} == {200}
        event_in(factories.hub_in())
        for ear in ears:
            ear.until(heads([GRID]))
    finally:
        for ear in ears:
            ear.close()


def test_a_second_line_of_a_device_ends_the_first(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as first, Ear(side.port, "token", cursor) as second:
        data = _end(first)
        assert data["code"] == "replaced"
        assert first.event() == ("", {})
        event_in(factories.hub_in())
        assert second.until(heads([GRID]))


def test_a_revoked_device_is_told_and_cut_off(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        device_revoke(actor=HUB, device=Device.objects.get())
        data = _end(ear)
        assert data["code"] == "token"
        assert data["reason"]
    with Ear(side.port, "token", cursor) as ear:
        assert ear.status == 401


def test_a_line_ends_when_the_post_ends(side: PokeSide, worker: Actor, cursor: str) -> None:
    post = Post.objects.get()
    Post.objects.update(starts_on=timezone.localdate() - timedelta(days=9))
    with Ear(side.port, "token", cursor) as ear:
        post.refresh_from_db()
        post_end(actor=HUB, post=post, ends_on=timezone.localdate() - timedelta(days=1))
        data = _end(ear)
        assert data["code"] == "scope"
    with Ear(side.port, "token", cursor) as ear:
        assert ear.until(heads([CITY])), "a grid has left: there is something to pull"
        event_in(factories.hub_in())
        switch_set(actor=HUB, field="person.religion", on=True, legal_basis="示例")
        assert not [poke for poke in ear.until(heads([CITY])) if GRID in poke], "the grid is his no more"


def test_a_lost_poke_loses_nothing(side: PokeSide, worker: Actor, cursor: str) -> None:
    tablet = Tablet()
    tablet.pull()
    with Ear(side.port, "token", tablet.cursor):
        pass
    event_in(factories.hub_in())
    told = tablet.pull()
    assert [item["kind"] for item in told] == ["event"]


def test_a_restored_hub_ends_the_lines(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        event_in(factories.hub_in())
        ear.until(heads([GRID]))
        epoch_start()
        event_in(factories.hub_in())
        assert _end(ear)["code"] == "epoch"
    with Ear(side.port, "token", cursor) as ear:
        assert ear.until(heads([GRID, CITY])), "an older epoch's cursor is behind in everything"


@pytest.mark.parametrize(
    ("token", "query", "status", "code"),
    [("wrong", {}, 401, "token"), ("", {}, 401, "token"), ("", {"ticket": "forged"}, 401, "token"),
     ("token", {"cursor": "nonsense"}, 400, "malformed")],
)  # fmt: skip
def test_refusals_are_in_the_protocols_form(
    side: PokeSide, worker: Actor, token: str, query: dict[str, str], status: int, code: str
) -> None:
    with Ear(side.port, token, **query) as ear:
        assert ear.status == status
        said = ear.body()
        assert said["code"] == code
        assert said["reason"]
        assert ear.reply.headers["X-Epoch"]


def test_the_main_address_sends_there_with_a_ticket(side: PokeSide, worker: Actor, cursor: str) -> None:
    reply = Client(headers={"Authorization": "Token token"}).get("/api/v1/sync/poke", {"cursor": cursor})
    assert reply.status_code == 307
    aim = urlsplit(reply["Location"])
    assert (aim.scheme, aim.hostname, aim.port) == ("http", "testserver", 81)
    query = {name: value for name, (value,) in parse_qs(aim.query).items()}
    assert query["cursor"] == cursor
    with Ear(side.port, **query) as ear:
        assert ear.status == 200
        event_in(factories.hub_in())
        assert ear.until(heads([GRID]))
    assert Client().get("/api/v1/sync/poke").status_code == 401


def test_the_address_may_be_set(worker: Actor, settings: pytest.FixtureRequest) -> None:
    settings.POKE_URL = "https://poke.example/api/v1/sync/poke"
    reply = Client(headers={"Authorization": "Token token"}).get("/api/v1/sync/poke")
    assert reply["Location"].startswith("https://poke.example/api/v1/sync/poke?")


def test_a_full_process_asks_to_come_back(worker: Actor, tmp_path: Path) -> None:
    factories.tablet(factories.worker("other", GRID), "second")
    with beside(tmp_path, POKE_MOST="1") as side, Ear(side.port, "token") as first:
        first.event()
        with Ear(side.port, "second") as ear:
            assert ear.status == 503
            assert ear.body()["code"] == "busy"
            assert int(ear.reply.headers["Retry-After"]) >= 30
        first.close()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with Ear(side.port, "second") as ear:
                if ear.status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the seat was not given back")


def test_wrong_tokens_are_throttled(worker: Actor, tmp_path: Path) -> None:
    with beside(tmp_path) as side:
        statuses = []
        while 429 not in statuses and len(statuses) <= 2 * WRONG_PER_ADDRESS:  # the minute may turn once
            with Ear(side.port, "wrong") as ear:
                statuses.append(ear.status)
        assert set(statuses) == {401, 429}


def test_a_stopped_process_says_so_on_every_line(worker: Actor, cursor: str, tmp_path: Path) -> None:
    with beside(tmp_path) as side, Ear(side.port, "token", cursor) as ear:
        side.stop()
        data = _end(ear)
        assert data["code"] == "restart"
        assert side.process is not None
        assert side.process.returncode == 0


def test_the_listening_connection_is_made_anew(side: PokeSide, worker: Actor, cursor: str) -> None:
    with Ear(side.port, "token", cursor) as ear:
        cut = _listeners_end()
        event_in(factories.hub_in())
        assert ear.until(heads([GRID]))
        until = time.monotonic() + 20
        while connection.vendor == "postgresql" and not _listeners() and time.monotonic() < until:
            time.sleep(0.05)
        assert cut == bool(_listeners()) == (connection.vendor == "postgresql")
        event_in(factories.hub_in())
        assert ear.until(heads([GRID]))


def _end(ear: Ear) -> dict[str, Any]:
    """Read on until the hub ends the line."""
    while (told := ear.event())[0] == "poke":
        pass
    assert told[0] == "end", told
    return told[1]


def _listeners() -> list[int]:
    if connection.vendor != "postgresql":
        return []
    with psycopg.connect(database_url(), autocommit=True) as watching:
        rows = watching.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return [pid for (pid,) in rows]


def _listeners_end() -> bool:
    pids = _listeners()
    for pid in pids:
        with psycopg.connect(database_url(), autocommit=True) as killing:
            killing.execute("SELECT pg_terminate_backend(%s)", [pid])
    return bool(pids)
