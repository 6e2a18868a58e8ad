"""Staff take late work while somebody else is at it, or its grid's records follow the map."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely
from django.db import connection, transaction

from governance.access.actor import HUB
from governance.contract import Change
from governance.feed.services import heads_lock
from governance.records.models import Household, Inbox
from governance.records.services.follow_map import grids_follow_map
from governance.records.services.inbox import Taken, inbox_take
from gridmap.services import Part, grid_split
from tests import factories
from tests.factories import EAST, GRID, NORTH, SOUTH, WEST, apply, change
from tests.waiting import closing, waits

HALVES = {factories.COMMUNITY + "003", factories.COMMUNITY + "004"}


def split() -> None:
    """Split the first grid into halves."""
    middle = (WEST + EAST) / 2
    halves = shapely.box(WEST, SOUTH, middle, NORTH), shapely.box(middle, SOUTH, EAST, NORTH)
    grid_split(code=GRID, parts=[Part(half, 150) for half in halves])


def together(*jobs: Callable[[], object]) -> list[object]:
    """Do jobs that all wait before the first of them goes on; give what came of each."""

    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            heads_lock([GRID])
            running = []
            for job in jobs:
                running.append(pool.submit(closing, job))
                waits(len(running))
        return [each.result() for each in running]


if connection.vendor == "postgresql":  # SQLite's writers come one by one
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def late() -> Change:
        """A change that waits in the inbox, as its worker has no post in the household's grid."""
        factories.town()
        factories.codes()
        home = factories.home(factories.hub_in())
        stranger = factories.tablet(factories.worker("li", factories.NEXT))
        made = change("household", home["household"], base=1, head_phone="10001234567")
        assert [result.status for result in apply(stranger, made)] == ["rejected"]
        return made

    def test_taking_late_work_and_following_the_map_wait_in_no_circle(late: Change) -> None:
        split()

        together(grids_follow_map, lambda: inbox_take(actor=HUB, changes=[late.change]))

        assert Inbox.objects.get().taken
        household = Household.objects.get()
        assert (household.head_phone, household.grid in HALVES) == ("10001234567", True)

    def test_late_work_that_two_take_at_once_is_taken_by_one_and_passed_over_by_the_other(
        late: Change,
    ) -> None:
        def take() -> Taken:
            return inbox_take(actor=HUB, changes=[late.change])

        taken = together(take, take)
        assert sorted(each.count for each in taken) == [0, 1]
        assert not any(each.refused for each in taken)
        assert Inbox.objects.get().taken
