"""Supervision, plans, reports and levels in the console: who opens them, what they show and do."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Post
from governance.audit.models import AuditEntry
from governance.records.models import model_of
from governance.tasks.models import Escalation, PlanLevel, Question, Task
from governance.tasks.plans.levels import levels_load
from governance.tasks.plans.services import day_run
from tests import factories, kept
from tests.factories import GRID, NEXT
from tests.tasks.oversight.conftest import DAY, follow
from tests.tasks.oversight.test_progress import tasks
from tests.tasks.oversight.test_questions import round_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> None:
    """The town with the shipped levels."""
    factories.town()
    kept.levels()


def browser(role: str, grid: str = GRID, purpose: str = "督导检查") -> Client:
    """Give the browser of somebody with a role and a post at a grid."""
    user = factories.user(f"{role}-{grid[-1]}", role)
    if role != "system_admin":
        Post.objects.create(worker=user, grid=grid, kind="stand_in", starts_on=DAY)
    client = Client()
    client.force_login(user)
    if purpose:
        client.post("/admin/purpose/", {"purpose": purpose})
    return client


@pytest.fixture
def care(worker: Actor, home: dict[str, str]) -> str:
    """Somebody in a register whose visit is long overdue; gives the person."""
    person = factories.person(worker, home["household"], name="王小明")
    made = factories.change("care_left_behind", person=person, category="01", care_level="1")
    assert factories.apply(worker, made)[0].status == "created"
    follow()
    day_run(timezone.now().date() + timedelta(days=49))
    return person


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_supervision_shows_what_was_due_and_the_workers_load(care: str, client: Client) -> None:
    leader = browser("grid_leader")
    Task.objects.update(due_on=DAY)
    by_area = text(leader, "/admin/supervision/")
    assert "第001网格" in by_area
    by_item = text(leader, "/admin/supervision/?tab=item")
    assert "走访计划 · 计划走访" in by_item
    assert "王" not in by_area + by_item
    assert "worker" in text(leader, "/admin/supervision/?tab=work")
    assert "没有待了解的疑问" in text(leader, "/admin/supervision/?tab=ask")
    assert "这段时间没有" in text(leader, "/admin/supervision/?from=2020-01-01&to=2020-02-01")
    assert text(leader, "/admin/supervision/?from=nonsense&to=9999-99-99&area=1&tab=2")
    for day in ("0001-01-05", "9999-12-31"):
        assert text(leader, f"/admin/supervision/?to={day}")
    assert browser("intake_clerk").get("/admin/supervision/").status_code == 403
    assert Client().get("/admin/supervision/").status_code == 302


def test_a_question_is_looked_at_on_its_page(worker: Actor, home: dict[str, str]) -> None:
    far = {"lon": factories.WEST + 0.05, "lat": factories.SOUTH, "crs": "4490"}
    round_of(worker, [home["household"]], 1, position=far)
    leader = browser("grid_leader")
    question = Question.objects.get()
    address = f"/admin/tasks/question/{question.pk}/change/"
    assert "离门口" in text(leader, "/admin/supervision/?tab=ask")
    assert "不是结论" in text(leader, address)
    assert "请写明" in leader.post(address, {"explained": "0", "review": ""}).content.decode()
    assert leader.post(address, {"explained": "1", "review": "窗边定位"}).status_code == 302
    question.refresh_from_db()
    assert (question.state, question.review) == ("explained", "窗边定位")
    assert browser("grid_leader", factories.NEXT).get(address).status_code == 302


def test_plans_show_a_register_by_the_next_visit_with_a_trace(care: str) -> None:
    leader = browser("grid_leader")
    page = text(leader, "/admin/visit-plans/?register=care_left_behind&due=all")
    assert "王*" in page
    assert "王小明" not in page
    assert str(model_of("care_left_behind").objects.get().next_visit_on) in page
    entry = AuditEntry.objects.filter(action="records.list", kind="care_left_behind").get()
    assert entry.subjects == [care]
    assert "没有这样的人员" in text(leader, "/admin/visit-plans/?register=care_left_behind&due=late")
    other = browser("grid_leader", factories.NEXT)
    assert "没有这样的人员" in text(other, "/admin/visit-plans/?register=care_left_behind&due=all")


def test_plans_of_a_register_are_shown_with_its_right_only(care: str) -> None:
    assert browser("commander").get("/admin/visit-plans/").status_code == 403
    page = text(browser("community_staff"), "/admin/visit-plans/?register=care_mental")
    assert "严重精神障碍" not in page
    no_purpose = browser("grid_leader", purpose="").get("/admin/visit-plans/")
    assert no_purpose.status_code == 302
    assert "purpose" in no_purpose["Location"]


def test_a_report_is_answered_on_its_page(care: str) -> None:
    leader, commander = browser("grid_leader"), browser("commander")
    row = Escalation.objects.get()
    listed = text(leader, "/admin/tasks/escalation/")
    assert "王*" in listed
    assert "王小明" not in listed
    assert f"/admin/records/person/{care}/change/" in listed
    assert f"第{GRID[-3:]}网格" in listed
    assert GRID not in listed
    assert AuditEntry.objects.filter(action="plans.reports").count() == 1
    assert "另有1件" in text(commander, "/admin/tasks/escalation/")
    address = f"/admin/tasks/escalation/{row.pk}/change/"
    assert commander.post(address, {"answer": "已处理"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "open"
    shown = text(leader, address)
    assert "王小明" not in shown
    assert f"第{GRID[-3:]}网格" in shown
    assert GRID not in shown
    assert leader.post(address, {"answer": "已电话联系"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == ("answered", "已电话联系")


def level(**values: object) -> dict[str, object]:
    return {
        "register": "",
        "field": "care_level",
        "value": "1",
        "every": 5,
        "unit": "day",
        "first_days": 1,
        "opens_days": 1,
        "community_days": 1,
        "street_days": 2,
        "priority": "1",
        "source": "",
        "valid_from": "2026-01-01",
        "valid_to": "",
        **values,
    }


def test_an_administrator_edits_the_levels(town: None) -> None:
    admin = browser("system_admin")
    assert "高风险" in text(admin, "/admin/tasks/planlevel/")
    address = "/admin/tasks/planlevel/add/"
    assert admin.post(address, level()).status_code == 302
    assert PlanLevel.objects.filter(every=5, unit="day").count() == 1
    assert AuditEntry.objects.filter(action="plans.level", username="system_admin-1").count() == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"value": "77"}, "没有代码"),
        ({"value": ""}, "应一起填写"),
        ({"every": 0}, "1"),
        ({"register": "care_youth", "field": "risk_level", "value": "04"}, "没有按代码填写的数据项"),
        ({"street_days": 0}, "不能少于"),
        ({"valid_to": "2020-01-01"}, "不能早于"),
        ({"register": "care_nobody"}, "care_nobody"),
    ],
)
def test_a_level_that_makes_no_sense_is_refused_in_chinese(
    town: None, values: dict[str, object], reason: str
) -> None:
    before = PlanLevel.objects.count()
    answer = browser("system_admin").post("/admin/tasks/planlevel/add/", level(**values))
    assert answer.status_code == 200
    assert reason in answer.content.decode()
    assert PlanLevel.objects.count() == before


def test_who_plans_tasks_sees_levels_and_does_not_change_them(town: None) -> None:
    leader = browser("grid_leader")
    assert leader.get("/admin/tasks/planlevel/").status_code == 200
    assert leader.get("/admin/tasks/planlevel/add/").status_code == 403
    assert leader.get("/admin/tasks/oversightrule/").status_code == 200
    assert leader.post("/admin/tasks/oversightrule/", {"burst_visits": 99}).status_code in (302, 403)


def test_the_shipped_levels_are_loaded_once(town: None) -> None:
    number = PlanLevel.objects.count()
    assert number == 16
    PlanLevel.objects.filter(value="1").delete()
    assert levels_load(actor=HUB, folder=settings.FIXTURES / "plans") == 0
    assert PlanLevel.objects.count() == number - 1


def test_work_is_levelled_from_the_page_that_shows_it(worker: Actor) -> None:
    tasks(3)
    Task.objects.update(state="open", grid=GRID, due_on=DAY)
    leader = browser("grid_leader")  # stands in at the grid, so its tasks are his
    page = "/admin/supervision/work/grid_leader-1/"
    assert f'href="{page}">3</a>' in text(leader, "/admin/supervision/?tab=work")
    shown = text(leader, page)
    first, second, third = Task.objects.order_by("pk")
    assert all(f'value="{task.pk}"' in shown for task in (first, second, third))
    sent = {"sure": "1", "_selected_action": [str(first.pk), str(second.pk)], "assignee": "user:worker"}
    told = leader.post(page, sent, follow=True).content.decode()
    assert "已改派2项任务" in told
    assert f'href="{page}">1</a>' in told
    assert set(Task.objects.filter(assignee="user:worker")) == {first, second}
    assert AuditEntry.objects.filter(action="tasks.assign", username="grid_leader-1").exists()
    elsewhere = browser("grid_leader", NEXT)
    assert str(third.pk) not in text(elsewhere, page)
    elsewhere.post(page, {**sent, "_selected_action": [str(third.pk)], "assignee": ""}, follow=True)
    assert Task.objects.get(pk=third.pk).assignee is None
    assert browser("intake_clerk").get(page).status_code == 403
