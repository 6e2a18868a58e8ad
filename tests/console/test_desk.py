"""Staff of a station handle the cases of their own desk in the browser, and see no more than that needs."""

from datetime import date

import pytest
from django.test import Client

from governance.access.actor import HUB
from governance.access.models import User
from governance.access.services.areas import area_grant
from governance.audit.models import AuditEntry
from governance.tasks.centres.services import station_post_save
from governance.tasks.models import ProxyService, Station, StationPost, Team, TeamMember
from gridmap.models import Division
from tests import factories
from tests.tasks.desk import COMMUNITY_DESK, STREET_DESK, Door, case_of, desk_make, state_of

pytestmark = pytest.mark.database


@pytest.fixture
def door(db: None) -> Door:
    """One door of the town."""
    desk_make()
    return Door.make()


def browser(username: str, role: str, station: str | None = None) -> Client:
    """Give the browser of an account, at a station's desk where one is named."""
    user = factories.user(username, role)
    if station:
        post = StationPost(user=user, station=Station.objects.get(pk=station), starts_on=date(2026, 1, 1))
        station_post_save(actor=HUB, post=post)
    made = Client()
    made.force_login(User.objects.get(pk=user.pk), "django.contrib.auth.backends.ModelBackend")
    return made


@pytest.fixture
def clerk(door: Door) -> Client:
    """Somebody at the community's desk."""
    return browser("clerk", "station_staff", COMMUNITY_DESK)


def test_the_queue_shows_what_lies_at_the_desk_without_names(door: Door, clerk: Client) -> None:
    case = door.handed_in()
    page = clerk.get("/admin/desk/").content.decode()
    assert str(case_of(case).values["number"]) in page
    assert "待站点受理 1" in page
    assert "王示例" not in page
    assert "窗口待办的代办件" in clerk.get("/admin/").content.decode()
    street = browser("street", "station_staff", STREET_DESK)
    assert "没有待办的代办件" in street.get("/admin/desk/").content.decode()


def test_a_case_is_taken_in_filed_and_leaves_its_history(door: Door, clerk: Client) -> None:
    case = door.handed_in()
    page = clerk.get(f"/admin/desk/{case}/").content.decode()
    assert 'value="accept"' in page
    assert 'value="file"' not in page
    assert 'name="reference"' not in page  # nothing can be decided here
    clerk.post(f"/admin/desk/{case}/", {"step": "accept"})
    reply = clerk.post(f"/admin/desk/{case}/", {"step": "file"}, follow=True)
    assert state_of(case) == "filed"
    page = reply.content.decode()
    assert "待部门受理" in page
    assert 'name="step"' not in page
    names = dict(User.objects.values_list("username", "name"))
    for username in ("clerk", "worker"):
        assert f"<td>{names[username]}（{username}）</td>" in page
    assert "<td>hub</td>" not in page


def test_what_the_station_decides_itself_gets_the_number_of_its_result(door: Door, clerk: Client) -> None:
    case = door.handed_in(service="certificate")
    clerk.post(f"/admin/desk/{case}/", {"step": "accept"})
    assert 'name="reference"' in clerk.get(f"/admin/desk/{case}/").content.decode()
    clerk.post(f"/admin/desk/{case}/", {"step": "approve", "reference": "证1号"})
    assert case_of(case).values["reference"] == "证1号"


def test_returning_needs_a_reason_and_tells_what_is_missing(door: Door, clerk: Client) -> None:
    case = door.handed_in()
    reply = clerk.post(f"/admin/desk/{case}/", {"step": "return"}, follow=True)
    assert "须写明理由" in reply.content.decode()
    given = {"step": "return", "note": "字" * 501, "missing": ["05"]}
    page = clerk.post(f"/admin/desk/{case}/", given, follow=True).content.decode()
    assert "字" * 501 in page
    assert 'value="05" checked' in page
    clerk.post(f"/admin/desk/{case}/", {"step": "return", "note": "照片不清", "missing": ["05"]})
    assert case_of(case).values["missing"] == ["05"]


def test_values_are_masked_until_a_reason_is_given_and_that_leaves_a_trace(door: Door, clerk: Client) -> None:
    case = door.handed_in()
    page = clerk.get(f"/admin/desk/{case}/").content.decode()
    assert "王**" in page
    assert "王示例" not in page
    assert "王示例" not in clerk.post(f"/admin/desk/{case}/", {"reveal": "1", "reason": " "}).content.decode()
    assert "王示例" in clerk.post(f"/admin/desk/{case}/", {"reveal": "1", "reason": "录入"}).content.decode()
    entry = AuditEntry.objects.filter(action="cases.reveal").get()
    assert (str(entry.subject), entry.purpose) == (door.person, "代办件办理：录入")


def test_the_receipt_names_the_matter_and_not_the_person(door: Door, clerk: Client) -> None:
    case = door.handed_in()
    page = clerk.get(f"/admin/desk/{case}/receipt/").content.decode()
    for said in ("代办回执", str(case_of(case).values["number"]), "代办老年优待证", "居民身份证、免冠照片"):
        assert said in page
    assert "王示例" not in page


@pytest.mark.parametrize("path", ["", "receipt/", "files/01926f5e-0000-7000-8000-000000000001/"])
def test_nobody_sees_a_case_of_another_desk(door: Door, path: str) -> None:
    case = door.handed_in()
    street = browser("street", "station_staff", STREET_DESK)
    assert street.get(f"/admin/desk/{case}/{path}").status_code == 404
    assert street.post(f"/admin/desk/{case}/", {"step": "accept"}).status_code == 404
    assert state_of(case) == "submitted"


@pytest.mark.parametrize(
    "role", ["community_staff", "dispatcher", "system_admin", "audit_admin", "commander"]
)
def test_the_desk_is_for_its_staff(door: Door, role: str) -> None:
    case = door.handed_in()
    other = browser("other", role)
    assert other.get("/admin/desk/").status_code == 403
    assert other.post(f"/admin/desk/{case}/", {"step": "accept"}).status_code == 403
    assert other.get(f"/admin/desk/{case}/receipt/").status_code == 404


def test_staff_of_a_desk_see_no_registry(door: Door, clerk: Client) -> None:
    assert clerk.get("/admin/").status_code == 200
    for page in ("records/person/", "tasks/case/", "tasks/paper/", "tasks/task/", "map/"):
        assert clerk.get(f"/admin/{page}").status_code in (302, 403, 404), page


def test_community_staff_see_the_registry_of_cases_in_their_area(door: Door) -> None:
    case = door.handed_in()
    for street, status in (("420502001", 200), ("420502002", 404)):
        factories.grid(f"{street}001001") if street == "420502002" else None
        made = browser(f"staff{street}", "community_staff")
        staff = User.objects.get(username=f"staff{street}")
        area_grant(actor=HUB, holder=staff, area=Division.objects.get(code=street))
        made.post("/admin/purpose/", {"purpose": "日常服务"})
        assert made.get(f"/admin/tasks/case/{case}/change/").status_code == status
        page = made.get("/admin/tasks/case/").content.decode()
        assert (str(case_of(case).values["number"]) in page) == (status == 200)


def test_an_administrator_makes_a_service_and_the_tablets_are_told(door: Door) -> None:
    admin = browser("admin", "system_admin")
    assert admin.get("/admin/tasks/proxyservice/add/").status_code == 200
    values = {
        "code": "bus_card",
        "label": "代办公交卡",
        "department": "transport",
        "level": "5",
        "days": "7",
        "mend_days": "5",
        "needed": ["01"],
        "shared": ["person.name"],
        "legal_basis": "",
        "task_items": "",
        "enabled": "on",
    }
    refused = admin.post("/admin/tasks/proxyservice/add/", values)
    assert "须写明依据" in refused.content.decode()
    assert not ProxyService.objects.filter(pk="bus_card").exists()
    done = admin.post("/admin/tasks/proxyservice/add/", {**values, "legal_basis": "优待办法"})
    assert done.status_code == 302, done.content.decode()
    made = ProxyService.objects.get(pk="bus_card")
    assert (made.needed, made.shared, made.version) == (["01"], ["person.name"], 1)
    from_list = door.case("bus_card")  # the code list knows it, so a tablet may begin one
    assert state_of(from_list) == "collecting"


def test_posts_and_teams_are_given_out_by_those_who_may(door: Door) -> None:
    security = browser("security", "security_admin")
    staff = factories.user("newclerk", "station_staff")
    values = {"user": staff.pk, "station": COMMUNITY_DESK, "title": "窗口受理", "starts_on": "2026-01-01"}
    assert security.post("/admin/tasks/stationpost/add/", values).status_code == 302
    assert StationPost.objects.filter(user=staff).exists()
    lead = browser("lead", "community_staff")
    area_grant(
        actor=HUB, holder=User.objects.get(username="lead"), area=Division.objects.get(code="420502001")
    )
    assert lead.post("/admin/tasks/stationpost/add/", values).status_code == 403
    team = {"kind": "volunteer", "division": factories.COMMUNITY, "name": "红袖标志愿队", "enabled": "on"}
    assert lead.post("/admin/tasks/team/add/", team).status_code == 302
    member = {"team": Team.objects.get().pk, "username": "nobody", "starts_on": "2026-01-01"}
    assert "没有这个账号" in lead.post("/admin/tasks/teammember/add/", member).content.decode()
    factories.user("helper", "volunteer")
    for role in ("department", "system_admin"):
        factories.user(f"helper_{role}", role)
    people = "/admin/tasks/teammember/people/"
    found = {words: lead.post(people, {"q": words}).json()["choices"] for words in ("help", "h", "nobody")}
    assert [each["id"] for each in found.pop("help")] == ["helper"]
    assert found == {"h": [], "nobody": []}
    assert security.post(people, {"q": "help"}).status_code == 403
    shown = lead.get("/admin/tasks/teammember/add/").content.decode()
    assert f'data-choices="{people}"' in shown
    assert lead.post("/admin/tasks/teammember/add/", {**member, "username": "helper"}).status_code == 302
    assert TeamMember.objects.get().user.username == "helper"
