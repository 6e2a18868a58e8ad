"""What a department pulls: verified records as they stand, and word of those that went."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import HUB, Actor
from governance.access.models import Department
from governance.audit.models import AuditEntry
from governance.audit.selectors import traces_of
from governance.feed.models import Entry
from governance.feed.services import epoch_start
from governance.publish.models import Agreement
from governance.publish.services import key_issue
from governance.records.services.lists import switch_set
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.publish.conftest import Pull, agree, fetch

VERIFIED = {"verification": "3"}


def edit(kind: str, id_: str, **values: Any) -> None:
    version = factories.model(kind).objects.get(pk=id_).version
    (result,) = apply(factories.hub_in(GRID, NEXT), change(kind, id_, base=version, **values))
    assert result.status == "updated", result


@pytest.fixture
def known(worker: Actor, home: dict[str, str], pull: Pull) -> tuple[str, str]:
    """A verified person the department has pulled, and the cursor behind."""
    values = {"phone": "10001234567", "occupation": "教师", "birth_date": "1950-01-01", **VERIFIED}
    id_ = factories.person(worker, home["household"], **values)
    page = pull()
    assert [row["id"] for row in page["changes"]] == [id_]
    return id_, page["cursor"]


def test_only_the_agreed_items_of_verified_people_come(
    worker: Actor, home: dict[str, str], pull: Pull, known: tuple[str, str]
) -> None:
    factories.person(worker, home["household"], verification="2")
    (row,) = pull()["changes"]
    record = {"name": "王示例", "phone": "10001234567", "birth_date": "1950-01-01"}
    assert row == {"id": known[0], "version": 1, "record": record}


def test_a_change_comes_once(pull: Pull, known: tuple[str, str]) -> None:
    id_, cursor = known
    assert pull(cursor=cursor)["changes"] == []
    edit("person", id_, phone="10007654321")
    page = pull(cursor=cursor)
    assert [(row["version"], row["record"]["phone"]) for row in page["changes"]] == [(2, "10007654321")]
    again = pull(cursor=page["cursor"])
    assert (again["changes"], again["more"], again["resync"]) == ([], False, False)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"verification": "1"}, "unverified"),
        ({"closed_on": "2026-11-22", "closed_reason": "02"}, "closed"),
    ],
)
def test_what_is_no_longer_verified_or_open_goes(
    pull: Pull, known: tuple[str, str], values: dict[str, str], why: str
) -> None:
    edit("person", known[0], **values)
    assert pull(cursor=known[1])["changes"] == [{"id": known[0], "version": 2, "gone": why}]


def test_what_was_withdrawn_goes(pull: Pull, known: tuple[str, str]) -> None:
    mistake = change("person", known[0], base=1)
    mistake.delete = True
    apply(factories.hub_in(), mistake)
    assert pull(cursor=known[1])["changes"] == [{"id": known[0], "version": 2, "gone": "deleted"}]


def test_what_was_never_verified_is_not_spoken_of(
    worker: Actor, home: dict[str, str], pull: Pull, known: tuple[str, str]
) -> None:
    id_ = factories.person(worker, home["household"], verification="1")
    edit("person", id_, closed_on="2026-11-22", closed_reason="91")
    assert pull(cursor=known[1])["changes"] == []


@pytest.mark.parametrize("there", [NEXT, "420502001001000"], ids=["to a later code", "to an earlier code"])
def test_a_move_within_the_area_is_no_departure(
    pull: Pull, known: tuple[str, str], home: dict[str, str], there: str
) -> None:
    if there != NEXT:
        factories.grid(there, shift=2)
    theirs = factories.home(factories.hub_in(there), lon=factories.WEST + (0.015 if there == NEXT else 0.025))
    apply(factories.hub_in(GRID, there), change("household", home["household"], base=1, room=theirs["room"]))
    assert Entry.objects.filter(record=known[0]).count() == 2
    cursor, seen = known[1], []
    for _ in range(3):
        page = pull(cursor=cursor, limit=1)
        cursor = page["cursor"]
        seen += page["changes"]
    assert {row["id"] for row in seen} == {known[0]}
    assert all("record" in row and row["version"] == 2 for row in seen)


def test_a_move_out_of_the_area_is_a_departure(
    worker: Actor, home: dict[str, str], civil: Department, key: str, known: tuple[str, str]
) -> None:
    agree(area=GRID, agreement=Agreement.objects.get())
    cursor = fetch(key).json()["cursor"]
    theirs = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    edit("household", home["household"], room=theirs["room"])
    page = fetch(key, cursor=cursor).json()
    assert page["changes"] == [{"id": known[0], "version": 2, "gone": "moved"}]
    assert fetch(key, cursor=page["cursor"]).json()["changes"] == []


def test_pages_follow_one_another_and_end(worker: Actor, home: dict[str, str], pull: Pull) -> None:
    ids = {factories.person(worker, home["household"], **VERIFIED) for _ in range(5)}
    cursor, seen, more = "", [], True
    while more:
        page = pull(cursor=cursor, limit=2)
        seen += [row["id"] for row in page["changes"]]
        cursor, more = page["cursor"], page["more"]
    assert len(seen) == 5
    assert set(seen) == ids


def test_another_epoch_or_another_agreement_means_beginning_anew(pull: Pull, known: tuple[str, str]) -> None:
    agree(fields=("name",), agreement=Agreement.objects.get())
    anew = {"changes": [], "cursor": None, "more": False, "resync": True}
    assert pull(cursor=known[1]) == anew
    (row,) = pull()["changes"]
    assert row["record"] == {"name": "王示例"}
    cursor = pull()["cursor"]
    epoch_start()
    assert pull(cursor=cursor) == anew


def test_every_page_is_entered_and_found_by_the_person(pull: Pull, known: tuple[str, str]) -> None:
    entry = AuditEntry.objects.get(action="publish.pull")
    assert (entry.username, entry.source, entry.purpose) == ("department:civil", "civil", "高龄津贴核对")
    assert (entry.subjects, entry.kind, entry.scope) == ([known[0]], "person", factories.COMMUNITY)
    pull(cursor=known[1])
    assert AuditEntry.objects.filter(action="publish.pull").count() == 1
    assert entry in traces_of(known[0], grids=[GRID])


def religion_agreed(civil: Department) -> str:
    """Switch an item on and agree on it; give the department's key."""
    switch_set(actor=HUB, field="person.religion", on=True, legal_basis="示例条例")
    agree(fields=("name", "religion"), legal_basis="示例条例")
    return key_issue(actor=HUB, department=civil)[1]


def test_a_switched_item_stops_with_its_switch(
    worker: Actor, home: dict[str, str], civil: Department
) -> None:
    key = religion_agreed(civil)
    factories.person(worker, home["household"], religion="00", **VERIFIED)
    assert fetch(key).json()["changes"][0]["record"] == {"name": "王示例", "religion": "00"}
    switch_set(actor=HUB, field="person.religion", on=False, legal_basis="示例条例")
    assert fetch(key).json()["changes"][0]["record"] == {"name": "王示例"}


def test_two_changes_of_an_agreement_from_one_page_are_two_editions(civil: Department) -> None:
    first = agree()
    seen = [Agreement.objects.get(), Agreement.objects.get()]
    agree(agreement=seen[0], fields=("name",))
    agree(agreement=seen[1], fields=("phone",))
    assert Agreement.objects.get().version == first.version + 2


def test_who_pulled_while_an_item_was_off_begins_anew_when_it_is_on_again(
    worker: Actor, home: dict[str, str], civil: Department
) -> None:
    key = religion_agreed(civil)
    person = factories.person(worker, home["household"], religion="00", **VERIFIED)
    cursor = fetch(key).json()["cursor"]
    switch_set(actor=HUB, field="person.religion", on=False, legal_basis="示例条例")
    edit("person", person, name="王另名")
    assert fetch(key, cursor=cursor).json()["resync"]
    cursor = fetch(key).json()["cursor"]
    assert not fetch(key, cursor=cursor).json()["resync"]
    switch_set(actor=HUB, field="person.religion", on=True, legal_basis="示例条例")
    assert fetch(key, cursor=cursor).json()["resync"]
    assert fetch(key).json()["changes"][0]["record"] == {"name": "王另名", "religion": "00"}


def test_houses_and_organisations_come_too(worker: Actor, home: dict[str, str], pull: Pull) -> None:
    agree("building", ("name", "lon", "lat", "floors"))
    agree("organisation", ("name", "category"))
    edit("building", home["building"], floors=6, **VERIFIED)
    shop = change("organisation", name="示例商店", category="1", grid=GRID, **VERIFIED)
    assert apply(worker, shop)[0].status == "created"
    (building,) = pull("building")["changes"]
    assert building["record"] == {
        "name": "1号楼",
        "lon": round(factories.WEST + 0.005, 7),
        "lat": round(factories.SOUTH + 0.005, 7),
        "floors": 6,
    }
    assert pull("organisation")["changes"][0]["record"] == {"name": "示例商店", "category": "1"}


def test_a_page_costs_the_same_for_any_number_and_little_when_nothing_is_new(
    worker: Actor, home: dict[str, str], pull: Pull, known: tuple[str, str]
) -> None:
    cursor = known[1]
    counts = []
    for size in (1, 20):
        for _ in range(size):
            factories.person(worker, home["household"], **VERIFIED)
        with CaptureQueriesContext(connection) as captured:
            cursor = pull(cursor=cursor)["cursor"]
        counts.append(len(captured))
    with CaptureQueriesContext(connection) as captured:
        pull(cursor=cursor)
    busy, idle = (20, 9) if connection.vendor == "postgresql" else (22, 9)
    assert [*counts, len(captured)] == [busy, busy, idle]
