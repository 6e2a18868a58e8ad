import pytest

from governance.contract import KINDS, Kind, Owner, Sensitivity, Type
from governance.contract.validate import check

CARE = {
    "care_hardship",
    "care_left_behind",
    "care_mental",
    "care_drug",
    "care_correction",
    "care_release",
    "care_youth",
    "care_pregnancy",
    "care_disability",
}
BASE = {
    *("person", "household", "building", "room", "thing", "organisation"),
    *("event", "task", "visit", "paper", "case"),
}
KEYS = {
    "building": "name address estate lon lat crs accuracy grid",
    "room": "building unit floor number address use owner_name owner_phone rented",
    "household": "room household_no kind",
    "person": "household name citizen_number document_kind document_number sex birth_date nation"
    " phone relation residence_kind duplicate",
    "organisation": "category name credit_code address phone lon lat grid",
    "thing": "category part_code name lon lat grid",
    "event": "category title description occurred_at address urgency state lon lat grid",
    "task": "item title reason subject_kind subject household opens_on due_on expires_on priority state"
    " origin origin_ref asks assignee accepted_at outcome outcome_note done_at materials photos signature",
    "paper": "household person material number valid_to seen_on photos",
    "case": "household person service lead task consent_at consent_by signature act state station",
    "visit": "household person task purpose visited_at found outcome danger danger_found content next_on",
}
MEASURED = {Type.TEXT, Type.CODE, Type.CODES, Type.PHONE, Type.CITIZEN, Type.CREDIT, Type.AREA, Type.GRID}
RESERVED = {"id", "version", "origins", "deleted", "created_at", "updated_at", "pk", "objects"}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def test_the_kinds_are_these() -> None:
    assert set(KINDS) == BASE | CARE
    assert all(name == kind.name for name, kind in KINDS.items())


@kinds
def test_names_and_labels_are_unique_in_a_kind(kind: Kind) -> None:
    assert len(kind.by_name) == len(kind.fields)
    assert len({item.label for item in kind.fields}) == len(kind.fields)


@pytest.mark.parametrize(("name", "keys"), KEYS.items(), ids=KEYS)
def test_key_fields_are_there(name: str, keys: str) -> None:
    assert set(keys.split()) <= set(KINDS[name].by_name)


@kinds
def test_every_kind_is_verified_noted_and_closed(kind: Kind) -> None:
    assert {"verification", "note", "closed_on", "closed_reason"} <= set(kind.by_name)
    assert kind.by_name["closed_reason"].codes == kind.closing


@kinds
def test_fields_say_what_their_type_needs(kind: Kind) -> None:
    for item in kind.fields:
        assert item.name.isidentifier()
        assert item.name not in RESERVED
        assert not item.name.endswith("_id")
        assert item.label, item.name
        assert item.length or item.type not in MEASURED, item.name
        assert bool(item.codes) == (item.type in (Type.CODE, Type.CODES)), item.name
        assert (item.target in KINDS) == (item.type is Type.REF), item.name
        assert not item.derived_from or (item.derived_from in kind.by_name and not item.required), item.name


@kinds
def test_kinds_come_after_those_they_refer_to(kind: Kind) -> None:
    order = list(KINDS)
    others = [str(item.target) for item in kind.references if item.target != kind.name]
    assert all(order.index(other) < order.index(kind.name) for other in others)


@kinds
def test_anchors_lead_to_a_place(kind: Kind) -> None:
    seen = set()
    while kind.anchor is not None:
        assert kind.name not in seen
        seen.add(kind.name)
        assert kind.by_name[kind.anchor].required
        kind = KINDS[str(kind.by_name[kind.anchor].target)]
    assert kind.located
    assert kind.by_name["grid"].type is Type.GRID


@kinds
def test_titles_are_fields(kind: Kind) -> None:
    assert set(kind.title) <= set(kind.by_name)
    assert kind.title or kind.right


@pytest.mark.parametrize("name", sorted(CARE))
def test_care_registers_are_behind_a_right_and_wholly_sensitive(name: str) -> None:
    kind = KINDS[name]
    assert kind.right == f"records.see_{name}"
    assert kind.anchor == "person"
    assert {item.sensitivity for item in kind.fields} == {Sensitivity.SENSITIVE}
    assert "next_visit_on" in kind.by_name


def test_other_kinds_need_no_right() -> None:
    assert all(KINDS[name].right is None for name in BASE)


@pytest.mark.parametrize(
    "word", ["罪", "刑期", "四史", "三涉", "犯罪", "吸毒", "诊断", "感染", "在控", "脱管"]
)
def test_no_field_serves_the_search_for_suspects(word: str) -> None:
    assert not [item.name for kind in KINDS.values() for item in kind.fields if word in item.label]


def test_only_the_hub_makes_tasks_and_a_worker_fills_their_outcome() -> None:
    assert [name for name, kind in KINDS.items() if not kind.writable] == ["task"]
    own = {item.name for item in KINDS["task"].fields if item.owner is not Owner.HUB}
    assert own == {"accepted_at", "outcome", "outcome_note", "done_at", "materials", "photos", "signature"}


def test_switched_items_are_sensitive_and_never_required() -> None:
    switched = [(kind.name, item) for kind in KINDS.values() for item in kind.fields if item.switched]
    assert {(name, item.name) for name, item in switched} == {
        ("person", "political_status"),
        ("person", "religion"),
    }
    assert all(item.sensitivity is Sensitivity.SENSITIVE and not item.required for _, item in switched)


def test_identity_numbers_are_sensitive() -> None:
    for kind in KINDS.values():
        for item in kind.fields:
            if item.type is Type.CITIZEN or item.name.endswith("document_number"):
                assert item.sensitivity is Sensitivity.SENSITIVE
            elif item.type is Type.PHONE and kind.name != "organisation":
                assert item.sensitivity is not Sensitivity.PUBLIC


@kinds
def test_an_empty_record_is_refused_only_for_what_is_required(kind: Kind) -> None:
    problems = check(kind, {}, {}, by_hub=True).problems
    if kind.required:
        assert {problem.field for problem in problems} == {item.name for item in kind.required}
    assert {problem.code for problem in problems} <= {"required"}
