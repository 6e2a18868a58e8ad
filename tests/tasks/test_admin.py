"""Tasks, visits and runs in the console."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Post
from governance.access.services.areas import area_grant
from governance.contract import uuid7
from governance.tasks.centres.services import stations_make, team_save
from governance.tasks.cycle.services import tasks_assign
from governance.tasks.models import Task, Team
from governance.tasks.services import day_run, grid_follow, tasks_offer
from gridmap.models import Division
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.conftest import DAY
from tests.tasks.test_offers import wanted


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


def test_the_list_says_who_has_a_task_where_and_that_it_is_late(
    leader: Client, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    today = timezone.localdate()
    stations_make(actor=HUB, area=GRID[:12])
    for number, assignee in enumerate(("", "user:worker", f"station:{GRID[:12]}-grid", "user:worker")):
        days = {"opens_on": today - timedelta(days=9), "due_on": today - timedelta(days=number)}
        tasks_offer(
            [wanted(home, occasion=f"staff:{number}", origin="staff", assignee=assignee, **days)], today
        )
    leader.get(LIST)
    with CaptureQueriesContext(connection) as many:
        listed = page(leader.get(LIST))
    statements = len(many)
    assert (listed.count('tag-bad">逾期'), "网格管理站" in listed, "worker" in listed) == (3, True, True)
    assert "user:worker" not in listed
    late = Task.objects.get(occasion="staff:1")
    for tab in ("", "?tab=sources", "?tab=history"):
        shown = page(leader.get(f"{LIST}{late.pk}/change/{tab}"))
        assert f"第{GRID[-3:]}网格" in shown, tab
        assert "逾期" in shown, tab
        assert "user:worker" not in shown, tab
    tasks_assign(actor=HUB, tasks=[late.pk], assignee="", note="", day=today)
    history = page(leader.get(f"{LIST}{late.pk}/change/?tab=history"))
    assert "（worker）" in history
    assert "user:worker" not in history
    Task.objects.exclude(occasion="staff:2").exclude(occasion="staff:1").delete()
    Task.objects.filter(occasion="staff:1").update(assignee="user:worker")
    with django_assert_num_queries(statements):
        leader.get(LIST)


def test_the_list_can_be_kept_to_what_is_late(leader: Client, home: dict[str, str]) -> None:
    today = timezone.localdate()
    for number in range(3):
        days = {"opens_on": today - timedelta(days=9), "due_on": today - timedelta(days=number)}
        tasks_offer([wanted(home, occasion=f"staff:{number}", origin="staff", **days)], today)
    Task.objects.filter(occasion="staff:2").update(state="done")
    listed = page(leader.get(f"{LIST}?late=1"))
    shown = [str(task.pk) in listed for task in Task.objects.order_by("occasion")]
    assert shown == [False, True, False]
    assert f"{LIST}?late=1" in page(leader.get("/admin/"))


def test_a_tasks_page_says_in_words_what_it_is_about(leader: Client, home: dict[str, str]) -> None:
    person = factories.person(factories.hub_in(GRID), home["household"], name="欧阳示例")
    asked = "person.phone doc:02 photo signature"
    about = {"subject_kind": "person", "subject": UUID(person), "asks": asked}
    tasks_offer([wanted(home, occasion="staff:words", origin="staff", **about)], timezone.localdate())
    task = Task.objects.get(occasion="staff:words")
    for tab in ("", "?tab=sources"):
        shown = page(leader.get(f"{LIST}{task.pk}/change/{tab}"))
        for words in ("人员：联系方式", "居民户口簿", "居民签名", "欧"):
            assert words in shown, (tab, words)
        for key in ("staff:words", asked, person, "欧阳示例"):
            assert key not in shown, (tab, key)


def test_the_days_runs_are_shown_and_not_changed(worker: Actor, client: Client) -> None:
    day_run(DAY)
    client.force_login(factories.user("root", "commander", is_superuser=True))
    assert client.get("/admin/tasks/dayscan/").status_code == 200
    assert client.get("/admin/tasks/dayscan/add/").status_code == 403


LIST, MAKE = "/admin/tasks/task/", "/admin/tasks/task/make/"
TAKERS = "/admin/tasks/task/takers/"
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


def takers(client: Client, **sent: Any) -> dict[str, str]:
    """Give who is offered: what they are called, by assignee."""
    reply = client.post(TAKERS, sent)
    assert reply.status_code == 200, reply.content
    return {each["id"]: each["text"] for each in reply.json()["choices"]}


def page(response: HttpResponse) -> str:
    return response.content.decode()


def test_staff_make_a_task_for_a_door(leader: Client, home: dict[str, str]) -> None:
    assert "派发任务" in page(leader.get(LIST))
    shown = page(leader.get(MAKE))
    made = re.search(r'name="made" value="([0-9a-f-]{36})"', shown)
    assert made
    sent = {**FORM, "made": made[1], "household": home["household"]}
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
        ({"household": "01926f5e-0000-7000-8000-000000000001"}, "没有找到这一户"),
        ({"household": "1号楼"}, "请从查找结果中选择住户"),
        ({"household": "", "grid": ""}, "请选择住户或网格"),
        ({"household": "", "grid": NEXT}, "您不能在这个网格派发任务"),
        ({"assignee": "user:nobody"}, "没有岗位"),
        ({"assignee": "nobody"}, "没有这个承办人"),
        ({"assignee": "station:420599001001-grid"}, "没有这个中心（站）"),
        ({"expires_on": "2026-11-23"}, "失效日期不能早于办理期限"),
        ({"title": ""}, "必填"),
    ],
)
def test_what_cannot_be_made_says_why(
    leader: Client, home: dict[str, str], values: dict[str, str], words: str
) -> None:
    sent = {**FORM, "made": str(uuid7()), "household": home["household"], **values}
    response = leader.post(MAKE, sent)
    assert response.status_code == 200
    assert words in page(response)
    assert not Task.objects.exists()


def test_a_household_elsewhere_is_not_there(leader: Client, home: dict[str, str]) -> None:
    other = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    shown = page(leader.post(MAKE, {**FORM, "made": str(uuid7()), "household": other["household"]}))
    assert "没有找到这一户" in shown
    assert f'value="{other["household"]}"' not in shown
    assert not Task.objects.exists()


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
    assert "不选则交回所在网格的岗位" in asked
    assert asked.count("<td>1号楼 101</td>") == 3, "told apart by their doors"
    assert not re.search(r'name="note"[^>]* required', asked)
    assert "user:second" in takers(leader, _selected_action=chosen["_selected_action"])
    assert not Task.objects.exclude(assignee=None).exists()
    told = page(
        leader.post(LIST, {**chosen, "sure": "1", "assignee": "user:second", "note": "请代办"}, follow=True)
    )
    assert "已改派3项任务" in told
    assert set(Task.objects.values_list("assignee", "note")) == {("user:second", "请代办")}
    chosen["action"] = "take_back"
    assert re.search(r'name="note"[^>]* required', page(leader.post(LIST, chosen)))
    told = page(leader.post(LIST, {**chosen, "sure": "1", "note": "不用了"}, follow=True))
    assert "3项没有撤回：不是人工派发的任务" in told
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}


def test_who_does_not_plan_tasks_gives_none_out(worker: Actor, home: dict[str, str], client: Client) -> None:
    clerk = factories.user("clerk", "intake_clerk")
    client.force_login(clerk)
    assert client.get(MAKE).status_code == 403
    sent = {**FORM, "made": str(uuid7()), "household": home["household"]}
    assert client.post(MAKE, sent).status_code == 403
    assert client.post(TAKERS, {"grid": GRID}).status_code == 403
    assert not Task.objects.exists()


def test_who_may_take_a_task_is_offered_with_grid_and_workload(
    leader: Client, worker: Actor, home: dict[str, str]
) -> None:
    stations_make(actor=HUB, area=GRID[:9])
    team = team_save(actor=HUB, team=Team(kind="volunteer", division_id=GRID[:12], name="邻里"))
    for _ in range(3):
        factories.person(worker, home["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    Task.objects.filter(pk=Task.objects.order_by("pk").values("pk")[:1]).update(
        assignee="user:worker", due_on=DAY - timedelta(days=1)
    )
    factories.worker("elsewhere", NEXT)
    offered = takers(leader, household=home["household"])
    assert offered["user:worker"].endswith("第001网格 · 待办1项，逾期1项")
    assert offered["user:leader"].endswith("待办2项")  # stands in, so the grid's tasks are his
    assert "user:elsewhere" not in offered
    assert f"station:{GRID[:12]}-service" in offered
    assert f"team:{team.pk}" in offered
    assert takers(leader, grid=GRID, q="worker") == {"user:worker": offered["user:worker"]}
    assert f"team:{team.pk}" not in takers(leader, grid=GRID, photo="on")
    assert takers(leader, grid=NEXT) == {}
    assert takers(leader) == {}
    task = Task.objects.exclude(assignee="user:worker").first()
    assert task is not None
    Task.objects.filter(pk=task.pk).update(register="care_hardship")
    assert set(takers(leader, _selected_action=[str(task.pk)])) == {"user:leader", "user:worker"}


def test_for_rules_names_are_looked_for_in_the_whole_area(leader: Client, client: Client) -> None:
    factories.worker("elsewhere", NEXT)
    stations_make(actor=HUB, area=GRID[:9])
    anywhere = f"{TAKERS}?any=1"

    def found(words: str) -> set[str]:
        return {each["id"] for each in client.post(anywhere, {"q": words}).json()["choices"]}

    assert found("worker") == {"user:worker"}
    assert found("elsewhere") == set()
    assert found("") == set()
    client.force_login(factories.user("system", "system_admin"))
    assert found("elsewhere") == {"user:elsewhere"}
    assert f"station:{GRID[:12]}-peace" in found(f"{GRID[:12]}-peace")
    client.force_login(factories.user("intake", "intake_clerk"))
    assert client.post(anywhere, {"q": "worker"}).status_code == 403


def test_who_reads_no_households_gives_tasks_to_grids_alone(
    worker: Actor, home: dict[str, str], client: Client
) -> None:
    dispatcher = factories.user("dispatcher", "dispatcher")
    area_grant(actor=HUB, holder=dispatcher, area=Division.objects.get(pk=GRID[:12]))
    client.force_login(dispatcher)
    assert 'name="household"' not in page(client.get(MAKE))
    sent = {**FORM, "made": str(uuid7()), "fields_asked": [], "household": home["household"]}
    assert "请选择住户或网格" in page(client.post(MAKE, sent))
    assert takers(client, household=home["household"]) == {}
    assert client.post(MAKE, {**sent, "grid": GRID}).status_code == 302
    assert Task.objects.get().household_id is None


def test_the_workbench_leads_to_the_tasks_that_it_counts(
    leader: Client, worker: Actor, home: dict[str, str]
) -> None:
    today = timezone.localdate()
    days = {"due_on": today + timedelta(days=9), "origin": "staff", "asks": ""}
    for number, opens in enumerate((today, today, today, today + timedelta(days=1))):
        tasks_offer([wanted(home, occasion=f"staff:{number}", opens_on=opens, **days)], today)
    accepted, done = Task.objects.filter(opens_on=today).values_list("pk", flat=True)[:2]
    now = timezone.now().isoformat(timespec="seconds")
    factories.apply(worker, factories.change("task", accepted, 1, accepted_at=now))
    factories.apply(worker, factories.change("task", done, 1, outcome="done", done_at=now))
    cache.clear()  # the figures are kept for a minute
    tile = leader.get("/admin/").context["tasks"]
    assert (tile["open"], tile["done"]) == ("2", "1")
    for name, number in (("url", 2), ("all", 1)):
        assert leader.get(tile[name]).context["cl"].result_count == number
