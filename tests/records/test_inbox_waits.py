"""Staff take late work at the moment at which its grid's records follow the map."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely
from django.db import connection, transaction

from governance.access.actor import HUB
from governance.feed.services import heads_lock
from governance.records.models import Household, Inbox
from governance.records.services.follow_map import grids_follow_map
from governance.records.services.inbox import inbox_take
from gridmap.services import Part, grid_split
from tests import factories
from tests.factories import EAST, GRID, NORTH, SOUTH, WEST, apply, change

PATIENCE = 20.0
HALVES = {factories.COMMUNITY + "003", factories.COMMUNITY + "004"}


def split() -> None:
    """Split the first grid into halves."""
    middle = (WEST + EAST) / 2
    halves = shapely.box(WEST, SOUTH, middle, NORTH), shapely.box(middle, SOUTH, EAST, NORTH)
    grid_split(code=GRID, parts=[Part(half, 150) for half in halves])


def waiting() -> int:
    """Count who waits for a lock of PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_taking_late_work_and_following_the_map_wait_in_no_circle() -> None:
        factories.town()
        factories.codes()
        home = factories.home(factories.hub_in())
        stranger = factories.tablet(factories.worker("li", factories.NEXT))
        late = change("household", home["household"], base=1, head_phone="10001234567")
        assert [result.status for result in apply(stranger, late)] == ["rejected"]
        split()

        def done(job: Callable[[], object]) -> None:
            try:
                job()
            finally:
                connection.close()

        jobs = [grids_follow_map, lambda: inbox_take(actor=HUB, changes=[late.change])]
        with ThreadPoolExecutor(len(jobs)) as pool:
            with transaction.atomic():
                heads_lock([GRID])
                running = []
                for job in jobs:
                    running.append(pool.submit(done, job))
                    until = time.monotonic() + PATIENCE
                    while waiting() < len(running) and time.monotonic() < until:
                        time.sleep(0.02)
            for each in running:
                each.result()
        assert Inbox.objects.get().taken
        household = Household.objects.get(pk=home["household"])
        assert (household.head_phone, household.grid in HALVES) == ("10001234567", True)
