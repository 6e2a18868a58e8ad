"""A volunteer takes a task of his team on his telephone, and sees nothing that the task does not need."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.models import User
from governance.access.services.areas import area_grant
from governance.audit.models import AuditEntry
from governance.records.rows import rows_read
from governance.tasks.centres.helping import fit_for, team_assign
from governance.tasks.centres.services import team_member_save, team_save
from governance.tasks.models import Team, TeamMember
from governance.tasks.offers import tasks_offer
from governance.tasks.settle import task_id
from governance.tasks.wanted import Wanted
from gridmap.models import Division
from tests import factories
from tests.factories import GRID
from tests.tasks.desk import Door, desk_make

pytestmark = pytest.mark.database
PHONE = "10002138000"


@pytest.fixture
def door(db: None) -> Door:
    """One door of the town, its person with a telephone."""
    desk_make()
    made = Door.make()
    held = rows_read("person", [made.person])[made.person]
    factories.apply(made.tablet, factories.change("person", made.person, held.version, phone=PHONE))
    return made


@pytest.fixture
def team(door: Door) -> Team:
    """A team of the community."""
    division = Division.objects.get(pk=factories.COMMUNITY)
    return team_save(actor=HUB, team=Team(kind="volunteer", division=division, name="邻里互助队"))


def task_of(door: Door, number: int = 1, **values: object) -> str:
    """Make a task about the door."""
    today = timezone.localdate()
    wanted = Wanted(
        **{
            "occasion": f"staff:{number}",
            "origin": "staff",
            "origin_ref": str(number),
            "item": "送餐",
            "title": "给独居老人送餐",
            "reason": "中午送到",
            "grid": GRID,
            "opens_on": today,
            "due_on": today,
            "subject_kind": "person",
            "subject": UUID(door.person),
            "household": UUID(door.home["household"]),
            **values,
        }
    )
    tasks_offer([wanted], today)
    return str(task_id(wanted.occasion))


def give(team: Team, *tasks: str):
    """Give tasks to a team."""
    ids = [UUID(task) for task in tasks]
    return team_assign(actor=HUB, team=team, tasks=ids, note="", day=timezone.localdate())


def helper(username: str, team: Team | None) -> Client:
    """Give the telephone of a volunteer."""
    user = factories.user(username, "volunteer")
    if team is not None:
        team_member_save(actor=HUB, member=TeamMember(team=team, user=user, starts_on=date(2026, 1, 1)))
    made = Client()
    made.force_login(User.objects.get(pk=user.pk), "django.contrib.auth.backends.ModelBackend")
    return made


def values_of(task: str) -> dict[str, object]:
    """Give a task's values."""
    return rows_read("task", [task])[task].values


def test_a_volunteer_takes_a_task_and_reports_on_it(door: Door, team: Team) -> None:
    task = task_of(door)
    give(team, task)
    phone = helper("anna", team)
    page = phone.get("/help/").content.decode()
    assert "给独居老人送餐" in page
    assert "1号楼 101" in page
    assert "王示例" not in page
    sheet = phone.get(f"/help/{task}/").content.decode()
    assert "王**" in sheet
    assert PHONE not in sheet
    phone.post(f"/help/{task}/", {"act": "take"})
    assert values_of(task)["state"] == "accepted"
    assert PHONE in phone.post(f"/help/{task}/", {"act": "phone"}).content.decode()
    entry = AuditEntry.objects.filter(action="help.phone").get()
    assert (str(entry.subject), entry.username, entry.purpose) == (door.person, "anna", "志愿服务")
    phone.post(f"/help/{task}/", {"act": "report", "outcome": "done", "note": "已送到"})
    values = values_of(task)
    assert (values["state"], values["outcome_note"]) == ("done", "已送到")
    assert "没有需要帮忙的任务" in phone.get("/help/").content.decode()


def test_what_staff_say_and_what_was_tried_is_shown_with_how_late_it_is(door: Door, team: Team) -> None:
    today = timezone.localdate()
    task = task_of(door, due_on=today - timedelta(days=1), opens_on=today - timedelta(days=9))
    in_time = task_of(door, 2)
    team_assign(actor=HUB, team=team, tasks=[UUID(task), UUID(in_time)], note="请周末前去", day=today)
    phone = helper("anna", team)
    assert phone.get("/help/").content.decode().count("已逾期") == 1
    page = f"/help/{task}/"
    assert "请周末前去" in phone.get(page).content.decode()
    assert "已逾期" not in phone.get(f"/help/{in_time}/").content.decode()
    phone.post(page, {"act": "take"})
    phone.post(page, {"act": "report", "outcome": "not_home", "note": "敲门没人应"})
    for shown in (phone.get(page), phone.get("/help/")):
        assert "没有人在家（敲门没人应）" in shown.content.decode()


def test_what_is_done_or_closed_to_somebody_is_said_in_chinese(door: Door, team: Team) -> None:
    phone = helper("anna", team)
    done = phone.get(f"/help/{task_of(door)}/")
    assert (done.status_code, "没有这个页面" in done.content.decode()) == (404, True)
    clerk = Client()
    clerk.force_login(factories.user("clerk", "station_staff"))
    closed = clerk.get("/help/")
    assert (closed.status_code, "没有权限" in closed.content.decode()) == (403, True)
    strict = Client(enforce_csrf_checks=True)
    old = strict.post("/help/login/", {"username": "anna", "password": "x"})
    assert (old.status_code, "页面已过期" in old.content.decode()) == (403, True)


def test_at_the_consoles_door_a_volunteer_hears_where_his_is(door: Door) -> None:
    factories.user("anna", "volunteer")
    User.objects.filter(username="anna").update(is_staff=False)  # as his account is opened
    for password in (factories.PASSWORD, "wrong"):
        reply = Client().post("/admin/login/", {"username": "anna", "password": password})
        assert "志愿者请打开本站的 /help/" in reply.content.decode(), password


def test_a_task_at_no_door_says_in_which_grid_it_is(door: Door, team: Team) -> None:
    task = task_of(door, subject_kind=None, subject=None, household=None)
    give(team, task)
    phone = helper("anna", team)
    for page in ("", f"{task}/"):
        assert f"区划{GRID[:12]}第001网格" in phone.get(f"/help/{page}").content.decode()


def test_the_first_who_takes_it_has_it(door: Door, team: Team) -> None:
    task = task_of(door)
    give(team, task)
    first, second = helper("anna", team), helper("bert", team)
    first.post(f"/help/{task}/", {"act": "take"})
    assert "没有需要帮忙的任务" in second.get("/help/").content.decode()
    assert second.get(f"/help/{task}/").status_code == 404
    second.post(f"/help/{task}/", {"act": "take"})
    second.post(f"/help/{task}/", {"act": "report", "outcome": "done"})
    assert second.post(f"/help/{task}/", {"act": "phone"}).status_code == 302
    assert values_of(task)["state"] == "accepted"


@pytest.mark.parametrize("act", ["phone", "report"])
def test_before_he_took_it_he_may_neither_call_nor_report(door: Door, team: Team, act: str) -> None:
    task = task_of(door)
    give(team, task)
    phone = helper("anna", team)
    reply = phone.post(f"/help/{task}/", {"act": act, "outcome": "done"}, follow=True)
    assert "请先接下这项任务" in reply.content.decode()
    assert values_of(task)["state"] == "open"


def test_other_tasks_and_other_pages_are_not_there_for_him(door: Door, team: Team) -> None:
    task, other = task_of(door), task_of(door, 2)
    give(team, task)
    phone = helper("anna", team)
    assert phone.get(f"/help/{other}/").status_code == 404
    stranger = helper("carl", None)
    assert stranger.get(f"/help/{task}/").status_code == 404
    for page in ("records/person/", "tasks/task/", "map/", "desk/", "records/household/"):
        assert phone.get(f"/admin/{page}").status_code in (302, 403, 404), page
    assert Client().get("/help/").headers["Location"].startswith("/help/login/")


def test_what_somebody_took_who_left_the_team_is_free_again(door: Door, team: Team) -> None:
    task = task_of(door)
    give(team, task)
    first, second = helper("anna", team), helper("bert", team)
    first.post(f"/help/{task}/", {"act": "take"})
    assert not fit_for(team).exists()
    TeamMember.objects.filter(user__username="anna").update(ends_on="2026-02-01")
    assert fit_for(team).exists()
    assert "给独居老人送餐" in second.get("/help/").content.decode()
    second.post(f"/help/{task}/", {"act": "take"})
    second.post(f"/help/{task}/", {"act": "report", "outcome": "done"})
    assert values_of(task)["state"] == "done"


def test_whoever_left_the_team_sees_its_tasks_no_more(door: Door, team: Team) -> None:
    task = task_of(door)
    give(team, task)
    phone = helper("anna", team)
    TeamMember.objects.update(ends_on="2026-02-01")
    assert phone.get(f"/help/{task}/").status_code == 404


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"asks": "person.phone"}, "须由网格员办理"),
        ({"register": "care_mental"}, "特殊关怀"),
        ({"grid": "420502002001001", "household": None}, "范围内"),
    ],
)
def test_what_a_volunteer_should_not_see_is_not_given_to_a_team(
    door: Door, team: Team, values: dict[str, object], said: str
) -> None:
    factories.grid("420502002001001", shift=2)
    task = task_of(door, **values)
    acted = give(team, task)
    assert acted.done == 0
    assert said in acted.refused[0]
    assert "assignee" not in values_of(task)


def test_other_needs_words_and_nobody_home_leaves_it_open(door: Door, team: Team) -> None:
    task = task_of(door)
    give(team, task)
    phone = helper("anna", team)
    phone.post(f"/help/{task}/", {"act": "take"})
    reply = phone.post(f"/help/{task}/", {"act": "report", "outcome": "other"}, follow=True)
    assert "请写明" in reply.content.decode()
    phone.post(f"/help/{task}/", {"act": "report", "outcome": "not_home"})
    assert values_of(task)["state"] == "visited"
    assert "给独居老人送餐" in phone.get("/help/").content.decode()


def test_he_signs_in_on_a_page_of_his_own_and_chooses_a_password_first(door: Door, team: Team) -> None:
    helper("anna", team)
    phone = Client()
    account = {"username": "anna", "password": factories.PASSWORD}
    assert phone.post("/help/login/", account).headers["Location"] == "/help/"
    User.objects.filter(username="anna").update(must_change_password=True)
    assert phone.get("/help/").headers["Location"] == "/help/password/"
    assert phone.get("/help/password/").status_code == 200


def test_staff_of_the_area_give_tasks_to_a_team_in_the_browser(door: Door, team: Team) -> None:
    task, secret = task_of(door), task_of(door, 2, register="care_mental", title="关怀走访")
    staff = factories.user("staff", "community_staff")
    area_grant(actor=HUB, holder=staff, area=Division.objects.get(pk=factories.COMMUNITY))
    browser = Client()
    browser.force_login(User.objects.get(pk=staff.pk), "django.contrib.auth.backends.ModelBackend")
    assert "派任务" in browser.get("/admin/tasks/team/").content.decode()
    page = browser.get(f"/admin/teams/{team.pk}/tasks/").content.decode()
    assert "给独居老人送餐" in page
    assert "关怀走访" not in page
    reply = browser.post(f"/admin/teams/{team.pk}/tasks/", {"task": [task, secret]}, follow=True)
    assert "已派给邻里互助队 1 项" in reply.content.decode()
    assert values_of(task)["assignee"] == f"team:{team.pk}"
    assert "assignee" not in values_of(secret)
    elsewhere = factories.user("elsewhere", "community_staff")
    far = Client()
    far.force_login(User.objects.get(pk=elsewhere.pk), "django.contrib.auth.backends.ModelBackend")
    assert far.get(f"/admin/teams/{team.pk}/tasks/").status_code == 404
    assert helper("anna", team).get(f"/admin/teams/{team.pk}/tasks/").status_code in (302, 403)
