"""What becomes of changes: the closed set of statuses, merging, review, replay."""

from dataclasses import replace

import pytest
from django.db import connection

from governance.access.actor import Actor
from governance.contract import Owner, uuid7
from governance.feed.models import Entry, Head
from governance.records.models import Contested, History, Inbox, Person
from tests import factories
from tests.factories import apply, change, person


def test_a_batch_may_refer_to_records_made_earlier_in_it(worker: Actor) -> None:
    home = factories.home(worker)
    held = Person.objects.get(pk=person(worker, home["household"], citizen_number="11010519491231002X"))
    assert held.grid == factories.GRID
    assert str(held.birth_date) == "1949-12-31"
    assert held.sex == "2"


def test_what_the_number_says_need_not_be_typed_and_may_not_be_contradicted(
    worker: Actor, home: dict[str, str]
) -> None:
    wrong = change(
        "person",
        household=home["household"],
        name="王示例",
        residence_kind="1",
        citizen_number="11010519491231002X",
        birth_date="1950-01-01",
    )
    (result,) = apply(worker, wrong)
    assert result.status == "rejected"
    assert [(p.field, p.code) for p in result.errors] == [("birth_date", "contradiction")]


def test_a_repeated_change_gets_its_stored_answer_and_is_not_applied_again(
    worker: Actor, home: dict[str, str]
) -> None:
    made = change("person", household=home["household"], name="王示例", residence_kind="1")
    edit = change("person", made.id, base=1, phone="10001234567")
    first = apply(worker, made, edit)
    again = apply(worker, made, edit)
    assert [(r.status, r.version) for r in again] == [(r.status, r.version) for r in first]
    assert Person.objects.get(pk=made.id).version == 2
    assert History.objects.filter(record=made.id).count() == 2


def test_each_change_of_a_batch_has_its_own_history(worker: Actor, home: dict[str, str]) -> None:
    made = change("person", household=home["household"], name="王示例", residence_kind="1")
    edit = change("person", made.id, base=1, name="王小明", phone="10001234567")
    apply(worker, made, edit)
    first, second = History.objects.filter(record=made.id).order_by("version")
    assert (first.set["name"], "phone" in first.set) == ("王示例", False)
    assert (second.set, second.before["name"]) == ({"name": "王小明", "phone": "10001234567"}, "王示例")


def test_the_same_change_twice_in_one_batch_counts_once(worker: Actor, home: dict[str, str]) -> None:
    made = change("person", household=home["household"], name="王示例", residence_kind="1")
    first, second = apply(worker, made, made)
    assert first.status == second.status == "created"
    assert History.objects.filter(record=made.id).count() == 1


def test_a_stale_edit_of_other_fields_is_merged(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    other = factories.tablet(factories.worker("second"), "second")
    assert apply(worker, change("person", id_, base=1, phone="10001234567"))[0].status == "updated"
    (result,) = apply(other, change("person", id_, base=1, occupation="教师"))
    assert result.status == "merged"
    assert result.record is not None
    assert result.record["phone"] == "10001234567"
    assert result.record["occupation"] == "教师"


def test_a_true_clash_goes_to_review_and_the_rest_is_applied(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    other = factories.tablet(factories.worker("second"), "second")
    apply(worker, change("person", id_, base=1, phone="10001234567"))
    (result,) = apply(other, change("person", id_, base=1, phone="10007654321", occupation="教师"))
    assert result.status == "contested"
    assert [(p.field, p.code) for p in result.errors] == [("phone", "clash")]
    held = Person.objects.get(pk=id_)
    assert (held.phone, held.occupation) == ("10001234567", "教师")
    review = Contested.objects.get()
    assert (review.field, review.offered, review.held) == ("phone", "10007654321", "10001234567")


def test_ones_own_earlier_edit_is_no_clash(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    apply(worker, change("person", id_, base=1, phone="10001234567"))
    (result,) = apply(worker, change("person", id_, base=1, phone="10007654321"))
    assert result.status == "merged"
    assert Person.objects.get(pk=id_).phone == "10007654321"


def test_the_owning_departments_value_is_not_overwritten(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    police = replace(factories.hub_in(), source=Owner.POLICE.value)
    apply(police, change("person", id_, base=1, name="王示样"))
    (result,) = apply(worker, change("person", id_, base=2, name="王样例", phone="10001234567"))
    assert [(p.field, p.code) for p in result.errors] == [("name", "source")]
    held = Person.objects.get(pk=id_)
    assert (held.name, held.phone) == ("王示样", "10001234567")


def test_a_change_that_says_what_is_held_is_identical(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    (result,) = apply(worker, change("person", id_, base=1, name="王示例"))
    assert (result.status, result.version) == ("identical", 1)
    assert Head.objects.get(grid=factories.GRID).seq == 4


@pytest.mark.parametrize(
    ("kind", "base", "values", "code"),
    [
        (
            "person",
            None,
            {"name": "王", "residence_kind": "1", "citizen_number": "110105194912310021"},
            "check",
        ),
        ("person", None, {"name": "王", "residence_kind": "9"}, "code"),
        ("person", None, {"name": "王" * 51, "residence_kind": "1"}, "length"),
        ("person", None, {"name": "王\x07", "residence_kind": "1"}, "control"),
        ("person", None, {"name": 7, "residence_kind": "1"}, "type"),
        ("person", None, {"name": "王", "residence_kind": "1", "shoe_size": "42"}, "unknown_field"),
        ("person", None, {"residence_kind": "1"}, "required"),
        ("person", None, {"name": "王", "residence_kind": "1", "religion": "00"}, "switched_off"),
        ("person", None, {"name": "王", "residence_kind": "1", "duplicate": True}, "owner"),
        ("person", 1, {"name": "王"}, "missing"),
        ("dragon", None, {}, "unknown_kind"),
        ("task", None, {"title": "任务"}, "right"),
    ],
)
def test_bad_input_is_refused_by_field_and_reason_and_kept(
    worker: Actor, home: dict[str, str], kind: str, base: int | None, values: dict[str, object], code: str
) -> None:
    if kind == "person":
        values = {"household": home["household"], **values}
    bad = change(kind, base=base, **values)
    good = change("person", household=home["household"], name="李示例", residence_kind="1")
    refused, stored = apply(worker, bad, good)
    assert refused.status == "rejected"
    assert code in {problem.code for problem in refused.errors}
    assert all(problem.reason for problem in refused.errors)
    assert stored.status == "created"
    kept = Inbox.objects.get(change=bad.change)
    assert kept.offered == bad.set
    assert apply(worker, bad)[0].errors == refused.errors


def test_a_reference_to_nothing_is_refused(worker: Actor, home: dict[str, str]) -> None:
    (result,) = apply(worker, change("person", household=str(uuid7()), name="王", residence_kind="1"))
    assert [(p.field, p.code) for p in result.errors] == [("household", "reference")]


@pytest.mark.parametrize("end", ["closed", "withdrawn"])
def test_a_reference_to_what_has_ended_is_refused_as_closed(
    worker: Actor, home: dict[str, str], end: str
) -> None:
    reason = factories.close_reason("household")
    values = {} if end == "withdrawn" else {"closed_on": "2026-01-31", "closed_reason": reason}
    ending = change("household", home["household"], base=1, **values)
    ending.delete = end == "withdrawn"
    assert apply(worker, ending)[0].status == "updated"
    (result,) = apply(worker, change("person", household=home["household"], name="王", residence_kind="1"))
    assert [(p.field, p.code) for p in result.errors] == [("household", "closed")]


def test_a_base_from_the_future_is_refused(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    (result,) = apply(worker, change("person", id_, base=9, phone="10001234567"))
    assert [p.code for p in result.errors] == ["base_future"]


def test_a_point_outside_city_or_grid_is_refused(worker: Actor) -> None:
    sea = change("building", name="楼", address="路", lon=120.0, lat=25.0, crs="4490")
    beside = change("building", name="楼", address="路", lon=factories.EAST + 0.005, lat=30.695, crs="4490")
    for result in apply(worker, sea, beside):
        assert (result.status, result.errors[0].field, result.errors[0].code) == ("rejected", "lon", "scope")


def test_a_point_in_gcj02_is_turned_and_its_source_kept(worker: Actor) -> None:
    made = change("building", name="楼", address="路", lon=111.2905, lat=30.6926, crs="GCJ02")
    (result,) = apply(worker, made)
    assert result.status == "created"
    held = factories.model("building").objects.get(pk=made.id)
    assert held.crs == "GCJ02"
    assert 0.0052 < 111.2905 - held.lon < 0.0059


def test_another_workers_grid_is_closed_to_reading_references_and_writing(worker: Actor) -> None:
    neighbour = factories.tablet(factories.worker("second", factories.NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    edit, child = apply(
        worker,
        change("household", theirs["household"], base=1, head_name="我的"),
        change("person", household=theirs["household"], name="王", residence_kind="1"),
    )
    assert edit.errors[0].code == "scope"
    assert child.errors[0].code == "scope"


def test_care_registers_need_their_right(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    without = replace(worker, rights=frozenset())
    (result,) = apply(without, change("care_mental", person=id_))
    assert [p.code for p in result.errors] == ["right"]


def test_two_with_one_number_are_both_kept_and_flagged(worker: Actor, home: dict[str, str]) -> None:
    first = person(worker, home["household"], citizen_number="11010519491231002X")
    made = change(
        "person",
        household=home["household"],
        name="李示例",
        residence_kind="1",
        citizen_number="11010519491231002X",
    )
    (result,) = apply(worker, made)
    assert (result.status, result.errors[0].code) == ("created", "duplicate")
    assert Person.objects.get(pk=made.id).duplicate
    assert Person.objects.filter(citizen_number="11010519491231002X").count() == 2
    assert Person.objects.get(pk=first).name == "王示例"


def test_a_household_with_people_cannot_be_closed(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    close = {"closed_on": "2026-11-22", "closed_reason": factories.close_reason("household")}
    (refused,) = apply(worker, change("household", home["household"], base=1, **close))
    assert refused.errors[0].code == "state"
    left = {"closed_on": "2026-11-22", "closed_reason": factories.close_reason("person")}
    results = apply(
        worker, change("person", id_, base=1, **left), change("household", home["household"], base=1, **close)
    )
    assert [result.status for result in results] == ["updated", "updated"]


def test_a_record_made_by_mistake_is_withdrawn_and_told(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    mistake = change("person", id_, base=1)
    mistake.delete = True
    assert apply(worker, mistake)[0].status == "updated"
    assert Entry.objects.get(record=id_).gone == "deleted"
    (late,) = apply(worker, change("person", id_, base=1, phone="10001234567"))
    assert late.errors[0].code == "closed"


def test_a_household_that_moves_takes_its_people_along(home: dict[str, str], worker: Actor) -> None:
    id_ = person(worker, home["household"])
    care = change("care_hardship", person=id_, category="01")
    assert apply(worker, care)[0].status == "created"
    task = change(
        "task", item="走访", title="走访", household=home["household"], state="open", grid=factories.GRID
    )
    assert apply(factories.hub_in(), task)[0].status == "created"
    neighbour = factories.tablet(factories.worker("second", factories.NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    move = change("household", home["household"], base=1, room=theirs["room"])
    assert apply(worker, move)[0].errors[0].code == "scope"
    both = factories.hub_in(factories.GRID, factories.NEXT)
    move = change("household", home["household"], base=1, room=theirs["room"])
    assert apply(both, move)[0].status == "updated"
    carried = {"person": id_, "care_hardship": str(care.id), "task": str(task.id)}
    for kind, moved in (("household", home["household"]), *carried.items()):
        assert factories.model(kind).objects.get(pk=moved).grid == factories.NEXT
        told = dict(Entry.objects.filter(record=moved).values_list("grid", "gone"))
        assert told == {factories.GRID: "moved", factories.NEXT: ""}


def test_a_writer_for_the_whole_city_needs_no_list_of_grids(home: dict[str, str], worker: Actor) -> None:
    id_ = person(worker, home["household"])
    staff = replace(
        factories.hub_in(), scope=factories.everywhere(), by_hub=False, user_id=99, source="worker"
    )
    (result,) = apply(staff, change("person", id_, base=1, phone="10001234567"))
    assert result.status == "updated"


def test_a_push_of_new_people_costs_a_fixed_number_of_statements(
    worker: Actor, home: dict[str, str], django_assert_num_queries: object
) -> None:
    def batch(size: int) -> list[object]:
        return [
            change(
                "person",
                household=home["household"],
                name=f"王示{n}",
                residence_kind="1",
                phone="10001234567",
            )
            for n in range(size)
        ]

    apply(worker, *batch(1))
    statements = 7 if connection.vendor == "postgresql" else 12
    with django_assert_num_queries(statements):  # type: ignore[operator]
        apply(worker, *batch(5))
    with django_assert_num_queries(statements):  # type: ignore[operator]
        apply(worker, *batch(50))


def test_a_task_that_lies_elsewhere_follows_its_household_too(home: dict[str, str], worker: Actor) -> None:
    third = factories.grid(f"{factories.GRID[:-3]}003", shift=5).code
    task = change("task", item="走访", title="走访", household=home["household"], state="open", grid=third)
    assert apply(factories.hub_in(factories.GRID, third), task)[0].status == "created"
    both = factories.hub_in(factories.GRID, factories.NEXT)
    theirs = factories.home(both, lon=factories.EAST + 0.005)
    (result,) = apply(both, change("household", home["household"], base=1, room=theirs["room"]))
    assert result.status == "updated"
    told = dict(Entry.objects.filter(record=task.id).values_list("grid", "gone"))
    assert told == {third: "moved", factories.NEXT: ""}
