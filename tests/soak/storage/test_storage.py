"""The shim records what SQLite did, refuses what does not fit, and cuts leave what they may leave."""

import random
import sqlite3
from contextlib import closing

import pytest

from tests.soak.storage.adapter import through
from tests.soak.storage.loss import FATES, Disk, broken_off, dropped, kept, reordered, scrambled, torn
from tests.soak.storage.trace import Delete, Promise, Sync, Truncate, Write
from tests.soak.storage.vfs import shim

CHANCE = random.Random(7)


def cuts(events, before=None, times=200):
    disk = Disk(events, before or {})
    disk.advance(len(events))
    return [disk.cut(random.Random(number)) for number in range(times)]


def test_what_was_synced_is_there_after_every_cut():
    for left in cuts([Write("a", 0, b"one"), Sync("a"), Write("a", 1, b"X")]):
        assert (left["a"][0:1], left["a"][2:3]) == (b"o", b"e")


def test_what_was_not_synced_may_be_there_or_not():
    found = {bytes(left.get("a", b"")) for left in cuts([Write("a", 0, b"one")])}
    assert {b"", b"one"} <= found


def test_a_later_write_may_reach_the_disk_before_an_earlier_one():
    found = {bytes(left["a"]) for left in cuts([Sync("a"), Write("a", 0, b"1"), Write("a", 1, b"2")])}
    assert {b"", b"1", b"12", b"\x002"} <= found


def test_a_length_is_on_the_disk_only_when_synced():
    assert {len(left["a"]) for left in cuts([Truncate("a", 1)], {"a": b"four"})} == {1, 4}
    assert {len(left["a"]) for left in cuts([Truncate("a", 1), Sync("a")], {"a": b"four"})} == {1}


def test_a_file_removed_without_the_folder_may_come_back_until_a_new_one_is_synced():
    gone = [Write("j", 0, b"old"), Sync("j"), Delete("j", durable=False)]
    assert {"j" in left for left in cuts(gone)} == {True, False}
    assert {"j" in left for left in cuts([*gone, Write("w", 0, b"x"), Sync("w")])} == {False}
    assert {"j" in left for left in cuts([*gone[:2], Delete("j", durable=True)])} == {False}


def test_promises_count_as_they_come():
    disk = Disk([Promise(1), Write("a", 0, b"x"), Promise(2)])
    disk.advance(2)
    assert disk.promised == 1
    disk.advance(3)
    assert disk.promised == 2


@pytest.mark.parametrize("fate", FATES)
def test_a_fate_writes_nothing_beyond_what_was_handed_over(fate):
    pending = [Write("a", 700, bytes(range(256)) * 20), Write("a", 9000, b"end")]
    for _ in range(100):
        for part in fate(pending, CHANCE):
            assert any(
                w.offset <= part.offset and part.offset + len(part.data) <= w.offset + len(w.data)
                for w in pending
            )


def test_fates_are_what_they_are_called():
    pending = [Write("a", 0, b"x" * 2000), Write("a", 4096, b"y" * 2000)]
    assert dropped(pending, CHANCE) == []
    assert kept(pending, CHANCE) == pending
    assert any(sum(len(part.data) for part in broken_off(pending, CHANCE)) % 2000 for _ in range(50))
    assert any(0 < sum(len(part.data) for part in torn(pending, CHANCE)) < 4000 for _ in range(50))
    assert any(reordered(pending, CHANCE) == pending[::-1] for _ in range(50))
    assert any(set(part.data) - set(b"xy") for _ in range(50) for part in scrambled(pending, CHANCE))


def test_sqlite_syncs_its_log_before_a_commit_returns(tmp_path):
    with shim() as disk, through(disk), closing(sqlite3.connect(tmp_path / "a", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE t (n INTEGER)")
        before = len(disk.trace.events)
        db.execute("INSERT INTO t VALUES (1)")
        events = disk.trace.events[before:]
    assert {event.file for event in events} == {"a-wal"}
    assert isinstance(events[-1], Sync)


def test_a_full_disk_is_told_and_takes_what_fits(tmp_path):
    with shim() as disk, through(disk), closing(sqlite3.connect(tmp_path / "a", isolation_level=None)) as db:
        db.execute("CREATE TABLE t (n TEXT)")
        disk.space.limit = disk.space.used + 6000
        with pytest.raises(sqlite3.OperationalError) as full:
            db.executemany("INSERT INTO t VALUES (?)", [["x" * 1000]] * 50)
        assert full.value.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
        assert disk.space.refused
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= disk.space.limit
        disk.space.limit = None
        db.execute("INSERT INTO t VALUES ('again')")


def test_a_late_commit_is_done_with_the_next_statement(tmp_path):
    with shim() as disk, through(disk, late=True):
        db = sqlite3.connect(tmp_path / "a", isolation_level=None)
        db.execute("CREATE TABLE t (n)")
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO t VALUES (1)")
        events = len(disk.trace.events)
        db.execute("COMMIT")
        assert not db.in_transaction
        assert len(disk.trace.events) == events
        assert db.execute("SELECT n FROM t").fetchall() == [(1,)]
        assert len(disk.trace.events) > events
        db.close()


SCRIPT = (
    ("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB, w timestamp, UNIQUE (b))", ()),
    ("INSERT INTO t (b) VALUES (?)", (b"\0\xff",)),
    ("INSERT INTO t (b) VALUES (:b)", {"b": "汉字"}),
    ("INSERT INTO t (b) VALUES (?)", (True,)),
    ("UPDATE t SET w = '2026-01-01 00:00:00' WHERE id < ?", (3,)),
    ("DELETE FROM t WHERE id = 99", ()),
    ("SELECT id, b, w FROM t ORDER BY id", ()),
    ("SELECT id AS 名 FROM t WHERE id = 99", ()),
    ("INSERT INTO t (b) VALUES ('x') RETURNING id", ()),
    ("INSERT INTO t (b) VALUES ('x')", ()),
    ("INSERT INTO nowhere VALUES (1)", ()),
)


def outcomes(db):
    """Give for each statement what a caller sees of it."""
    found = []
    for sql, parameters in SCRIPT:
        try:
            cursor = db.execute(sql, parameters)
            rows = cursor.fetchall()
            found.append((rows, cursor.rowcount, cursor.lastrowid, cursor.description))
        except sqlite3.Error as error:
            found.append((type(error), error.sqlite_errorcode))
    return found


def test_the_adapter_looks_like_the_module_it_stands_in_for(tmp_path):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as real:
        wanted = outcomes(real)
    with (
        shim() as disk,
        through(disk),
        closing(sqlite3.connect(tmp_path / "a", isolation_level=None)) as ours,
    ):
        assert outcomes(ours) == wanted


def test_rows_fetched_some_at_a_time_are_all_there(tmp_path):
    with (
        shim() as disk,
        through(disk),
        closing(sqlite3.connect(tmp_path / "a", isolation_level=None)) as ours,
    ):
        cursor = ours.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n LIMIT 5) SELECT i FROM n"
        )
        parts = [cursor.fetchmany(2) for _ in range(4)]
        assert parts == [[(1,), (2,)], [(3,), (4,)], [(5,)], []]
