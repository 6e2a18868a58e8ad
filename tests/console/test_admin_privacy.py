"""Masks, reasons and traces: what staff see of people, and what remains of their looking."""

import pytest

from governance.audit.models import AuditEntry
from governance.audit.selectors import traces_of
from tests import factories
from tests.console.conftest import NAME, NUMBER, PHONE

PERSON = "/admin/records/person/"
SECRETS = (NAME, NUMBER, PHONE, "1958-01-03")


@pytest.fixture
def staff(town):
    return town.staff("community_staff")


def reveal(client, record, field, reason="来电咨询"):
    return client.post(f"{PERSON}{record}/reveal/", {"field": field, "reason": reason})


@pytest.mark.parametrize("page", ["", "?tab=sources", "?tab=history", "?tab=related"])
def test_pages_show_masks_and_never_the_value(town, staff, page):
    factories.apply(
        factories.hub_in(factories.GRID), factories.change("person", town.person, 1, phone="10003139000")
    )
    shown = staff.get(f"{PERSON}{town.person}/change/{page}").content.decode()
    for secret in (*SECRETS, "10003139000"):
        assert secret not in shown, secret
    assert "王**" in shown


def test_lists_and_pickers_show_masks(town, staff):
    shown = staff.get(PERSON).content.decode()
    for secret in SECRETS:
        assert secret not in shown
    for mask in ("王**", f"420502********{NUMBER[-4:]}", "100****8000", "1958-**-**"):
        assert mask in shown, mask
    picked = staff.post(f"{PERSON}choices/", {"q": NAME}).content.decode()
    assert town.person in picked
    assert not any(secret in picked for secret in SECRETS)


def test_titles_name_nobody(town, staff):
    for kind, record in (("person", town.person), ("household", town.home["household"])):
        page = staff.get(f"/admin/records/{kind}/{record}/change/").content.decode()
        title = page[page.index("<title>") : page.index("</title>")]
        assert NAME not in title
    assert NAME not in str(town.held("person", town.person))


def test_one_value_is_given_in_full_for_a_reason_and_leaves_a_trace(town, staff):
    answer = reveal(staff, town.person, "phone")
    assert answer.json() == {"value": PHONE, "text": PHONE}
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action="records.reveal")
    assert (str(entry.subject), entry.purpose, entry.detail) == (town.person, "来电咨询", {"field": "phone"})
    assert reveal(staff, town.person, "sex").json() == {"value": "1", "text": "男性"}


def test_without_reason_or_right_no_value_is_given(town, staff):
    assert reveal(staff, town.person, "phone", "  ").status_code == 403
    assert "目的" in reveal(staff, town.person, "phone", "").json()["reason"]
    assert reveal(town.staff("commander"), town.person, "phone").status_code == 403
    assert reveal(staff, town.person, "no_such").status_code == 404
    assert reveal(staff, town.person, "former_name").status_code == 404
    assert not AuditEntry.objects.filter(action="records.reveal").exists()


def test_a_purpose_is_asked_before_people_are_shown(town):
    client = town.staff("community_staff", purpose="")
    answer = client.get(f"{PERSON}{town.person}/change/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/purpose/?next=")
    assert not AuditEntry.objects.filter(action__startswith="records.").exists()
    assert "请选择或填写" in client.post("/admin/purpose/", {"purpose": "其他"}).content.decode()
    asked = client.post("/admin/purpose/", {"purpose": "其他", "other": "核对居住证", "next": PERSON})
    assert asked["Location"] == PERSON
    assert "核对居住证" in client.get(PERSON).content.decode()
    away = client.post("/admin/purpose/", {"purpose": "日常服务", "next": "https://example.org/"})
    assert away["Location"] == "/admin/"


def test_houses_need_no_purpose(town):
    client = town.staff("community_staff", purpose="")
    assert client.get("/admin/records/building/").status_code == 200


def test_reading_leaves_traces_that_the_person_can_list(town, staff):
    before = AuditEntry.objects.count()
    staff.get(PERSON)
    listed = AuditEntry.objects.get(action="records.list")
    assert AuditEntry.objects.count() == before + 1
    assert (listed.kind, listed.count, listed.purpose) == ("person", 1, "日常服务")
    assert listed.subjects == [town.person]
    staff.get(f"{PERSON}{town.person}/change/")
    read = AuditEntry.objects.get(action="records.read")
    assert str(read.subject) == town.person
    person = town.held("person", town.person)
    actions = set(traces_of(person.pk, grids=[person.grid]).values_list("action", flat=True))
    assert {"records.list", "records.read"} <= actions


def test_an_empty_list_and_a_list_of_houses_leave_none(town, staff):
    staff.get(f"{PERSON}?residence_kind=4")
    staff.get("/admin/records/building/")
    assert not AuditEntry.objects.filter(action="records.list").exists()


def test_a_visit_and_a_care_record_trace_back_to_the_person(town, staff):
    made = factories.change("care_hardship", person=town.person, category="01")
    result = factories.apply(factories.hub_in(factories.GRID), made)[0]
    assert result.status == "created", result
    staff.get(f"/admin/records/carehardship/{made.id}/change/")
    assert str(AuditEntry.objects.get(action="records.read").subject) == town.person


@pytest.mark.parametrize("words", [NAME, NUMBER, NUMBER[-4:], NUMBER[:8], PHONE, "示例路", f"{NAME} 示例路"])
def test_words_to_search_for_never_stand_in_an_address(town, staff, words):
    answer = staff.post(f"{PERSON}search/", {"q": words})
    assert answer.status_code == 302
    assert words not in answer["Location"]
    found = staff.get(answer["Location"])
    assert town.person in found.content.decode()
    assert found.context["cl"].query == words
    links = found.content.decode().split('href="')
    assert not any(words in link.split('"')[0] for link in links)
    entry = AuditEntry.objects.filter(action="records.list").latest("id")
    assert words not in str(entry.detail)
    assert entry.detail["searched"] is True


def test_words_in_an_address_are_taken_out_of_it(town, staff):
    answer = staff.get(PERSON, {"q": NAME, "residence_kind": "1"})
    assert answer.status_code == 302
    assert NAME not in answer["Location"]
    assert "residence_kind=1" in answer["Location"]
    assert town.person in staff.get(answer["Location"]).content.decode()


def test_a_search_belongs_to_its_session(town, staff):
    token = staff.post(f"{PERSON}search/", {"q": "查无此人"})["Location"]
    assert town.person not in staff.get(token).content.decode()
    other = town.staff("grid_leader")
    assert town.person in other.get(token).content.decode()


@pytest.mark.parametrize("words", ["李四", "0000", "420503", "10003000000", "不存在路"])
def test_other_words_find_nobody(town, staff, words):
    answer = staff.post(f"{PERSON}search/", {"q": words}, follow=True)
    assert town.person not in answer.content.decode()
    assert "没有符合条件的记录" in answer.content.decode()


@pytest.mark.parametrize("query", [{"citizen_number": NUMBER}, {"phone__startswith": "138"}, {"name": NAME}])
def test_values_in_an_address_are_no_filter(town, staff, query):
    assert staff.get(PERSON, query).status_code == 400


def test_djangos_own_look_up_knows_no_records(town, staff):
    asked = {"app_label": "records", "model_name": "person", "field_name": "household", "term": NAME}
    assert staff.get("/admin/autocomplete/", asked).status_code == 404
    assert staff.get("/admin/search/", {"s": NAME}).status_code == 404
