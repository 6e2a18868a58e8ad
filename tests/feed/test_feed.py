"""Numbers under concurrency: nobody who reads by number ever misses what commits later."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection, transaction

from governance.contract import uuid7
from governance.feed.models import Bookmark, Entry, Head
from governance.feed.selectors import entries_numbered_after, epoch, grids_behind, heads
from governance.feed.services import (
    Item,
    entries_number,
    feed_append,
    follower_catch_up,
    heads_lock,
    heads_lock_beside,
)

GRIDS = ["420502001001001", "420502001001002", "420502001002001"]


def write(grids: list[str], count: int, seed: int) -> None:
    """Write ``count`` new records one transaction each, some held open a while."""
    chance = random.Random(seed)
    for _ in range(count):
        with transaction.atomic():
            grid = chance.choice(grids)
            locked = heads_lock([grid])
            feed_append(locked, [Item(grid, "person", uuid7(), 1)])
            if chance.random() < 0.2:
                time.sleep(chance.random() * 0.004)


def together(*jobs: Callable[[], None]) -> None:
    """Run jobs in threads of their own; raise what any of them raised."""
    faults: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as fault:  # noqa: BLE001 - handed on to the test below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_a_grid_misses_nothing_that_writers_commit() -> None:
    seen: set[int] = set()
    writing = threading.Event()
    writing.set()

    def read() -> None:
        cursor = 0
        while True:
            last_round = not writing.is_set()
            top = heads(GRIDS[:1])[GRIDS[0]]
            rows = Entry.objects.filter(grid=GRIDS[0], seq__gt=cursor, seq__lte=top)
            seen.update(rows.values_list("seq", flat=True))
            cursor = top
            if last_round:
                return

    def run() -> None:
        try:
            together(*(lambda seed=seed: write(GRIDS[:1], 40, seed) for seed in range(4)))
        finally:
            writing.clear()

    together(read, run)
    assert seen == set(range(1, 161))
    assert Head.objects.get(grid=GRIDS[0]).seq == 160


@pytest.mark.django_db(transaction=True)
def test_a_reader_of_the_city_misses_nothing_that_writers_commit() -> None:
    seen: list[int] = []
    writing = threading.Event()
    writing.set()

    def read() -> None:
        cursor = 0
        while True:
            last_round = not writing.is_set()
            while True:
                entries_number()
                page = list(entries_numbered_after(cursor, "person", ["4205"], 50))
                if not page:
                    break
                seen.extend(entry.number or 0 for entry in page)
                cursor = page[-1].number or 0
            if last_round:
                return

    def run() -> None:
        try:
            together(*(lambda seed=seed: write(GRIDS, 40, seed) for seed in range(4)))
        finally:
            writing.clear()

    together(read, run)
    assert len(seen) == len(set(seen)) == 160
    assert seen == sorted(seen)


@pytest.mark.django_db
def test_a_record_stands_once_in_a_stream_at_its_latest_number() -> None:
    record = uuid7()
    for version in (1, 2, 3):
        with transaction.atomic():
            feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", record, version)])
    (entry,) = Entry.objects.all()
    assert (entry.version, entry.seq) == (3, 3)


@pytest.mark.django_db
def test_a_renumbered_entry_comes_again_to_the_citys_readers() -> None:
    record = uuid7()
    for version in (1, 2):
        with transaction.atomic():
            feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", record, version)])
        entries_number()
    (entry,) = entries_numbered_after(1, "person", ["4205"], 10)
    assert (entry.version, entry.number) == (2, 2)
    assert list(entries_numbered_after(0, "person", ["4206"], 10)) == []


@pytest.mark.django_db
def test_a_follower_reads_each_entry_once_and_repeats_a_page_that_failed() -> None:
    with transaction.atomic():
        feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(5)])
    got: list[int] = []

    def handle(page: object) -> None:
        got.extend(entry.seq for entry in page)  # type: ignore[attr-defined]

    def stumble(page: object) -> None:
        raise RuntimeError

    assert grids_behind("reader") == GRIDS[:1]
    with pytest.raises(RuntimeError), transaction.atomic():
        follower_catch_up(follower="reader", grid=GRIDS[0], handle=stumble)
    assert follower_catch_up(follower="reader", grid=GRIDS[0], handle=handle, limit=2) == 5
    assert got == [1, 2, 3, 4, 5]
    assert follower_catch_up(follower="reader", grid=GRIDS[0], handle=handle) == 0
    assert grids_behind("reader") == []


@pytest.mark.django_db
def test_what_a_follower_writes_itself_it_reads_in_the_same_call() -> None:
    got: list[list[int]] = []

    def write(count: int) -> None:
        with transaction.atomic():
            feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(count)])

    def handle(page: object) -> None:
        got.append([entry.seq for entry in page])  # type: ignore[attr-defined]
        if len(got) == 1:
            write(2)

    write(1)
    assert follower_catch_up(follower="reader", grid=GRIDS[0], handle=handle) == 3
    assert got == [[1], [2, 3]]
    assert grids_behind("reader") == []


@pytest.mark.django_db
def test_a_page_costs_three_statements(django_assert_num_queries: object) -> None:
    Bookmark.objects.create(follower="reader", grid=GRIDS[0])
    with transaction.atomic():
        feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(20)])
    with django_assert_num_queries(3 + 2):  # type: ignore[operator]  # with the savepoint's
        assert follower_catch_up(follower="reader", grid=GRIDS[0], handle=lambda page: None) == 20


@pytest.mark.django_db
def test_a_page_that_asks_for_nothing_is_passed_without_a_lock(django_assert_num_queries: object) -> None:
    Bookmark.objects.create(follower="reader", grid=GRIDS[0])
    with transaction.atomic():
        feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(20)])
    got: list[int] = []
    reader = partial(
        follower_catch_up, follower="reader", grid=GRIDS[0], handle=lambda page: got.append(len(page))
    )
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert reader(idle=lambda page: len(page) == 20) == 20
    assert grids_behind("reader") == []
    with transaction.atomic():
        feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(3)])
    assert reader(idle=lambda page: False) == 3
    assert got == [3]


@pytest.mark.django_db
def test_who_passes_a_page_that_another_has_passed_meanwhile_leaves_its_bookmark() -> None:
    Bookmark.objects.create(follower="reader", grid=GRIDS[0])
    with transaction.atomic():
        feed_append(heads_lock(GRIDS[:1]), [Item(GRIDS[0], "person", uuid7(), 1) for _ in range(5)])

    asked: list[int] = []

    def overtaken(page: Sequence[object]) -> bool:
        Bookmark.objects.update(seq=4)
        asked.append(len(page))
        return True

    assert follower_catch_up(follower="reader", grid=GRIDS[0], handle=print, idle=overtaken) == 1
    assert asked == [5, 1]
    assert grids_behind("reader") == []


@pytest.mark.django_db
def test_a_follower_with_nothing_to_read_makes_one_look_up(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        follower_catch_up(follower="reader", grid=GRIDS[0], handle=print)


@pytest.mark.django_db
def test_codes_are_looked_up_as_they_are_written() -> None:
    odd = ['a"b', "c\\", "d,e", "{}", "NULL", "", "宜昌 市", "f'g"]
    Head.objects.bulk_create(Head(grid=code, seq=number) for number, code in enumerate(odd, start=1))
    assert heads([*odd, "none"]) == {**{code: n for n, code in enumerate(odd, start=1)}, "none": 0}
    said = epoch()
    with transaction.atomic():
        locked = heads_lock_beside(odd[:2], odd[2])
    assert locked == ({odd[0]: 1, odd[1]: 2}, 3, said)
