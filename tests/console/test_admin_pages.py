"""The other pages: workbench, map, codes, switches, inbox, grids; quick, Chinese, nothing from outside."""

import gettext
import gzip
import json
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone, translation

from governance.console import middleware
from governance.feed.models import Entry
from governance.records.models import Code, CodeList, Switch
from tests import factories
from tests.console.conftest import FAR, FAR_STREET, STREET

PERSON = "/admin/records/person/"
CATALOGUE = Path(middleware.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"
OUTSIDE = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//[^"')]+""")
ENGLISH = re.compile(r">\s*[A-Z][a-z]+(?: [a-z]+)*\s*<")


@pytest.fixture
def staff(town):
    return town.staff("community_staff")


def people(town, number):
    actor = factories.hub_in(factories.GRID)
    changes = [
        factories.change(
            "person",
            household=town.home["household"],
            name=f"李{i:02d}",
            residence_kind="1",
            phone="10002138001",
        )
        for i in range(number)
    ]
    assert {result.status for result in factories.apply(actor, *changes)} == {"created"}


def test_the_list_of_people_costs_the_same_whatever_its_length(town, staff, django_assert_num_queries):
    staff.get(PERSON)
    with django_assert_num_queries(16 if connection.vendor == "postgresql" else 18) as few:
        staff.get(PERSON)
    people(town, 40)
    with django_assert_num_queries(len(few)):
        listed = staff.get(PERSON).content.decode()
    assert listed.count("李*") == 40


def test_the_workbench_counts_in_the_database(town, staff, django_assert_num_queries):
    people(town, 10)
    staff.get("/admin/")
    cache.clear()
    with django_assert_num_queries(22):
        page = staff.get("/admin/")
    tiles = {tile["label"]: tile["value"] for tile in page.context["tiles"]}
    assert tiles == {"实有人口": "11", "家庭户": "1", "楼栋": "1", "组织与场所": "0"}
    assert [row["cells"][0][0] for row in page.context["rows"]] == ["11"]


def test_the_workbench_goes_down_the_areas(town):
    client = town.staff("commander", "420502")
    page = client.get("/admin/")
    assert [row["name"] for row in page.context["rows"]] == [f"区划{STREET}", "区划420502002"]
    page = client.get("/admin/", {"area": STREET})
    assert [row["cells"][0][0] for row in page.context["rows"]] == ["1"]
    assert client.get("/admin/", {"area": "420503"}).context["area"] == ""


def test_a_person_page_costs_little(town, staff, django_assert_max_num_queries):
    staff.get(f"{PERSON}{town.person}/change/")
    with django_assert_max_num_queries(16):
        staff.get(f"{PERSON}{town.person}/change/")


def test_no_page_asks_for_anything_outside_the_hub(town, staff):
    pages = ["/admin/", "/admin/map/", PERSON, f"{PERSON}{town.person}/change/", "/admin/gridmap/grid/"]
    for page in pages:
        answer = staff.get(page)
        assert not OUTSIDE.search(answer.content.decode()), page
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]


def test_pages_speak_chinese(town, staff):
    pages = ["/admin/", PERSON, f"{PERSON}?residence_kind=4", f"{PERSON}add/", "/admin/gridmap/grid/",
             "/admin/records/inbox/", "/admin/events/event/", "/admin/password_change/", "/admin/purpose/",
             f"/admin/gridmap/grid/{factories.GRID}/change/"]  # fmt: skip
    for page in pages:
        assert ENGLISH.findall(staff.get(page).content.decode()) == [], page


def test_the_login_page_speaks_chinese(client, db):
    page = client.get("/admin/login/").content.decode()
    assert "欢迎使用" in page
    assert 'lang="zh-hans"' in page
    assert ENGLISH.findall(page) == []


def test_signing_in_leads_to_the_workbench(client, town):
    factories.user("signs_in", "community_staff")
    answer = client.post(
        "/admin/login/", {"username": "signs_in", "password": factories.PASSWORD}, follow=True
    )
    assert answer.redirect_chain[-1][0] == "/admin/"
    assert "/admin/password_change/" in answer.content.decode()
    assert client.get("/", follow=True).status_code == 200


def test_the_compiled_catalogue_is_the_written_one():
    written = dict(
        re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', (CATALOGUE / "django.po").read_text("utf-8"), re.M)
    )
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert written
    with translation.override("zh-hans"):
        for text, chinese in written.items():
            plain = text.replace('\\"', '"')
            assert compiled.gettext(plain) == chinese.replace('\\"', '"')
            assert translation.gettext(plain) != plain


def test_layers_are_compressed_and_kept(town, staff):
    answer = staff.get("/admin/map/layers/grid/", {"in": STREET})
    drawn = json.loads(gzip.decompress(answer.content))
    names = {one["id"] for one in drawn["features"]}
    assert names == {factories.GRID, factories.NEXT}
    facts = drawn["features"][0]["properties"]
    assert facts["kind"] == "urban"
    assert len(facts["label"]) == 2
    again = staff.get("/admin/map/layers/grid/", {"in": STREET}, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    factories.grid(factories.COMMUNITY + "003", 2)
    later = staff.get("/admin/map/layers/grid/", {"in": STREET}, headers={"If-None-Match": answer["ETag"]})
    assert len(json.loads(gzip.decompress(later.content))["features"]) == 3


@pytest.mark.parametrize("query", [{}, {"in": "42"}, {"in": "42050200x"}, {"in": "../../.."}])
def test_layers_take_only_whole_areas(town, staff, query):
    assert staff.get("/admin/map/layers/grid/", query).status_code == 404
    assert staff.get("/admin/map/layers/street/").status_code == 404


def test_points_lie_in_the_box(town, staff):
    near = staff.get("/admin/map/points/building/", {"box": "111.28,30.69,111.29,30.70"}).json()
    assert [one["properties"]["title"] for one in near["features"]] == ["1号楼"]
    assert staff.get("/admin/map/points/building/", {"box": "100,20,101,21"}).json()["features"] == []
    assert staff.get("/admin/map/points/building/", {"box": "nonsense"}).status_code == 404
    assert staff.get("/admin/map/points/person/", {"box": "111,30,112,31"}).status_code == 404


def test_a_grid_is_drawn_with_its_neighbours(town, staff):
    drawn = staff.get(f"/admin/map/grid/{factories.GRID}/").json()["features"]
    assert [one["properties"]["self"] for one in drawn] == [True, False]


def codelist_form(name, **changed):
    rows = list(Code.objects.filter(list=name).order_by("place", "code"))
    form = {"label": CodeList.objects.get(pk=name).label, "codes-TOTAL_FORMS": str(len(rows) + 1)}
    form |= {"codes-INITIAL_FORMS": str(len(rows)), "confirmed": "on"}
    for at, row in enumerate(rows):
        form |= {f"codes-{at}-id": str(row.pk), f"codes-{at}-list": name, f"codes-{at}-label": row.label}
    new = len(rows)
    return {**form, f"codes-{new}-list": name, f"codes-{new}-id": "", **changed}, new


def test_codes_are_added_renamed_and_retired_through_the_service(town):
    admin = town.staff("system_admin", None)
    form, new = codelist_form("residence_kind")
    more = {"codes-0-label": "户籍居民", "codes-1-retired": "on"}
    more |= {f"codes-{new}-code": "9", f"codes-{new}-label": "其他人口"}
    answer = admin.post("/admin/records/codelist/residence_kind/change/", {**form, **more})
    assert answer.status_code == 302, answer.context["errors"]
    codes = {row.code: row for row in Code.objects.filter(list="residence_kind")}
    assert codes["1"].label == "户籍居民"
    assert codes["2"].retired
    assert codes["9"].label == "其他人口"
    assert CodeList.objects.get(pk="residence_kind").version == 2
    assert Entry.objects.filter(kind="codelist", version=2).exists()


@pytest.mark.parametrize(("code", "reason"), [("1", "重复"), ('9"', "应为1到20位字母")])
def test_a_code_that_stands_twice_or_is_none_is_refused(town, code, reason):
    form, new = codelist_form("residence_kind")
    more = {f"codes-{new}-code": code, f"codes-{new}-label": "又一个"}
    answer = town.staff("system_admin", None).post(
        "/admin/records/codelist/residence_kind/change/", {**form, **more}
    )
    assert reason in answer.content.decode()
    assert CodeList.objects.get(pk="residence_kind").version == 1


def test_an_item_is_switched_on_with_its_legal_basis_only(town):
    admin = town.staff("system_admin", None)
    form = {"field": "person.religion", "on": "on", "legal_basis": ""}
    assert "启用采集须写明法律依据" in admin.post("/admin/records/switch/add/", form).content.decode()
    assert not Switch.objects.exists()
    assert admin.post("/admin/records/switch/add/", {**form, "legal_basis": "某条例第1条"}).status_code == 302
    assert Switch.objects.get().on
    page = town.staff("community_staff").get(f"{PERSON}{town.person}/change/")
    lines = {line.name for _, lines in page.context["sections"] for line in lines}
    assert "religion" in lines


def test_the_inbox_shows_who_sent_what_masked_and_why_it_was_not_taken(town):
    worker = factories.worker("wangge")
    actor = factories.tablet(worker)
    bad = factories.change("person", town.person, 1, phone="10003112222", residence_kind="8")
    assert factories.apply(actor, bad)[0].status == "rejected"
    leader = town.staff("grid_leader")
    listed = leader.get("/admin/records/inbox/").content.decode()
    assert "wangge" in listed
    page = leader.get(f"/admin/records/inbox/{bad.change}/change/").content.decode()
    assert "100****2222" in page
    assert "10003112222" not in page
    assert "人口类型" in page
    assert (
        "wangge" not in town.staff("grid_leader", "420502002").get("/admin/records/inbox/").content.decode()
    )


def test_the_inbox_leads_to_the_record_that_a_change_is_about(town):
    tablet = factories.tablet(factories.worker("wangge"))
    bad = factories.change("person", town.person, 1, residence_kind="8")
    new = factories.change("person", household=town.home["household"], residence_kind="8")
    assert {answer.status for answer in factories.apply(tablet, bad, new)} == {"rejected"}
    leader = town.staff("grid_leader")
    page, other = (
        leader.get(f"/admin/records/inbox/{each.change}/change/").content.decode() for each in (bad, new)
    )
    assert f"{PERSON}{town.person}/change/" in page
    assert "Person " not in page  # as the heading had it, with ids
    assert f"{PERSON}{new.id}" not in other
    assert "平台上没有" in other


def test_the_workbench_counts_what_was_not_taken_in_the_area_looked_at(town):
    tablet = factories.tablet(factories.worker("wangge", factories.GRID, FAR))
    bad = factories.change("person", town.person, 1, residence_kind="8")
    assert factories.apply(tablet, bad)[0].status == "rejected"
    leader = town.staff("grid_leader", "420502")

    def counted(area):
        shown = leader.get("/admin/", {"area": area}).context["waiting"]
        return {item["label"]: item["number"] for item in shown}["未采纳的报送"]

    assert [counted(area) for area in ("", STREET, FAR_STREET)] == [1, 1, 0]


def test_the_workbench_tells_of_silent_tablets_and_new_events(town):
    factories.tablet(factories.worker("wangge"))
    event = factories.change(
        "event", category="0201", title="路灯不亮", description="张三家门口", lon=factories.WEST + 0.005,
        lat=factories.SOUTH + 0.005, crs="4490",
    )  # fmt: skip
    assert factories.apply(factories.hub_in(factories.GRID), event)[0].status == "created"
    page = town.staff("grid_leader").get("/admin/")
    waiting = {item["label"]: item["number"] for item in page.context["waiting"]}
    assert waiting["3天未同步的终端"] == 1
    assert "路灯不亮" in page.content.decode()
    assert "张三" not in page.content.decode()
    assert timezone.localdate().isoformat() in page.content.decode()
