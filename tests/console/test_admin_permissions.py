"""Which role opens which page: one table."""

import pytest

from tests import factories
from tests.console.conftest import STREET

ROLES = (
    "grid_leader", "community_staff", "intake_clerk", "dispatcher", "commander", "department",
    "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
PAGES = {
    #                                      leader staff intake disp. comm. dept  sys  sec  audit
    "/admin/":                             (200, 200, 200, 200, 200, 200, 200, 200, 200),
    "/admin/map/":                         (200, 200, 200, 200, 200, 403, 200, 200, 403),
    "/admin/records/person/":              (200, 200, 403, 403, 200, 403, 403, 403, 403),
    "/admin/records/person/PERSON/change/": (200, 200, 403, 403, 200, 403, 403, 403, 403),
    "/admin/records/person/add/":          (200, 200, 403, 403, 403, 403, 403, 403, 403),
    "/admin/records/building/":            (200, 200, 403, 403, 200, 403, 403, 403, 403),
    "/admin/records/carehardship/":        (200, 200, 404, 404, 404, 404, 404, 404, 404),
    "/admin/records/caremental/":          (200, 404, 404, 404, 404, 404, 404, 404, 404),
    "/admin/events/event/":                (200, 200, 200, 200, 200, 403, 403, 403, 403),
    "/admin/tasks/task/":                  (200, 200, 403, 200, 200, 403, 403, 403, 403),
    "/admin/gridmap/grid/":                (200, 200, 200, 200, 200, 403, 200, 200, 403),
    "/admin/gridmap/grid/GRID/change/":    (200, 200, 200, 200, 200, 403, 200, 200, 403),
    "/admin/records/codelist/":            (403, 403, 403, 403, 403, 403, 200, 403, 403),
    "/admin/records/switch/":              (403, 403, 403, 403, 403, 403, 200, 403, 403),
    "/admin/access/user/":                 (403, 403, 403, 403, 403, 403, 403, 200, 403),
    "/admin/access/post/":                 (200, 200, 403, 403, 200, 403, 403, 200, 403),
    "/admin/audit/auditentry/":            (403, 403, 403, 403, 403, 403, 403, 403, 200),
}  # fmt: skip
SEPARATED = {"system_admin", "security_admin", "audit_admin", "department"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_and_no_other(town, role):
    client = town.staff(role, None if role in SEPARATED else STREET)
    wanted = {page: statuses[ROLES.index(role)] for page, statuses in PAGES.items()}
    got = {
        page: client.get(page.replace("PERSON", town.person).replace("GRID", factories.GRID)).status_code
        for page in PAGES
    }
    assert got == wanted


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_names_only_pages_that_open(town, role):
    client = town.staff(role, None if role in SEPARATED else STREET)
    page = client.get("/admin/")
    items = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
    assert items
    for item in items:
        assert client.get(item["link"]).status_code == 200, item["link"]


def test_a_menu_never_names_a_care_register_to_whoever_lacks_its_right(town):
    client = town.staff("community_staff")
    for page in ("/admin/", "/admin/records/"):
        shown = client.get(page).content.decode()
        assert "困难人群" in shown
        assert "严重精神障碍患者" not in shown
        assert "戒毒" not in shown


def test_strangers_are_led_to_the_login_page(town, client):
    for page in PAGES:
        answer = client.get(page.replace("PERSON", town.person).replace("GRID", factories.GRID))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("role", ["commander", "community_staff"])
def test_only_those_who_write_get_a_form_that_saves(town, role):
    client = town.staff(role)
    url = f"/admin/records/person/{town.person}/change/"
    page = client.get(url).content.decode()
    writes = role == "community_staff"
    assert (">保存</button>" in page) is writes
    client.post(url, {"base": "1", "residence_kind": "2"})
    assert town.held("person", town.person).residence_kind == ("2" if writes else "1")


def test_acts_on_a_record_need_the_right_to_change_it(town):
    client = town.staff("commander")
    for act in ("close", "reopen", "withdraw"):
        answer = client.post(f"/admin/records/person/{town.person}/{act}/", {"sure": "1"})
        assert answer.status_code == 403, act
    assert not town.held("person", town.person).deleted
