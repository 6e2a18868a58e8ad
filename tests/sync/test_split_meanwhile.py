"""A grid is split while a push to it is under way: its worker serves the halves, so nothing is refused."""

import json

import pytest
import shapely

from governance.access.actor import Actor
from governance.access.models import Post
from governance.access.selectors import actor_for_device
from governance.records.models import Household, Inbox
from governance.records.services.follow_map import grids_follow_map
from governance.sync.push import push_apply
from gridmap.services import Part, grid_split
from tests import factories
from tests.factories import EAST, GRID, NORTH, SOUTH, WEST
from tests.sync.tablet import offer

pytestmark = pytest.mark.django_db


def pushed(actor: Actor, household: str) -> str:
    """Push an edit as the tablet was let in; give its status."""
    change = offer("household", household, 1, head_name="王改名")
    (result,) = push_apply(actor, json.dumps({"changes": [change]}).encode()).results
    return result.status.value


def split(*, followed: bool = True) -> None:
    """Split the first grid into halves, and let its posts and records follow."""
    middle = (WEST + EAST) / 2
    halves = shapely.box(WEST, SOUTH, middle, NORTH), shapely.box(middle, SOUTH, EAST, NORTH)
    grid_split(code=GRID, parts=[Part(half, 150) for half in halves])
    if followed:
        grids_follow_map()


def test_a_push_that_was_let_in_before_a_split_is_taken_by_the_posts_of_now(town: None) -> None:
    household = factories.home(factories.hub_in())["household"]
    let_in = actor_for_device(factories.device(factories.worker()), "测试")
    split()
    assert pushed(let_in, household) == "merged"
    assert Household.objects.get().head_name == "王改名"
    assert not Inbox.objects.exists()


def test_so_is_one_that_comes_before_the_posts_have_followed(town: None) -> None:
    let_in = actor_for_device(factories.device(factories.worker()), "测试")
    split(followed=False)
    place = {"lon": (3 * WEST + EAST) / 4, "lat": (SOUTH + NORTH) / 2}
    new = offer("building", name="新楼", address="珍珠路18号", **place)
    (result,) = push_apply(let_in, json.dumps({"changes": [new]}).encode()).results
    assert result.status.value == "created"


def test_what_such_a_worker_no_longer_serves_is_refused_as_ever(town: None) -> None:
    household = factories.home(factories.hub_in())["household"]
    let_in = actor_for_device(factories.device(factories.worker()), "测试")
    split()
    Post.objects.exclude(grid=GRID).delete()
    assert pushed(let_in, household) == "rejected"
    assert Inbox.objects.get().errors[0]["code"] == "scope"
