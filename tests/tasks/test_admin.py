"""Tasks in the console."""

from django.test import Client

from governance.access.actor import Actor
from governance.audit.models import AuditEntry
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.conftest import DAY


def test_staff_see_the_tasks_of_their_area_and_reading_one_is_entered(
    worker: Actor, home: dict[str, str], client: Client
) -> None:
    factories.person(worker, home["household"], birth_date="1966-12-01")
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    factories.person(factories.hub_in(NEXT), there["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    grid_follow(NEXT)
    leader = factories.user("leader", "grid_leader")
    factories.Post.objects.create(worker=leader, grid=GRID, kind="stand_in", starts_on=DAY)
    client.force_login(leader)
    listed = client.get("/admin/tasks/task/").content.decode()
    assert "代办老年优待证" in listed
    assert "待办" in listed
    assert NEXT not in listed
    assert "代办老年优待证" not in client.get("/admin/tasks/task/?state=done").content.decode()
    mine, other = Task.objects.get(grid=GRID), Task.objects.get(grid=NEXT)
    assert "2026年12月1日年满60周岁" in client.get(f"/admin/tasks/task/{mine.pk}/change/").content.decode()
    entry = AuditEntry.objects.get(action="tasks.read")
    assert (entry.subject, entry.scope, entry.username) == (mine.pk, GRID, "leader")
    assert entry.subjects == [mine.subject]
    assert client.get(f"/admin/tasks/task/{other.pk}/change/").status_code == 302
    assert client.post(f"/admin/tasks/task/{mine.pk}/change/", {"title": "x"}).status_code == 403


def test_full_items_are_for_those_who_may_see_them(
    worker: Actor, home: dict[str, str], client: Client
) -> None:
    factories.person(worker, home["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    commander = factories.user("commander", "commander")
    factories.Post.objects.create(worker=commander, grid=GRID, kind="stand_in", starts_on=DAY)
    client.force_login(commander)
    page = client.get(f"/admin/tasks/task/{Task.objects.get().pk}/change/").content.decode()
    assert "代办老年优待证" in page
    assert "年满60周岁" not in page
    assert "王示例" not in page


def test_visits_and_runs_are_listed(worker: Actor, home: dict[str, str], client: Client) -> None:
    visited = factories.change(
        "visit", household=home["household"], purpose="01", visited_at="2026-11-22T02:00:00Z"
    )
    (result,) = factories.apply(worker, visited)
    assert result.status == "created", result
    day_run(DAY)
    client.force_login(factories.user("root", "commander", is_superuser=True))
    assert GRID in client.get("/admin/tasks/visit/").content.decode()
    assert client.get(f"/admin/tasks/visit/{visited.id}/change/").status_code == 200
    assert client.get("/admin/tasks/dayscan/").status_code == 200
