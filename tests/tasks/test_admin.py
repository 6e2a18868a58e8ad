"""Tasks, visits and runs in the console."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.actor import Actor
from governance.access.models import Post
from governance.contract import uuid7
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


LIST, MAKE = "/admin/tasks/task/", "/admin/tasks/task/make/"
FORM = {
    "title": "用气安全检查",
    "reason": "入冬前检查",
    "opens_on": "2026-11-22",
    "due_on": "2026-11-30",
    "priority": "2",
    "photo": "on",
    "materials": ["02"],
    "fields_asked": ["head_phone"],
}


@pytest.fixture
def leader(worker: Actor, client: Client) -> Client:
    """A grid leader who serves the first grid."""
    made = factories.user("leader", "grid_leader")
    Post.objects.create(worker=made, grid=GRID, kind="stand_in", starts_on=DAY)
    client.force_login(made)
    client.post("/admin/purpose/", {"purpose": "日常服务", "next": LIST})
    return client


def page(response: HttpResponse) -> str:
    return response.content.decode()


def test_staff_make_a_task_for_a_door(leader: Client, home: dict[str, str]) -> None:
    assert "派发任务" in page(leader.get(LIST))
    shown = page(leader.get(MAKE))
    made = re.search(r'name="made" value="([0-9a-f-]{36})"', shown)
    assert made
    sent = {**FORM, "made": made[1], "door": "1号楼"}
    assert leader.post(MAKE, sent).status_code == 302
    task = Task.objects.get()
    assert (str(task.household_id), task.grid, task.state, task.origin) == (
        home["household"],
        GRID,
        "open",
        "staff",
    )
    assert task.asks == "household.head_phone doc:02 photo"
    assert leader.post(MAKE, sent).status_code == 302
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"due_on": "2026-11-01", "opens_on": "2026-10-01"}, "办理期限已经过去"),
        ({"door": "没有这里"}, "没有找到这一户"),
        ({"door": "", "grid": ""}, "请选择网格，或填写住址"),
        ({"door": "", "grid": NEXT}, "您不能在这个网格派发任务"),
        ({"assignee": "nobody"}, "没有岗位"),
        ({"expires_on": "2026-11-23"}, "失效日期不能早于办理期限"),
        ({"title": ""}, "必填"),
    ],
)
def test_what_cannot_be_made_says_why(
    leader: Client, home: dict[str, str], values: dict[str, str], words: str
) -> None:
    response = leader.post(MAKE, {**FORM, "made": str(uuid7()), "door": "1号楼", **values})
    assert response.status_code == 200
    assert words in page(response)
    assert not Task.objects.exists()


def test_where_several_doors_fit_one_is_chosen(leader: Client, worker: Actor, home: dict[str, str]) -> None:
    other = factories.home(worker, lon=factories.WEST + 0.003)
    sent = {**FORM, "made": str(uuid7()), "door": "1号楼"}
    shown = page(leader.post(MAKE, sent))
    assert "请选择是哪一户" in shown
    assert other["household"] in shown
    assert leader.post(MAKE, {**sent, "household": other["household"]}).status_code == 302
    assert str(Task.objects.get().household_id) == other["household"]


def test_many_tasks_are_given_to_a_stand_in_at_once(
    leader: Client, worker: Actor, home: dict[str, str]
) -> None:
    for _ in range(3):
        factories.person(worker, home["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    factories.worker("second", GRID)
    chosen = {
        "action": "give",
        "index": "0",
        "_selected_action": [str(task.pk) for task in Task.objects.all()],
    }
    asked = page(leader.post(LIST, chosen))
    assert "所选任务 3 项" in asked
    assert "second（代班）" in asked
    assert not Task.objects.exclude(assignee=None).exists()
    told = page(
        leader.post(LIST, {**chosen, "sure": "1", "assignee": "user:second", "note": "请代办"}, follow=True)
    )
    assert "已改派3项任务" in told
    assert set(Task.objects.values_list("assignee", "note")) == {("user:second", "请代办")}
    chosen["action"] = "take_back"
    told = page(leader.post(LIST, {**chosen, "sure": "1", "note": "不用了"}, follow=True))
    assert "不是人工派发的任务" in told
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}


def test_who_does_not_plan_tasks_gives_none_out(worker: Actor, home: dict[str, str], client: Client) -> None:
    clerk = factories.user("clerk", "intake_clerk")
    client.force_login(clerk)
    assert client.get(MAKE).status_code == 403
    assert client.post(MAKE, {**FORM, "made": str(uuid7()), "door": "1号楼"}).status_code == 403
    assert not Task.objects.exists()
