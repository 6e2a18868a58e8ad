"""Staff of one street see nothing of another: not by list, search, address, picker, value or map."""

import gzip
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from governance.access.models import Post
from governance.access.selectors import actor_for_device
from governance.contract import KINDS, uuid7
from governance.records.models import Inbox
from governance.tasks.offers import tasks_offer
from governance.tasks.wanted import Wanted
from governance.verify.models import Difference
from tests import factories
from tests.console.conftest import FAR, FAR_STREET, NAME, STREET

PERSON = "/admin/records/person/"
DAY = date(2026, 11, 22)


@pytest.fixture
def stranger(town):
    """The browser of staff who serve the other street."""
    return town.staff("grid_leader", FAR_STREET)


def choose(client, kind, words):
    return client.post(f"/admin/records/{kind}/choices/", {"q": words}).json()["choices"]


def test_lists_hold_the_own_area_only(town, stranger):
    for kind, record in (("person", town.person), *town.home.items()):
        listed = stranger.get(f"/admin/records/{kind}/").content.decode()
        assert record not in listed, kind
    assert town.far_person in stranger.get(PERSON).content.decode()


def test_an_area_out_of_scope_is_no_filter(town, stranger):
    for area in (factories.GRID, "420502001", "420503", "4205020010010011", "abc"):
        listed = stranger.get(PERSON, {"area": area}).content.decode()
        assert town.person not in listed
        assert town.far_person in listed, area


def test_search_finds_the_own_area_only(town, stranger):
    for words in (NAME, "1212", "10002138000", "示例路"):
        answer = stranger.post(f"{PERSON}search/", {"q": words}, follow=True)
        assert town.person not in answer.content.decode(), words


def test_an_address_of_another_area_is_not_found(town, stranger):
    for kind, record in (("person", town.person), *town.home.items()):
        url = f"/admin/records/{kind}/{record}/"
        assert stranger.get(f"{url}change/").status_code == 404, kind
        assert stranger.post(f"{url}change/", {"base": "1", "note": "x"}).status_code == 404, kind
        for act in ("close", "reopen", "withdraw", "reveal"):
            answer = stranger.post(f"{url}{act}/", {"field": "name", "reason": "看看", "sure": "1"})
            assert answer.status_code == 404, (kind, act)
    assert stranger.get(f"{PERSON}{uuid7()}/change/").status_code == 404
    assert stranger.get(f"{PERSON}not-an-id/change/").status_code == 404


def test_a_picker_offers_the_own_area_only(town, stranger):
    assert choose(stranger, "person", NAME) == []
    assert [one["id"] for one in choose(stranger, "person", "赵远方")] == [town.far_person]
    assert {one["id"] for one in choose(stranger, "household", "1号楼")} == {town.far_home["household"]}
    assert choose(stranger, "person", "") == []


def test_a_record_cannot_be_moved_out_of_the_own_area_by_its_reference(town, stranger):
    url = f"{PERSON}{town.far_person}/change/"
    answer = stranger.post(url, {"base": "1", "household": town.home["household"]})
    assert "这条户记录不在您的网格内" in answer.content.decode()
    assert str(town.held("person", town.far_person).household_id) == town.far_home["household"]


def test_the_map_holds_the_own_area_only(town, stranger):
    answer = stranger.get("/admin/map/layers/grid/", {"in": "420502001"})
    assert json.loads(gzip.decompress(answer.content))["features"] == []
    answer = stranger.get("/admin/map/layers/town/")
    codes = [one["id"] for one in json.loads(gzip.decompress(answer.content))["features"]]
    assert codes == [FAR_STREET]
    box = {"box": "111,30,112,31"}
    found = stranger.get("/admin/map/points/building/", box).json()["features"]
    assert [town.far_home["building"] in one["properties"]["url"] for one in found] == [True]
    assert stranger.get(f"/admin/map/grid/{factories.GRID}/").status_code == 404
    assert stranger.get(f"/admin/map/grid/{FAR}/").status_code == 200


def test_a_care_register_without_its_right_leaves_no_trace_of_itself(town):
    actor = factories.hub_in(factories.GRID)
    made = factories.change("care_mental", person=town.person)
    assert factories.apply(actor, made)[0].status == "created"
    label = KINDS["care_mental"].label
    knows, knows_not = town.staff("grid_leader"), town.staff("community_staff")
    related = f"{PERSON}{town.person}/change/?tab=related"
    assert label in knows.get(related).content.decode()
    assert label not in knows_not.get(related).content.decode()
    page = f"/admin/records/caremental/{made.id}/"
    assert knows.get(f"{page}change/").status_code == 200
    assert knows_not.get(f"{page}change/").status_code == 404
    assert knows_not.post(f"{page}reveal/", {"field": "person", "reason": "走访"}).status_code == 404
    assert knows_not.post("/admin/records/caremental/choices/", {"q": NAME}).status_code == 404
    assert knows_not.post("/admin/records/caremental/search/", {"q": NAME}).status_code == 404


def test_what_is_said_of_a_task_behind_a_care_register_is_seen_with_its_right_alone(town):
    """The second report of a task goes to review; of a third, without its words, nothing is taken."""
    care = {"origin": "plan", "origin_ref": "1", "item": "visit", "title": "走访", "register": "care_mental"}
    wanted = Wanted(occasion="plan:1", reason="按计划", grid=factories.GRID, opens_on=DAY, due_on=DAY, **care)
    task = tasks_offer([wanted], DAY)[0].task
    first, second = (factories.tablet(factories.worker(name), name) for name in ("wangge", "lige"))
    factories.apply(first, factories.change("task", task, 1, outcome="already"))
    factories.apply(second, factories.change("task", task, 1, outcome="refused", outcome_note="情绪激动"))
    factories.apply(second, factories.change("task", task, 1, outcome="handed_on"))
    (difference,) = Difference.objects.filter(field="outcome_note")
    (kept,) = Inbox.objects.filter(status="rejected")
    pages = [f"/admin/verify/difference/{difference.pk}/change/", f"/admin/records/inbox/{kept.pk}/change/"]
    lists = ["/admin/verify/difference/", "/admin/records/inbox/"]
    knows, knows_not = town.staff("grid_leader"), town.staff("community_staff")
    assert "情绪激动" in knows.get(pages[0]).content.decode()
    for page, listed in zip(pages, lists, strict=True):
        assert knows.get(page).status_code == 200
        assert knows_not.get(page).status_code != 200
        assert len(knows.get(listed).context["cl"].result_list) > 0
        assert len(knows_not.get(listed).context["cl"].result_list) == 0


def test_whoever_serves_no_area_sees_no_record(town):
    client = town.staff("community_staff", None)
    assert town.person not in client.get(PERSON).content.decode()
    assert client.get(f"{PERSON}{town.person}/change/").status_code == 404


def test_what_somebody_sent_who_has_left_is_seen_where_he_had_his_post(town):
    """The change says of no grid that it concerns it; it was asked for at the door all the same."""
    worker = factories.worker("wangge")
    device = factories.device(worker)
    Post.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    unfinished = factories.change("event", category="0201", title="路灯不亮")
    assert factories.apply(actor_for_device(device), unfinished)[0].status == "rejected"

    def seen(street):
        return "wangge" in town.staff("grid_leader", street).get("/admin/records/inbox/").content.decode()

    assert (seen(STREET), seen(FAR_STREET)) == (True, False)
    Post.objects.create(worker=worker, grid=FAR, starts_on=timezone.localdate())
    assert (seen(STREET), seen(FAR_STREET)) == (False, True)
