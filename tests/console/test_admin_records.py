"""A record's page: everything is offered as a change, and what became of it is said in plain Chinese."""

import pytest
from django.utils import timezone

from governance.audit.models import AuditEntry
from governance.contract import KINDS, uuid7
from governance.records.models import History, Inbox, Person
from tests import factories
from tests.console.conftest import NAME, NUMBER, PHONE


@pytest.fixture
def staff(town):
    return town.staff("community_staff")


def address(kind, record, page="change"):
    return f"/admin/records/{kind}/{record}/{page}/"


def send(client, kind, record, page="change", **values):
    return client.post(
        address(kind, record, page), {"base": "1", "change": str(uuid7()), **values}, follow=True
    )


def test_only_what_was_sent_and_differs_is_changed(town, staff):
    answer = send(staff, "person", town.person, residence_kind="2", occupation="", relation="02")
    assert "已保存" in answer.content.decode()
    held = town.held("person", town.person)
    assert (held.residence_kind, held.relation, held.name, held.phone) == ("2", "02", NAME, PHONE)
    history = History.objects.get(record=town.person, version=2)
    assert history.set == {"residence_kind": "2", "relation": "02"}
    assert AuditEntry.objects.filter(action="console", scope=factories.GRID).exists()


def test_a_masked_value_left_alone_is_not_sent(town, staff):
    page = staff.get(address("person", town.person)).content.decode()
    for name in ("name", "citizen_number", "phone", "birth_date"):
        assert f'name="{name}" value=""' in page or f'name="{name}"' not in page, name
    send(staff, "person", town.person, residence_kind="3")
    assert town.held("person", town.person).citizen_number == NUMBER


def test_a_form_sent_twice_is_one_change(town, staff):
    values = {"base": "1", "change": str(uuid7()), "residence_kind": "2"}
    for _ in range(2):
        assert staff.post(address("person", town.person), values).status_code == 302
    assert town.held("person", town.person).version == 2


def test_a_stale_form_is_merged_and_says_so(town, staff):
    other = factories.change("person", town.person, 1, occupation="教师")
    assert factories.apply(factories.hub_in(factories.GRID), other)[0].status == "updated"
    answer = send(staff, "person", town.person, residence_kind="2")
    assert "他人改过" in answer.content.decode()
    held = town.held("person", town.person)
    assert (held.residence_kind, held.occupation) == ("2", "教师")


def test_a_clash_goes_to_review_and_says_so(town, staff):
    other = factories.change("person", town.person, 1, occupation="教师")
    factories.apply(factories.hub_in(factories.GRID), other)
    answer = send(staff, "person", town.person, occupation="司机")
    assert "已转入待核" in answer.content.decode()
    assert "职业：期间已有他人改过" in answer.content.decode()
    assert town.held("person", town.person).occupation == "教师"


def test_what_is_wrong_stands_at_its_field_and_never_reaches_the_inbox(town, staff):
    answer = send(staff, "person", town.person, citizen_number="420502195801031219", phone="电话")
    lines = {line.name: line for _, lines in answer.context["sections"] for line in lines}
    assert "校验码不对" in lines["citizen_number"].problem
    assert lines["citizen_number"].value == "420502195801031219"
    assert lines["phone"].problem
    assert not lines["name"].problem
    assert "没有保存" in answer.content.decode()
    assert Inbox.objects.count() == 0
    assert town.held("person", town.person).version == 1


def test_a_new_person_is_made_in_a_household(town, staff):
    values = {"household": town.home["household"], "name": "王新生", "residence_kind": "1", "sex": "1"}
    page = staff.get("/admin/records/person/add/", {"household": town.home["household"]})
    assert "示例路1号" in page.content.decode() or "1号楼 101" in page.content.decode()
    answer = staff.post("/admin/records/person/add/", values, follow=True)
    assert "已登记" in answer.content.decode()
    made = Person.objects.get(name="王新生")
    assert made.grid == factories.GRID
    assert answer.redirect_chain[-1][0] == address("person", made.pk)


def test_a_new_record_without_what_it_needs_is_refused_at_its_fields(town, staff):
    answer = staff.post("/admin/records/person/add/", {"name": "王新生"})
    lines = {line.name: line for _, lines in answer.context["sections"] for line in lines}
    assert "必填" in lines["household"].problem
    assert "必填" in lines["residence_kind"].problem
    assert Person.objects.count() == 2


def test_a_household_moves_by_choosing_another_room(town, staff):
    there = factories.home(factories.hub_in(factories.NEXT), lon=factories.EAST + 0.005)
    send(staff, "household", town.home["household"], room=there["room"])
    assert town.held("household", town.home["household"]).grid == factories.NEXT
    assert town.held("person", town.person).grid == factories.NEXT


def test_closing_asks_reason_and_day_and_can_be_taken_back(town, staff):
    answer = send(staff, "person", town.person, "close", closed_on="2026-01-31", closed_reason="")
    assert "须填写日期和原因" in answer.content.decode()
    reason = factories.close_reason("person")
    answer = send(staff, "person", town.person, "close", closed_on="2026-01-31", closed_reason=reason)
    assert "已注销" in answer.content.decode()
    assert str(town.held("person", town.person).closed_on) == "2026-01-31"
    assert 'name="residence_kind"' not in answer.content.decode()
    assert town.person not in staff.get("/admin/records/person/").content.decode()
    assert town.person in staff.get("/admin/records/person/?standing=closed").content.decode()
    staff.post(address("person", town.person, "reopen"), {"base": "2"})
    assert town.held("person", town.person).closed_on is None


def test_a_household_with_people_cannot_be_closed_or_withdrawn(town, staff):
    reason = factories.close_reason("household")
    answer = send(
        staff, "household", town.home["household"], "close", closed_on="2026-01-31", closed_reason=reason
    )
    assert "名下还有未注销的记录" in answer.content.decode()
    answer = send(staff, "household", town.home["household"], "withdraw", sure="1")
    assert "名下还有未注销的记录" in answer.content.decode()
    held = town.held("household", town.home["household"])
    assert (held.closed_on, held.deleted) == (None, False)


def test_withdrawing_asks_to_be_sure(town, staff):
    answer = send(staff, "person", town.person, "withdraw")
    assert "请先勾选确认" in answer.content.decode()
    assert not town.held("person", town.person).deleted
    answer = send(staff, "person", town.person, "withdraw", sure="1")
    assert "已作废" in answer.content.decode()
    assert town.held("person", town.person).deleted


def test_nothing_is_deleted_in_bulk_and_acts_are_posts(town, staff):
    staff.post("/admin/records/person/", {"action": "delete_selected", "_selected_action": [town.person]})
    assert Person.objects.filter(pk=town.person, deleted=False).exists()
    assert staff.get(f"/admin/records/person/{town.person}/delete/").status_code in (403, 404)
    for page in ("close", "withdraw", "reopen", "reveal"):
        assert staff.get(address("person", town.person, page)).status_code == 405


def test_retired_codes_and_switched_off_items_are_not_offered(town, staff):
    page = staff.get(address("person", town.person))
    lines = {line.name for _, lines in page.context["sections"] for line in lines}
    assert not lines & {"religion", "political_status", "closed_on", "closed_reason"}
    assert {"name", "residence_kind", "household"} <= lines
    assert len(lines) > len(KINDS["person"].fields) - 8


def test_sources_history_and_relations_are_told(town, staff):
    send(staff, "person", town.person, residence_kind="2", occupation="教师")
    base = address("person", town.person)
    sources = staff.get(f"{base}?tab=sources").content.decode()
    assert "community_staff" in sources
    assert timezone.localdate().isoformat() in sources
    history = staff.get(f"{base}?tab=history").content.decode()
    assert "户籍人口" in history
    assert "流动人口" in history
    assert "教师" not in history
    related = staff.get(f"{base}?tab=related").content.decode()
    assert town.home["household"] in related
    family = staff.get(f"{address('household', town.home['household'])}?tab=related").content.decode()
    assert town.person in family
    assert town.home["room"] in family
