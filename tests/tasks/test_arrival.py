"""What arrives with other records settles the tasks of those it concerns; what was done is asked once."""

from typing import Any

import pytest

from governance.access.actor import Actor
from governance.rules.models import Rule, RuleVersion
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.tasks.conftest import DAY

NUMBER = "420502193801010017"
ALONE: dict[str, Any] = {
    "subject": "person",
    "title": "探访",
    "item": "探访关爱",
    "text": "看望老人。",
    "moment": {
        "op": "since",
        "relation": "visit.person",
        "field": "visited_at",
        "after": 7,
        "start": "2026-01-01",
    },
    "who": {
        "op": "all",
        "of": [
            {"op": "age", "least": 80},
            {"op": "count", "relation": "person.household", "base": "household", "least": 1, "most": 1},
        ],
    },
    "window": {"due": {"n": 3}},
}


def only(code: str, content: dict[str, Any]) -> None:
    """Let one rule hold and no other."""
    Rule.objects.update(enabled=False)
    rule = Rule.objects.create(code=code, name="规则")
    RuleVersion.objects.create(
        rule=rule,
        number=1,
        state="active",
        content=content,
        valid_from="2026-01-01",
        made_at="2026-01-01T00:00:00Z",
    )


def set_(actor: Actor, kind: str, id_: str, **values: Any) -> None:
    base = factories.model(kind).objects.get(pk=id_).version
    (result,) = apply(actor, change(kind, id_, base=base, **values))
    assert result.status in ("updated", "merged"), result


@pytest.fixture
def alone(worker: Actor, home: dict[str, str]) -> str:
    """Someone of 85 who lives alone and was never visited, with the task that follows."""
    only("alone", ALONE)
    id_ = factories.person(worker, home["household"], birth_date="1941-05-01")
    grid_follow(GRID)
    assert Task.objects.get().occasion == f"alone:{id_}:20260101"
    return id_


def test_a_visit_ends_the_task_and_the_next_comes_when_its_time_is_up(
    worker: Actor, home: dict[str, str], alone: str
) -> None:
    visit = change(
        "visit",
        household=home["household"],
        person=alone,
        purpose=factories.codes_of("visit_purpose")[0],
        visited_at="2026-11-15T01:00:00Z",
    )
    assert apply(worker, visit)[0].status == "created"
    grid_follow(GRID)
    states = dict(Task.objects.values_list("occasion", "state"))
    assert states == {f"alone:{alone}:20260101": "withdrawn", f"alone:{alone}:20261115": "open"}


def test_who_moves_in_ends_the_task_of_one_who_lived_alone(
    worker: Actor, home: dict[str, str], alone: str
) -> None:
    second = factories.person(worker, home["household"], birth_date="1980-05-01")
    grid_follow(GRID)
    assert Task.objects.get().state == "withdrawn"
    set_(worker, "person", second, closed_on=DAY.isoformat(), closed_reason="02")
    grid_follow(GRID)
    assert Task.objects.get().state == "open"


def test_what_is_put_in_force_a_moment_before_is_asked_of_what_arrives_next(
    worker: Actor, home: dict[str, str]
) -> None:
    content = {**ALONE, "moment": {"op": "standing"}, "who": {"op": "present", "field": "phone"}}
    only("first", {**content, "subject": "organisation", "who": {"op": "present", "field": "name"}})
    factories.person(worker, home["household"], phone="10001234567")
    assert grid_follow(GRID)
    assert not Task.objects.exists()
    only("second", content)
    born = [factories.person(worker, home["household"], phone="10001234567")]
    assert grid_follow(GRID) == 2
    assert {task.subject for task in Task.objects.all()} == set(born)
    RuleVersion.objects.filter(rule="second").update(
        content={**content, "who": {"op": "code", "field": "residence_kind", "codes": ["1"]}}
    )
    born.append(factories.person(worker, home["household"]))
    assert grid_follow(GRID) == 2
    assert {task.subject for task in Task.objects.all()} == set(born)


def test_a_standing_rule_keeps_its_first_days_and_closes_when_settled(
    worker: Actor, home: dict[str, str]
) -> None:
    content = {
        **ALONE,
        "moment": {"op": "standing"},
        "who": {"op": "code", "field": "residence_kind", "codes": ["1"]},
        "settled": {"op": "present", "field": "phone"},
        "window": {"due": {"n": 10}},
    }
    only("no_phone", content)
    id_ = factories.person(worker, home["household"])
    grid_follow(GRID)
    task = Task.objects.get()
    assert (task.occasion, task.opens_on) == (f"no_phone:{id_}:1", DAY)
    assert day_run(DAY.replace(day=25)) == 0
    assert Task.objects.get().due_on == task.due_on
    set_(worker, "person", id_, phone="10001234567")
    grid_follow(GRID)
    assert Task.objects.get().state == "withdrawn"


def test_what_was_done_before_two_records_were_known_for_one_is_not_asked_again(
    worker: Actor, home: dict[str, str]
) -> None:
    moment = {"op": "milestone", "field": "birth_date", "at": [89]}
    window = {"opens": {"n": -360}, "due": {"n": 0}, "expires": {"n": 360}}
    only("turns_89", {**ALONE, "moment": moment, "who": {"op": "all"}, "window": window})
    first = factories.person(worker, home["household"], citizen_number=NUMBER)
    second = factories.person(worker, home["household"], birth_date="1938-01-01")
    grid_follow(GRID)
    done = Task.objects.get(subject=first)
    set_(worker, "task", str(done.pk), outcome="done", done_at="2026-11-22T02:00:00Z")
    set_(worker, "person", second, citizen_number=NUMBER)
    grid_follow(GRID)
    assert Task.objects.get(subject=second).state == "withdrawn"
    set_(worker, "person", first, closed_on=DAY.isoformat(), closed_reason="90")
    grid_follow(GRID)
    assert day_run(DAY) == 0
    assert Task.objects.get(subject=second).state == "withdrawn"
    elsewhere = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    moved = change("person", second, base=2, household=elsewhere["household"])
    assert apply(factories.hub_in(GRID, NEXT), moved)[0].status in ("updated", "merged")
    grid_follow(GRID)
    grid_follow(NEXT)
    day_run(DAY)
    assert Task.objects.get(subject=second).grid == NEXT


def test_what_was_done_for_the_closed_one_of_two_records_is_taken_back_from_the_other(
    worker: Actor, home: dict[str, str]
) -> None:
    moment = {"op": "milestone", "field": "birth_date", "at": [89]}
    window = {"opens": {"n": -360}, "due": {"n": 0}, "expires": {"n": 360}}
    only("turns_89", {**ALONE, "moment": moment, "who": {"op": "all"}, "window": window})
    first = factories.person(worker, home["household"], citizen_number=NUMBER)
    second = factories.person(worker, home["household"], birth_date="1938-01-01")
    grid_follow(GRID)
    done = Task.objects.get(subject=second)
    set_(worker, "task", str(done.pk), outcome="done", done_at="2026-11-22T02:00:00Z")
    set_(worker, "person", second, citizen_number=NUMBER)
    grid_follow(GRID)
    assert Task.objects.get(subject=first).state == "open"
    set_(worker, "person", second, closed_on=DAY.isoformat(), closed_reason="90")
    grid_follow(GRID)
    task = Task.objects.get(subject=first)
    assert (task.state, task.note) == ("withdrawn", "同一对象的另一条登记已办结此事")
    assert day_run(DAY) == 0
    assert Task.objects.get(subject=first).state == "withdrawn"


def test_what_was_done_for_one_record_is_not_asked_of_its_twin(worker: Actor, home: dict[str, str]) -> None:
    content = {
        **ALONE,
        "moment": {"op": "milestone", "field": "birth_date", "at": [89]},
        "who": {"op": "all"},
        "window": {"opens": {"n": -360}, "due": {"n": 0}, "expires": {"n": 360}},
    }
    only("turns_89", content)
    first = factories.person(worker, home["household"], citizen_number=NUMBER)
    grid_follow(GRID)
    set_(worker, "task", str(Task.objects.get().pk), outcome="done", done_at="2026-11-22T02:00:00Z")
    second = factories.person(worker, home["household"], citizen_number=NUMBER)
    grid_follow(GRID)
    set_(worker, "person", first, closed_on=DAY.isoformat(), closed_reason="90")
    grid_follow(GRID)
    assert day_run(DAY) == 0
    assert [task.subject for task in Task.objects.all()] == [first]
    assert second != first
