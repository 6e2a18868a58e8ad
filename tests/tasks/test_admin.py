"""Tasks, visits and runs in the console."""

from django.test import Client

from governance.access.actor import Actor
from governance.access.models import Post
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.conftest import DAY


def test_staff_see_the_tasks_of_their_area(worker: Actor, home: dict[str, str], client: Client) -> None:
    factories.person(worker, home["household"], birth_date="1966-12-01")
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    factories.person(factories.hub_in(NEXT), there["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    grid_follow(NEXT)
    leader = factories.user("leader", "grid_leader")
    Post.objects.create(worker=leader, grid=GRID, kind="stand_in", starts_on=DAY)
    client.force_login(leader)
    mine, other = Task.objects.get(grid=GRID), Task.objects.get(grid=NEXT)
    listed = client.get("/admin/tasks/task/").content.decode()
    assert str(mine.pk) in listed
    assert str(other.pk) not in listed
    assert "代办老年优待证" in client.get(f"/admin/tasks/task/{mine.pk}/change/").content.decode()
    assert client.get(f"/admin/tasks/task/{other.pk}/change/").status_code == 404
    assert client.get("/admin/tasks/task/add/").status_code == 403


def test_the_days_runs_are_shown_and_not_changed(worker: Actor, client: Client) -> None:
    day_run(DAY)
    client.force_login(factories.user("root", "commander", is_superuser=True))
    assert client.get("/admin/tasks/dayscan/").status_code == 200
    assert client.get("/admin/tasks/dayscan/add/").status_code == 403
