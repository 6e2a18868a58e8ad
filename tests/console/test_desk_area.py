"""Whose desks somebody looks at: his own; of a division he chooses only who was given the whole city."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from governance.access.actor import HUB
from governance.access.models import User
from governance.access.services.areas import area_grant
from governance.audit.models import AuditEntry
from governance.tasks.models import Task
from gridmap.models import Division
from tests import factories
from tests.console.test_desk import browser
from tests.console.test_desk_tasks import step
from tests.console.test_helping import task_of
from tests.factories import COMMUNITY
from tests.tasks.desk import COMMUNITY_DESK, Door, case_of, desk_make, state_of

pytestmark = pytest.mark.database
STREET = COMMUNITY[:9]
PEACE = f"{COMMUNITY}-peace"


@pytest.fixture
def door(db: None) -> Door:
    """One door of the town with a task and a case at the desk of its community."""
    desk_make()
    made = Door.make()
    task_of(made, assignee=f"station:{COMMUNITY_DESK}")
    return made


def granted(username: str, area: str, role: str = "station_staff") -> Client:
    """Give the browser of somebody at the peace desk who was given an area besides."""
    made = browser(username, role, PEACE if role == "station_staff" else None)
    area_grant(actor=HUB, holder=User.objects.get(username=username), area=Division.objects.get(pk=area))
    return made


def page(client: Client, area: str = "", queue: str = "tasks/") -> str:
    return client.get(f"/admin/desk/{queue}?area={area}").content.decode()


def superuser() -> Client:
    """Give the browser of the one account that may do everything."""
    user = User(username="root", name="演示", is_staff=True, is_superuser=True)
    user.set_password(factories.PASSWORD)
    user.save()
    made = Client()
    made.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return made


@pytest.mark.parametrize("who", ["city", "root"])
def test_who_was_given_the_whole_city_chooses_whose_desks_to_look_at(door: Door, who: str) -> None:
    task, case = Task.objects.get(), door.handed_in()
    number = str(case_of(case).values["number"])
    overseer = superuser() if who == "root" else granted("city", "420500")
    assert task.title not in page(overseer)
    assert number not in page(overseer, queue="")
    for area in (COMMUNITY, STREET, STREET[:6]):
        assert task.title in page(overseer, area)
        assert number in page(overseer, area, queue="")
    assert "没有待办的任务" in page(overseer, "420502002")
    assert overseer.get(f"/admin/desk/tasks/{task.pk}/").status_code == 200
    assert AuditEntry.objects.filter(action="desk.read", username=who).exists()
    overseer.post(f"/admin/desk/{case}/", {"step": "accept"})
    assert state_of(case) == "station"
    step(overseer, task, "take")
    assert Task.objects.get().state == "accepted"


@pytest.mark.parametrize("area", [COMMUNITY, STREET, STREET[:6]])
def test_a_smaller_area_opens_no_desk_but_the_own_one(door: Door, area: str) -> None:
    task, case = Task.objects.get(), door.handed_in()
    clerk = granted("peace", area)
    assert "没有待办的任务" in page(clerk, COMMUNITY)
    assert "没有待办的代办件" in page(clerk, COMMUNITY, queue="")
    assert 'aria-label="街道（乡镇）"' not in page(clerk)
    for address in (f"tasks/{task.pk}/", f"{case}/", f"{case}/receipt/"):
        assert clerk.get(f"/admin/desk/{address}").status_code == 404
    assert clerk.post(f"/admin/desk/{case}/", {"step": "accept"}).status_code == 404
    assert state_of(case) == "submitted"


@pytest.mark.parametrize("role", ["commander", "dispatcher", "community_staff", "intake_clerk"])
def test_the_whole_city_without_the_right_for_desks_opens_none(door: Door, role: str) -> None:
    task = Task.objects.get()
    other = granted("other", "420500", role)
    assert other.get(f"/admin/desk/tasks/?area={COMMUNITY}").status_code == 403
    assert other.get(f"/admin/desk/tasks/{task.pk}/").status_code == 403


def test_a_desk_that_ended_is_nobodys_any_more(door: Door) -> None:
    task = Task.objects.get()
    clerk = browser("clerk", "station_staff", COMMUNITY_DESK)
    assert task.title in page(clerk)
    post: Any = User.objects.get(username="clerk").station_posts.get()
    post.ends_on = date(2026, 1, 2)
    post.save()
    assert "没有待办的任务" in page(clerk)
    assert clerk.get(f"/admin/desk/tasks/{task.pk}/").status_code == 404
