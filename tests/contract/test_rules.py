import pytest

from governance.contract import KINDS, CodeBook, check, uuid7
from governance.contract.kinds.task_states import MOVES, OUTCOME_STATES, STATE_LABELS, STATES

REF = str(uuid7())
NUMBER = "11010519491231002X"
REQUIRED: dict[str, dict[str, object]] = {
    "building": {"name": "1栋"},
    "room": {"building": REF, "number": "101"},
    "household": {"room": REF},
    "person": {"household": REF, "name": "测试甲", "residence_kind": "1"},
    "organisation": {"category": "3", "name": "测试小店"},
    "thing": {"category": "0116"},
    "event": {"category": "0301", "description": "测试"},
    "task": {"item": "elder_card", "title": "代办老年优待证"},
    "visit": {"household": REF, "purpose": "02", "visited_at": "2026-01-31T08:00:00Z"},
    "paper": {"household": REF, "material": "01", "seen_on": "2026-01-31"},
    "case": {"household": REF, "person": REF, "service": "elder_card"},
    "care_hardship": {"person": REF, "category": "05"},
    "care_left_behind": {"person": REF, "category": "01"},
    "care_mental": {"person": REF},
    "care_drug": {"person": REF},
    "care_correction": {"person": REF},
    "care_release": {"person": REF},
    "care_youth": {"person": REF, "category": "05"},
    "care_pregnancy": {"person": REF, "expected_birth_on": "2026-05-01"},
    "care_disability": {"person": REF, "category": "4"},
}


def found(kind: str, book: CodeBook, **offered: object) -> list[tuple[str, str]]:
    problems = check(KINDS[kind], {**REQUIRED[kind], **offered}, book, by_hub=True).problems
    assert all(any("一" <= sign <= "龥" for sign in problem.reason) for problem in problems)
    return [(problem.field, problem.code) for problem in problems]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_required_is_enough(book: CodeBook, kind: str) -> None:
    assert found(kind, book) == []


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_closed_with_day_and_reason(book: CodeBook, kind: str) -> None:
    assert found(kind, book, closed_on="2026-01-31") == [("closed_reason", "required")]
    assert found(kind, book, closed_reason="91") == [("closed_on", "required")]
    assert found(kind, book, closed_on="2026-01-31", closed_reason="91") == []


@pytest.mark.parametrize("kind", ["building", "organisation", "thing", "event", "task"])
def test_points_are_whole(book: CodeBook, kind: str) -> None:
    assert found(kind, book, lon=111.3) == [("lat", "required")]
    assert found(kind, book, lat=30.7) == [("lon", "required")]
    assert found(kind, book, accuracy=5) == [("lon", "required")]
    assert found(kind, book, lon=111.3, lat=30.7, accuracy=5, crs="GCJ02") == []


def test_a_building_has_name_or_address(book: CodeBook) -> None:
    assert found("building", book, name=None) == [("name", "required")]
    assert found("building", book, name=None, address="某某路1号") == []


def test_rooms_not_let_have_no_tenant(book: CodeBook) -> None:
    assert found("room", book, rented=False, rental_use="02") == [("rental_use", "contradiction")]
    assert found("room", book, rented=False, tenant_name="测试乙") == [("tenant_name", "contradiction")]
    assert found("room", book, rented=True, rental_use="02", tenant_name="测试乙") == []


def test_documents_have_kind_and_number(book: CodeBook) -> None:
    assert found("person", book, document_kind="414") == [("document_number", "required")]
    assert found("person", book, document_number="E1") == [("document_kind", "required")]
    assert found("person", book, document_kind="414", document_number="E1") == []
    assert found("room", book, owner_document_kind="414") == [("owner_document_number", "required")]
    assert found("organisation", book, legal_document_number="1") == [("legal_document_kind", "required")]


def test_identity_cards_are_not_hidden_among_other_documents(book: CodeBook) -> None:
    assert found("person", book, document_kind="111", document_number=NUMBER) == [
        ("document_number", "contradiction")
    ]
    assert found("person", book, document_kind="111", document_number=NUMBER, citizen_number=NUMBER) == []


def test_people_from_abroad_have_a_passport_or_a_number(book: CodeBook) -> None:
    assert found("person", book, residence_kind="4") == [("document_kind", "required")]
    assert found("person", book, residence_kind="4", document_kind="414", document_number="E1") == []
    assert found("person", book, residence_kind="4", citizen_number=NUMBER) == []
    assert found("person", book, residence_kind="4", document_kind="113", document_number="1") == [
        ("document_kind", "contradiction")
    ]


@pytest.mark.parametrize(
    ("kind", "first", "later"),
    [
        ("person", "birth_date", "arrived_on"),
        ("person", "arrived_on", "leaves_on"),
        ("person", "permit_issued_on", "permit_expires_on"),
        ("task", "opens_on", "due_on"),
        ("task", "due_on", "expires_on"),
        ("care_drug", "starts_on", "ends_on"),
        ("care_correction", "starts_on", "ends_on"),
        ("care_release", "received_on", "settled_on"),
    ],
)
def test_days_come_in_order(book: CodeBook, kind: str, first: str, later: str) -> None:
    assert found(kind, book, **{first: "2026-01-02", later: "2026-01-01"}) == [(later, "contradiction")]
    assert found(kind, book, **{first: "2026-01-01", later: "2026-01-01"}) == []


def test_nobody_is_closed_before_birth(book: CodeBook) -> None:
    assert found("person", book, citizen_number=NUMBER, closed_on="1949-12-30", closed_reason="91") == [
        ("closed_on", "contradiction")
    ]


def test_part_codes_fit_their_category(book: CodeBook) -> None:
    assert found("thing", book, part_code="4205020116000001") == []
    assert found("thing", book, part_code="4205020118000001") == [("part_code", "contradiction")]
    assert found("thing", book, part_code="42050201160000") == [("part_code", "format")]
    assert found("thing", book, part_code="420502011600000X") == [("part_code", "format")]


@pytest.mark.parametrize(
    ("kind", "big", "expected"), [("thing", "part_class", "01"), ("event", "event_class", "03")]
)
def test_big_classes_follow_from_the_category(book: CodeBook, kind: str, big: str, expected: str) -> None:
    assert check(KINDS[kind], REQUIRED[kind], book).values[big] == expected
    assert found(kind, book, **{big: "02"}) == [(big, "contradiction")]


def test_new_events_wait_for_intake(book: CodeBook) -> None:
    event = check(KINDS["event"], REQUIRED["event"], book).values
    assert event["state"] == "reported"
    later = check(KINDS["event"], {"title": "某事"}, book, current={**event, "state": "handling"})
    assert later.values == {"title": "某事"}


def test_a_resolution_is_told(book: CodeBook) -> None:
    assert found("event", book, resolved=True) == [("resolution", "required")]
    assert found("event", book, resolved=True, resolution="已和解") == []


def test_organisations_without_a_body_have_no_members(book: CodeBook) -> None:
    assert found("organisation", book, has_union=False, union_members=3) == [
        ("union_members", "contradiction")
    ]
    assert found("organisation", book, has_union=False, union_members=0) == []


def test_next_visits_are_counted_in_shanghai_days(book: CodeBook) -> None:
    late = "2026-01-31T16:30:00Z"
    assert found("visit", book, visited_at=late, next_on="2026-01-31") == [("next_on", "contradiction")]
    assert found("visit", book, visited_at=late, next_on="2026-02-01") == []


def test_outcomes_are_complete(book: CodeBook) -> None:
    assert found("task", book, outcome_note="说明") == [("outcome", "required")]
    assert found("task", book, done_at="2026-01-31T08:00:00Z") == [("outcome", "required")]
    assert found("task", book, outcome="other") == [("outcome_note", "required")]
    assert found("task", book, outcome="other", outcome_note="说明") == []
    assert found("task", book, subject=REF) == [("subject_kind", "required")]


def done(book: CodeBook, state: str | None, outcome: str | None) -> object:
    """Give the state after a worker offers an outcome."""
    current = {**REQUIRED["task"], **({"state": state} if state else {})}
    offered = {"outcome": outcome, "outcome_note": "说明"} if outcome else {"outcome": None}
    checked = check(KINDS["task"], offered, book, current=current)
    assert checked.problems == []
    return checked.values.get("state", state)


def test_every_outcome_leads_to_a_state(book: CodeBook) -> None:
    after = {outcome: done(book, "open", outcome) for outcome in book["task_outcome"]}
    assert set(after.values()) == {"visited", "handed_on", "done", "returned"}
    assert {code: item.label for code, item in book["task_state"].items()} == STATE_LABELS
    assert STATE_LABELS.keys() == MOVES.keys() == STATES
    assert set(book["task_outcome"]) == set(OUTCOME_STATES)
    assert (after["done"], after["already"], after["refused"], after["not_home"], after["handed_on"]) == (
        "done",
        "done",
        "returned",
        "visited",
        "handed_on",
    )


def test_who_accepts_and_who_was_there_in_vain_shows_in_the_state(book: CodeBook) -> None:
    def after(**offered: object) -> object:
        current = {**REQUIRED["task"], "state": offered.pop("was", "open")}
        return check(KINDS["task"], offered, book, current=current, by_hub=True).values.get("state")

    accepted = {"accepted_at": "2026-01-31T08:00:00Z"}
    assert after(**accepted) == "accepted"
    assert after(**accepted, was="expired") is None
    assert after(**accepted, was="withdrawn") is None
    assert after(state="visited") == "visited"
    assert after(outcome=None, was="visited") is None


def test_a_result_is_refused_while_what_is_asked_for_is_missing(book: CodeBook) -> None:
    asks = {"asks": "photo signature doc:02", "outcome": "done"}
    assert found("task", book, **asks) == [
        ("photos", "required"),
        ("signature", "required"),
        ("materials", "required"),
    ]
    assert found("task", book, **asks, photos=[REF], signature=[REF], materials=["02"]) == []
    assert found("task", book, asks="photo signature doc:02", outcome="already") == []
    assert found("task", book, outcome="handed_on") == [("outcome_note", "required")]
    assert found("task", book, asks="photo 照片") == [("asks", "format")]
    assert found("task", book, assignee="somebody") == [("assignee", "format")]
    assert found("task", book, assignee="user:worker1") == []


def test_dangers_are_named_only_where_there_is_danger(book: CodeBook) -> None:
    assert found("visit", book, danger_found=["02"]) == [("danger", "required")]
    assert found("visit", book, danger=False, danger_found=["02"]) == [("danger_found", "contradiction")]
    assert found("visit", book, danger=True, danger_found=["02"]) == []
    assert found("visit", book, outcome="not_home") == [("task", "required")]


def test_a_new_task_is_open(book: CodeBook) -> None:
    assert check(KINDS["task"], REQUIRED["task"], book, by_hub=True).values["state"] == "open"


def test_an_outcome_taken_back_opens_the_task(book: CodeBook) -> None:
    assert done(book, "done", None) == "open"


def test_a_withdrawn_task_stays_withdrawn(book: CodeBook) -> None:
    assert done(book, "withdrawn", "done") == "withdrawn"


def test_work_done_offline_counts_after_the_task_expired(book: CodeBook) -> None:
    assert done(book, "expired", "done") == "done"
    assert done(book, "expired", "not_home") == "expired"


@pytest.mark.parametrize("state", ["withdrawn", "expired"])
def test_the_hub_ends_a_task_whatever_was_tried(book: CodeBook, state: str) -> None:
    current = {**REQUIRED["task"], "state": "open", "outcome": "not_home"}
    checked = check(KINDS["task"], {"state": state}, book, current=current, by_hub=True)
    assert (checked.values, checked.problems) == ({"state": state}, [])
