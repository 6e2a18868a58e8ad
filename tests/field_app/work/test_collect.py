"""Forms from the contract: what is asked, what is held, what is refused, what goes out."""

import pytest

from field_app.store.state import RecordState
from field_app.work.errors import NotFound, Refused
from field_app.work.forms import Form, FormField
from governance.contract import KINDS, Type
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import GRID, NEXT, FakeHub
from tests.field_app.town import Town, citizen_number


def line(form: Form, name: str) -> FormField:
    return next(field for field in form.fields if field.name == name)


def names(form: Form) -> set[str]:
    return {field.name for field in form.fields}


def refused(tablet: Tablet, kind: str, **values: object) -> dict[str, str]:
    """Give the problems of a save: field → code."""
    with pytest.raises(Refused) as caught:
        tablet.save(kind, **values)
    assert all(problem.reason for problem in caught.value.problems)
    return {problem.field: problem.code for problem in caught.value.problems}


def test_every_kind_that_may_be_collected_has_a_form(tablet: Tablet, town: Town) -> None:
    parents = {
        "building": town.building,
        "room": town.room,
        "household": town.household,
        "person": town.person,
    }
    choices = tablet.desk.collect.kinds()
    by_form = {kind for kind in KINDS if KINDS[kind].writable} - {"case"}  # that one goes step by step
    assert {choice.kind for choice in choices} == by_form
    for choice in choices:
        form = tablet.desk.collect.form(choice.kind, parent=parents.get(choice.under))
        assert form.title == f"新增{choice.label}"
        assert len(form.fields) > 2


def test_kinds_under_a_record_are_those_that_hang_on_it(tablet: Tablet, town: Town) -> None:
    below = {choice.kind for choice in tablet.desk.collect.kinds(under=town.household)}
    assert below == {"person", "visit", "paper"}
    assert [choice.kind for choice in tablet.desk.collect.kinds(under=town.room)] == ["household"]


def test_kinds_without_a_right_are_not_offered(tablet: Tablet, town: Town) -> None:
    with tablet.session._store.write() as unit:
        unit.put_meta("kinds", ["person"])
    assert [choice.kind for choice in tablet.desk.collect.kinds()] == ["person"]
    with pytest.raises(Refused, match="无权"):
        tablet.desk.collect.form("care_mental", parent=town.person)


def test_tasks_are_not_made_on_a_tablet(tablet: Tablet) -> None:
    with pytest.raises(Refused, match="平台下达"):
        tablet.desk.collect.form("task")


def test_place_end_hub_fields_and_switched_off_fields_are_never_asked(tablet: Tablet, town: Town) -> None:
    person = tablet.desk.collect.form("person", parent=town.household)
    assert not {"religion", "political_status", "duplicate", "closed_on", "closed_reason"} & names(person)
    event = tablet.desk.collect.form("event")
    assert not {"lon", "lat", "crs", "accuracy", "grid", "state"} & names(event)
    assert event.located


def test_a_city_may_switch_a_field_on(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    assert refused(tablet, "person", id=town.person, religion="00") == {"religion": "switched_off"}
    hub.add("switch", {"field": "person.religion", "on": True}, grid="420500")
    tablet.session.sync()
    assert "religion" in names(tablet.desk.collect.form("person", id=town.person))
    assert tablet.save("person", id=town.person, religion="00").state is RecordState.HERE


def test_held_values_are_filled_in_and_only_changes_go_out(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", id=town.person)
    assert (form.title, form.where) == ("修改人员", "明珠花园 3栋 › 1单元 502 › 王**户")
    assert (line(form, "phone").value, line(form, "nation").text) == ("10002345678", "土家族")
    assert not form.changed
    form.put("phone", "10002345678")
    assert not form.changed
    form.put_text("phone", " 100 0300 1111 ")
    assert form.changed
    tablet.desk.collect.save(form)
    (entry,) = tablet.session._store.memory.entries.values()
    assert dict(entry.set) == {"phone": "10003001111"}


def test_an_emptied_field_is_gone_and_the_hub_is_told(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", id=town.person)
    form.put_text("phone", "")
    tablet.desk.collect.save(form)
    (entry,) = tablet.session._store.memory.entries.values()
    assert dict(entry.set) == {"phone": None}
    assert "phone" not in tablet.desk.records.view(town.person).values


def test_birth_date_and_sex_follow_from_the_number_and_are_not_asked(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", parent=town.household)
    assert not line(form, "birth_date").read_only
    form.put_text("citizen_number", citizen_number(birth="19991231", sequence=17))
    birth, sex = line(form, "birth_date"), line(form, "sex")
    assert (birth.read_only, birth.value, sex.read_only, sex.value) == (True, "1999-12-31", True, "1")
    form.put("name", "赵敏")
    tablet.desk.collect.save(form)
    (entry,) = tablet.session._store.memory.entries.values()
    assert not {"birth_date", "sex"} & set(entry.set)


def test_a_newborn_takes_over_what_the_household_shares(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", parent=town.household)
    shared = {name: line(form, name).value for name in ("residence_kind", "nation", "registered_address")}
    assert shared == {"residence_kind": "1", "nation": "15", "registered_address": "珍珠路18号"}
    assert line(form, "household").read_only
    form.put("name", "王新宝")
    form.put_text("birth_date", "2026年11月20日")
    saved = tablet.desk.collect.save(form)
    assert tablet.desk.records.view(saved.id).values["nation"] == "15"


def test_what_members_do_not_share_is_asked(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    hub.edit(town.child, nation="01")
    tablet.session.sync()
    form = tablet.desk.collect.form("person", parent=town.household)
    assert line(form, "nation").value is None
    assert line(form, "residence_kind").value == "1"


BAD = [
    ({"citizen_number": "420502198503150128"}, "citizen_number", "check"),
    ({"citizen_number": citizen_number(), "birth_date": "1999-01-01"}, "birth_date", "contradiction"),
    ({"nation": "88"}, "nation", "code"),
    ({"name": "长" * 51}, "name", "length"),
    ({"name": "王\u0007"}, "name", "control"),
    ({"name": 5}, "name", "type"),
    ({"name": None}, "name", "required"),
    ({"birth_date": "2026-02-30"}, "birth_date", "date"),
    ({"phone": "call me"}, "phone", "format"),
    ({"colour": "blue"}, "colour", "unknown_field"),
    ({"duplicate": True}, "duplicate", "owner"),
    ({"household": "01890000-0000-7000-8000-000000000000"}, "household", "reference"),
    ({"household": "not an id"}, "household", "type"),
]


@pytest.mark.parametrize(("values", "field", "code"), BAD)
def test_bad_input_is_refused_by_field_and_stores_nothing(
    tablet: Tablet, town: Town, values: dict[str, object], field: str, code: str
) -> None:
    whole = {"household": town.household, "name": "赵敏", "residence_kind": "1", **values}
    revision = tablet.session.revision
    assert refused(tablet, "person", **whole).get(field) == code
    assert tablet.session.revision == revision
    assert tablet.desk.outbox.counts().unsent == 0


def test_problems_stand_in_the_lines_of_the_form(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", parent=town.household)
    form.put_text("phone", "abc")
    assert {problem.field for problem in form.check()} == {"name", "phone"}
    assert "数字" in line(form, "phone").problem
    assert line(form, "name").problem == "姓名：必填"
    form.put("name", "赵敏")
    form.put_text("phone", "")
    assert form.check() == ()
    assert line(form, "phone").problem == ""


def test_a_reference_must_be_of_the_right_kind_and_open(tablet: Tablet, town: Town) -> None:
    assert refused(tablet, "household", room=town.building) == {"room": "reference"}
    tablet.desk.records.close(town.child, reason="01")
    assert refused(tablet, "visit", household=town.household, person=town.child, purpose="01") == {
        "person": "closed"
    }


def test_a_point_must_lie_in_the_workers_grids(tablet: Tablet) -> None:
    far = {"category": "0101", "description": "路灯不亮", "lon": 111.295, "lat": 30.695}
    assert refused(tablet, "event", **far) == {"lon": "scope"}
    assert refused(tablet, "event", category="0101", description="路灯不亮", grid=NEXT) == {"grid": "scope"}


def test_without_a_point_the_workers_own_grid_is_taken_and_a_point_replaces_it(
    tablet: Tablet, hub: FakeHub
) -> None:
    form = tablet.desk.collect.form("event")
    form.put("category", "0101")
    form.put("description", "路灯不亮")
    assert (form.place_text, form.values["grid"]) == ("", GRID)
    form.place(111.2812345678, 30.6912, accuracy=8.4, crs="4326")
    assert form.place_text == "30.691200, 111.281235 ±8米 · 第001网格"
    saved = tablet.desk.collect.save(
        form, position={"lon": 111.28, "lat": 30.69, "accuracy": 5, "crs": "4326"}
    )
    (entry,) = tablet.session._store.memory.entries.values()
    assert "grid" not in entry.set
    assert (entry.set["lon"], entry.set["crs"]) == (111.2812346, "4326")
    assert dict(tablet.session.sync().pushed) == {"created": 1}
    assert hub.records[saved.id].grid == GRID
    assert line(tablet.desk.collect.form("event", id=saved.id), "occurred_at").value


def test_a_closed_record_is_not_edited_but_may_be_opened_again(tablet: Tablet, town: Town) -> None:
    tablet.desk.records.close(town.child, reason="01", on="2026-11-01")
    assert refused(tablet, "person", id=town.child, phone="10003001111") == {"closed_on": "closed"}
    assert tablet.save("person", id=town.child, closed_on=None, closed_reason=None).change == ""


def test_the_same_citizen_number_is_remarked_and_kept(tablet: Tablet, town: Town) -> None:
    saved = tablet.save(
        "person", parent=town.household, name="王健国", citizen_number=citizen_number(), residence_kind="1"
    )
    assert len(saved.remarks) == 1
    assert saved.state is RecordState.HERE


def test_a_draft_outlives_a_restart_and_goes_with_the_save(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", parent=town.household)
    form.put("name", "赵敏")
    tablet.desk.collect.keep(form)
    revision = tablet.session.revision
    tablet.desk.collect.keep(form)
    assert tablet.session.revision == revision
    tablet.restart()
    (row,) = tablet.desk.collect.drafts()
    assert (row.title, row.kind) == ("新增人员", "person")
    again = tablet.desk.collect.resume(row.draft)
    assert (again.id, again.values["name"], again.new) == (form.id, "赵敏", True)
    saved = tablet.desk.collect.save(again)
    assert saved.id == form.id
    assert tablet.desk.collect.drafts() == ()


def test_half_a_character_that_a_keyboard_left_does_not_cost_the_draft(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", id=town.person)
    form.put_text("note", "写了一半\ud83d")
    tablet.desk.collect.keep(form)
    (draft,) = tablet.restart().desk.collect.drafts()
    kept = tablet.desk.collect.resume(draft.draft)
    assert kept.values["note"] == "写了一半\ud83d"
    with pytest.raises(Refused, match="控制字符"):
        tablet.desk.collect.save(kept)


def test_drafts_of_held_records_and_dropping_them(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("person", id=town.person)
    tablet.desk.collect.keep(form)
    assert tablet.desk.collect.drafts() == ()
    form.put("phone", "10003001111")
    tablet.desk.collect.keep(form)
    (row,) = tablet.desk.collect.drafts()
    assert row.title == "修改人员：王**"
    tablet.desk.collect.drop(row.draft)
    with pytest.raises(NotFound):
        tablet.desk.collect.resume(row.draft)


def test_before_the_first_sync_codes_are_said_to_be_missing(tablet: Tablet, town: Town) -> None:
    with tablet.session._store.write() as unit:
        for view in tablet.desk.records.views("codelist"):
            unit.drop_held(view.id)
    with pytest.raises(Refused, match="还没有代码表"):
        tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")


def test_a_parent_of_the_wrong_kind_or_an_unknown_record_is_refused(tablet: Tablet, town: Town) -> None:
    with pytest.raises(Refused, match="不能建在"):
        tablet.desk.collect.form("room", parent=town.person)
    with pytest.raises(NotFound):
        tablet.desk.collect.form("person", id="01890000-0000-7000-8000-000000000000")
    with pytest.raises(Refused, match="种类"):
        tablet.desk.collect.form("person", id=town.room)


def test_a_visit_made_from_a_person_knows_the_household(tablet: Tablet, town: Town) -> None:
    form = tablet.desk.collect.form("visit", parent=town.person)
    assert (form.values["household"], form.values["person"]) == (town.household, town.person)
    assert {choice.label for choice in line(form, "person").choices} == {"王**"}
    assert line(form, "purpose").type is Type.CODE
    assert line(form, "purpose").choices
