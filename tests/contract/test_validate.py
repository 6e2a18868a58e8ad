import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from governance.contract import KINDS, CodeBook, CodeItem, Owner, Problem, check, uuid7
from governance.contract.validate import Sound

PERSON = KINDS["person"]
TASK = KINDS["task"]
NUMBER = "11010519491231002X"
OTHER = "42272519900101001" + mod_11_2.calc_check_digit("42272519900101001")


def person(**more: object) -> dict[str, object]:
    return {"household": str(uuid7()), "name": "测试甲", "residence_kind": "1", **more}


def codes(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in problems}


def test_a_good_record_comes_out_normalised(book: CodeBook) -> None:
    checked = check(PERSON, person(name=" 测试甲 ", citizen_number="11010519491231002x", phone=""), book)
    assert checked.problems == []
    assert checked.values["name"] == "测试甲"
    assert checked.values["citizen_number"] == NUMBER
    assert checked.values["phone"] is None


def test_birth_date_and_sex_come_from_the_number(book: CodeBook) -> None:
    checked = check(PERSON, person(citizen_number=NUMBER), book)
    assert (checked.values["birth_date"], checked.values["sex"]) == ("1949-12-31", "2")


def test_a_new_number_renews_what_it_implies(book: CodeBook) -> None:
    current = check(PERSON, person(citizen_number=NUMBER), book).values
    checked = check(PERSON, {"citizen_number": OTHER}, book, current=current)
    assert checked.problems == []
    assert checked.values == {"citizen_number": OTHER, "birth_date": "1990-01-01", "sex": "1"}


def test_without_number_they_are_taken_as_given(book: CodeBook) -> None:
    checked = check(PERSON, person(birth_date="2026-01-02", sex="2"), book)
    assert checked.problems == []
    assert checked.values["birth_date"] == "2026-01-02"


@pytest.mark.parametrize(("name", "value"), [("birth_date", "1949-12-30"), ("sex", "1")])
def test_what_contradicts_the_number_is_refused(book: CodeBook, name: str, value: str) -> None:
    checked = check(PERSON, person(citizen_number=NUMBER, **{name: value}), book)
    assert codes(checked.problems) == {(name, "contradiction")}
    assert "公民身份号码不符" in checked.problems[0].reason


def test_a_later_contradiction_is_refused_too(book: CodeBook) -> None:
    current = check(PERSON, person(citizen_number=NUMBER), book).values
    assert codes(check(PERSON, {"sex": "1"}, book, current=current).problems) == {("sex", "contradiction")}
    emptied = check(PERSON, {"birth_date": None}, book, current=current)
    assert emptied.values == {"birth_date": "1949-12-31"}


def test_required_fields_must_come_and_stay(book: CodeBook) -> None:
    new = check(PERSON, {"phone": "07170000000"}, book)
    assert codes(new.problems) == {(name, "required") for name in ("household", "name", "residence_kind")}
    current = person()
    assert check(PERSON, {"phone": "07170000000"}, book, current=current).problems == []
    assert codes(check(PERSON, {"name": " "}, book, current=current).problems) == {("name", "required")}


def test_a_bad_required_value_is_named_once(book: CodeBook) -> None:
    assert codes(check(PERSON, person(name="张\x00三"), book).problems) == {("name", "control")}


def test_unknown_fields_are_named(book: CodeBook) -> None:
    checked = check(PERSON, person(**{"shoe\x00size\ud800": 43}), book)
    assert [problem.code for problem in checked.problems] == ["unknown_field"]
    json.dumps([problem.as_json() for problem in checked.problems], ensure_ascii=False).encode()
    assert "\x00" not in checked.problems[0].field


def test_all_faults_are_told_at_once(book: CodeBook) -> None:
    offered = person(
        citizen_number="110105194912310021",
        nation="99",
        former_name="长" * 51,
        workplace="a\x07b",
        marital=20,
        arrived_on="2026-02-30",
    )
    assert codes(check(PERSON, offered, book).problems) == {
        ("citizen_number", "check"),
        ("nation", "code"),
        ("former_name", "length"),
        ("workplace", "control"),
        ("marital", "type"),
        ("arrived_on", "date"),
    }


def test_reasons_name_the_field_in_chinese(book: CodeBook) -> None:
    (problem,) = check(PERSON, person(nation="99"), book).problems
    assert problem.reason == "民族：代码“99”不在代码表中"


def test_retired_codes_are_not_taken_anew(book: CodeBook) -> None:
    event = {"category": "0604", "description": "测试"}
    (problem,) = check(KINDS["event"], event, book).problems
    assert (problem.field, problem.code) == ("category", "code")
    assert "已停用" in problem.reason
    current = {**event, "event_class": "06", "state": "reported"}
    assert check(KINDS["event"], {"title": "旧事"}, book, current=current).problems == []


def test_retired_codes_that_a_list_holds_may_stay_beside_new_ones() -> None:
    """Whoever adds one need not throw away what was true when it was told."""
    care = KINDS["care_hardship"]
    items = {code: CodeItem(code, code, retired=code == "02") for code in ("01", "02", "03")}
    small = {"help_source": items}

    def told(codes: object, held: object) -> object:
        checked = check(care, {"help_sources": codes}, small, current={"help_sources": held})
        reasons = [problem.reason for problem in checked.problems if problem.field == "help_sources"]
        return reasons or checked.values["help_sources"]

    assert told(["03", "02", "01"], ["01", "02"]) == ["01", "02", "03"]
    assert told(["02"], ["01", "02"]) == ["02"]
    assert told(["02", "99"], ["02"]) == ["帮扶部门：代码“99”不在代码表中"]
    assert told(["02", ["01"]], ["02"]) == ["帮扶部门：应为代码文字"]
    assert told(["01", "02"], ["01"]) == ["帮扶部门：代码“02”（02）已停用"]
    assert told(["02"], None) == ["帮扶部门：代码“02”（02）已停用"]
    assert told("02", ["02"]) == ["帮扶部门：应为代码数组"]


def test_switched_fields_are_off_until_the_city_turns_them_on(book: CodeBook) -> None:
    offered = person(religion="00")
    assert codes(check(PERSON, offered, book).problems) == {("religion", "switched_off")}
    assert codes(check(PERSON, offered, book, by_hub=True).problems) == {("religion", "switched_off")}
    assert check(PERSON, offered, book, switched_on={"person.religion"}).problems == []


def test_the_hubs_own_fields_are_set_by_the_hub_only(book: CodeBook) -> None:
    assert codes(check(PERSON, person(duplicate=True), book).problems) == {("duplicate", "owner")}
    assert check(PERSON, person(duplicate=True), book, by_hub=True).problems == []


@pytest.mark.parametrize("name", [item.name for item in TASK.fields if item.owner is Owner.HUB])
def test_a_worker_cannot_change_what_a_task_asks(book: CodeBook, name: str) -> None:
    current = {"item": "elder_card", "title": "代办老年优待证", "state": "open"}
    assert codes(check(TASK, {name: None}, book, current=current).problems) >= {(name, "owner")}


def test_an_old_fault_of_the_record_does_not_hinder_a_change(book: CodeBook) -> None:
    current = person(arrived_on="2026-02-01", leaves_on="2026-01-01")
    assert check(PERSON, {"phone": "07170000000"}, book, current=current).problems == []
    both = check(PERSON, {"closed_on": "2026-03-01"}, book, current=current).problems
    assert codes(both) == {("closed_reason", "required")}


def test_nothing_offered_changes_nothing(book: CodeBook) -> None:
    current = check(PERSON, person(citizen_number=NUMBER), book).values
    checked = check(PERSON, {}, book, current=current)
    assert (checked.values, checked.problems) == ({}, [])


_OFFERS = st.dictionaries(
    st.sampled_from(
        ["name", "phone", "sex", "veteran", "birth_date", "note", "religion", "duplicate", "shoe"]
    ),
    st.sampled_from(["1", 1, 1.0, True, False, "", None, " 1 ", "测试甲", "\x00", "1980-05-06", ["1"], {}]),
)


@settings(deadline=None)
@given(st.lists(_OFFERS, max_size=8), st.booleans())
def test_what_was_found_sound_changes_no_verdict(
    book: CodeBook, offers: list[dict[str, object]], by_hub: bool
) -> None:
    sound: Sound = set()
    for offered in [person(**offer) for offer in offers]:
        alone = check(PERSON, offered, book, by_hub=by_hub)
        among = check(PERSON, offered, book, by_hub=by_hub, sound=sound)
        assert (repr(list(among.values.items())), among.problems) == (
            repr(list(alone.values.items())),
            alone.problems,
        )
    assert all(check(PERSON, person(**dict([item])), book).values[item[0]] == item[1] for item in sound)
