"""Areas are found by name or code within what the user serves."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from governance.access.models import Department, Post
from tests import factories
from tests.console.test_desk import browser
from tests.factories import COMMUNITY, GRID, NEXT
from tests.publish.conftest import agree

BACKEND = "django.contrib.auth.backends.ModelBackend"

pytestmark = pytest.mark.database


@pytest.fixture
def leader(town: Any) -> Client:
    """Somebody who plans tasks in one grid."""
    made = browser("leader", "grid_leader")
    user = factories.User.objects.get(username="leader")
    Post.objects.create(worker=user, grid=GRID, kind="main", starts_on=date(2026, 1, 1))
    return made


def found(client: Client, words: str, only: str = "") -> list[str]:
    reply = client.post(f"/admin/areas/{only}", {"q": words})
    assert reply.status_code == 200
    return [each["id"] for each in reply.json()["choices"]]


def test_grids_of_the_own_area_alone_are_found(leader: Client) -> None:
    assert found(leader, GRID[:9], "?only=grid") == [GRID]
    assert found(leader, NEXT, "?only=grid") == []
    assert found(leader, "没有这里") == []
    assert found(leader, "") == []


def test_who_serves_the_whole_city_finds_divisions_too(town: Any) -> None:
    system = browser("system", "system_admin")
    assert {COMMUNITY[:9], COMMUNITY, GRID} <= set(found(system, COMMUNITY[:9]))
    assert COMMUNITY not in found(system, COMMUNITY, "?only=grid")


def test_a_department_finds_what_is_agreed_on(town: Any) -> None:
    department = Department.objects.get(pk="civil")
    factories.user("civil_desk", "department", department=department)
    client = Client()
    client.force_login(factories.User.objects.get(username="civil_desk"), BACKEND)
    assert found(client, COMMUNITY) == []
    agree(department=department, fields=("name",), area=COMMUNITY)
    assert found(client, COMMUNITY) == [COMMUNITY, GRID, NEXT]
    assert found(client, COMMUNITY[:9]) == [COMMUNITY, GRID, NEXT]
    shown = client.get("/admin/tasks/workitem/add/").content.decode()
    assert f'name="area" value="{COMMUNITY}"' in shown
    assert f'value="区划{COMMUNITY[:9]}区划{COMMUNITY}"' in shown


def test_whoever_gives_posts_finds_grids(town: Any) -> None:
    assert found(browser("security", "security_admin"), GRID, "?only=grid") == [GRID]


def test_who_gives_nothing_out_is_refused(town: Any) -> None:
    assert browser("auditor", "audit_admin").post("/admin/areas/", {"q": "4"}).status_code == 403
