"""The notice of moved streams: given at commit, never before it, and never for what was rolled back."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from governance.contract import uuid7
from governance.feed.notice import CHANNEL, Move, notice_read
from governance.feed.selectors import heads
from governance.feed.services import Item, feed_append, heads_lock

GRID, NEXT = "420502001001001", "420502001001002"


@pytest.fixture
def heard(transactional_db: None) -> Iterator[psycopg.Connection | None]:
    """Somebody who listens; nobody where the database has no notices."""
    if connection.vendor != "postgresql":
        yield None
        return
    with psycopg.connect(_url(), autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}".encode())
        yield ear


def _url() -> str:
    given = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=given["HOST"], port=given["PORT"], user=given["USER"], dbname=given["NAME"]
    )


def told(ear: psycopg.Connection | None) -> list[str]:
    return [] if ear is None else [notice.payload for notice in ear.notifies(timeout=0.3)]


def tell(*grids: str, by: str = "") -> None:
    locked = heads_lock(grids)
    feed_append(locked, [Item(grid, "person", uuid7(), 1) for grid in grids], by)


def test_one_transaction_gives_one_notice_after_its_commit(heard: psycopg.Connection | None) -> None:
    device = str(uuid7())
    with transaction.atomic():
        tell(GRID, NEXT, by=device)
        assert told(heard) == []
    assert heads([GRID, NEXT]) == {GRID: 1, NEXT: 1}
    if heard is not None:
        (text,) = told(heard)
        notice = notice_read(text)
        assert notice.by == device
        assert set(notice.moves) == {Move(GRID, 0, 1), Move(NEXT, 0, 1)}


def test_what_is_rolled_back_gives_none(heard: psycopg.Connection | None) -> None:
    with transaction.atomic():
        tell(GRID)
        transaction.set_rollback(True)
    assert told(heard) == []
    assert heads([GRID]) == {GRID: 0}


def test_thousands_of_streams_take_several_notices(heard: psycopg.Connection | None) -> None:
    grids = [f"{GRID[:12]}{number:03d}" for number in range(1, 400)]
    with transaction.atomic():
        tell(*grids)
    assert set(heads(grids).values()) == {1}
    if heard is not None:
        notices = [notice_read(text) for text in told(heard)]
        assert 1 < len(notices) < 6
        assert {move.grid for notice in notices for move in notice.moves} == set(grids)
        assert {notice.by for notice in notices} == {""}
