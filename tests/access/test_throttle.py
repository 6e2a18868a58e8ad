"""Counting is exact, whoever counts at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from governance.access.models import Throttle
from governance.access.services import throttle
from governance.access.services.throttle import throttle_hit, throttle_sweep


@pytest.fixture
def clock(monkeypatch):
    now = [1_000_000_060.5]
    monkeypatch.setattr(throttle.time, "time", lambda: now[0])
    return now


@pytest.mark.django_db
def test_so_many_a_window_then_wait_for_the_next(clock):
    def hits(count):
        return [throttle_hit(key="a", limit=3, seconds=60) for _ in range(count)]

    assert hits(5) == [0, 0, 0, 20, 20]
    assert throttle_hit(key="b", limit=3, seconds=60) == 0
    clock[0] += 20
    assert hits(4) == [0, 0, 0, 60]


@pytest.mark.django_db
def test_a_clock_that_falls_back_gives_nothing_away(clock):
    assert [throttle_hit(key="a", limit=1, seconds=60) for _ in range(2)] == [0, 20]
    clock[0] -= 60
    assert throttle_hit(key="a", limit=1, seconds=60) == 80


@pytest.mark.django_db
def test_a_clock_set_back_by_years_locks_nobody_out(clock):
    clock[0] += 10 * 31_557_600
    assert [throttle_hit(key="a", limit=1, seconds=60) for _ in range(2)] == [0, 20]
    clock[0] -= 10 * 31_557_600
    assert [throttle_hit(key="a", limit=1, seconds=60) for _ in range(2)] == [0, 20]


@pytest.mark.django_db
def test_one_statement_a_hit(clock, django_assert_num_queries):
    with django_assert_num_queries(1):
        throttle_hit(key="k" * 300, limit=1, seconds=60)


@pytest.mark.django_db
def test_old_counters_are_swept(clock):
    throttle_hit(key="old", limit=1, seconds=60)
    clock[0] += 90_000
    throttle_hit(key="new", limit=1, seconds=60)
    assert throttle_sweep() == 1
    assert Throttle.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_exactly_the_limit_passes_under_concurrency(clock):
    def many(_):
        try:
            return [throttle_hit(key="a", limit=50, seconds=60) for _ in range(20)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        waits = [wait for found in pool.map(many, range(8)) for wait in found]
    assert waits.count(0) == 50
    assert Throttle.objects.get().hits == 160
