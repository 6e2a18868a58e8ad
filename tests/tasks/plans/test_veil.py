"""A planned visit is behind its register's right: on tablets, in lists, on its page, in a push."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from governance.access.models import Device, Post
from governance.access.selectors import actor_for_device
from governance.tasks.models import Task
from tests import factories
from tests.factories import GRID
from tests.tasks.plans.conftest import DAY, Maker

pytestmark = pytest.mark.django_db


def second_tablet(register: str, *, with_right: bool) -> Client:
    """Give a stand-in's tablet, with or without the right of a register."""
    user = factories.worker("stand_in", GRID)
    if not with_right:
        (group,) = user.groups.all()
        group.permissions.remove(Permission.objects.get(codename=f"see_{register}"))
    factories.device(user, "second")
    return factories.client("second")


def pulled(client: Client) -> list[str]:
    answer = client.get("/api/v1/sync/pull", {"limit": 500}).json()
    return [change["kind"] for change in answer["changes"]]


def snapshot(client: Client) -> str:
    return client.get("/api/v1/sync/snapshot").getvalue().decode()


@pytest.mark.parametrize("with_right", [True, False])
def test_a_tablet_gets_the_task_with_the_registers_right_only(entered: Maker, with_right: bool) -> None:
    care = entered("care_mental", care_level="1")
    client = second_tablet("care_mental", with_right=with_right)
    assert ("task" in pulled(client)) is with_right
    assert (str(care.tasks()[0].pk) in snapshot(client)) is with_right


def test_a_push_about_a_task_one_may_not_see_finds_none(entered: Maker) -> None:
    care = entered("care_mental", care_level="1")
    second_tablet("care_mental", with_right=False)
    (task,) = care.tasks()
    device = actor_for_device(Device.objects.get(worker__username="stand_in"))
    done = factories.change("task", task.pk, task.version, outcome="done", done_at="2026-11-22T02:00:00Z")
    (result,) = factories.apply(device, done)
    assert (result.status, result.errors[0].code) == ("rejected", "missing")


@pytest.mark.parametrize(
    ("role", "sees"), [("grid_leader", True), ("community_staff", False), ("commander", False)]
)
def test_staff_see_the_task_with_the_registers_right_only(
    entered: Maker, client: Client, role: str, sees: bool
) -> None:
    care = entered("care_mental", care_level="1")
    (task,) = care.tasks()
    user = factories.user(role, role)
    Post.objects.create(worker=user, grid=GRID, kind="stand_in", starts_on=DAY)
    assert Task.objects.filter(pk=task.pk).exists()
    client.force_login(user)
    client.post("/admin/purpose/", {"purpose": "督导检查"})
    assert (str(task.pk) in client.get("/admin/tasks/task/").content.decode()) is sees
    page = client.get(f"/admin/tasks/task/{task.pk}/change/")
    assert page.status_code == (200 if sees else 404)
    person = client.get(f"/admin/records/person/{care.person}/change/?tab=related").content.decode()
    assert (str(task.pk) in person) is sees
    box = f"{factories.WEST},{factories.SOUTH},{factories.EAST},{factories.NORTH}"
    points = client.get("/admin/map/points/task/", {"box": box})
    assert points.status_code == 200
    assert (str(task.pk) in points.content.decode()) is sees
