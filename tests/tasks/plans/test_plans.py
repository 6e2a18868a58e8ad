"""Planned visits of people in care registers: on the tablet when due, moved by a visit, one at a time."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import HUB, Actor
from governance.feed.selectors import grids_behind
from governance.records.models import History
from governance.tasks.models import Task
from governance.tasks.models.plans import PlanLevel, PlanRun
from governance.tasks.offers import held_for
from governance.tasks.oversight.progress import progress_by_area
from governance.tasks.plans.services import FOLLOWER, day_run, day_steps, grid_follow
from governance.tasks.plans.settle import plans_over
from governance.tasks.settle import ANSWERED, TAKEN_BACK
from tests import factories
from tests.factories import GRID
from tests.tasks.plans.conftest import DAY, Clock, Maker, follow

pytestmark = pytest.mark.django_db


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def test_an_entry_makes_the_first_visit_and_names_the_day_in_the_record(entered: Maker) -> None:
    care = entered(care_level="1")
    (task,) = care.tasks()
    assert (task.due_on, task.state, task.priority, str(task.household_id)) == (
        on(1),
        "open",
        "2",
        care.household,
    )
    assert (task.register, task.origin_ref) == ("care_left_behind", care.record)
    assert care.held().next_visit_on == on(1)
    assert "留守" not in task.title + task.item + task.reason
    assert GRID not in grids_behind(FOLLOWER)


def test_a_visit_moves_the_date_and_ends_the_task(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(0)
    assert care.held().next_visit_on == on(7)
    assert [(task.state, task.closed_reason) for task in care.tasks()] == [("withdrawn", ANSWERED)]
    care.pass_days(1, 4)
    assert len(care.tasks()) == 1
    care.pass_days(5, 5)  # two days before
    assert [(task.state, task.due_on) for task in care.tasks()] == [("withdrawn", on(1)), ("open", on(7))]


def test_a_task_that_a_visit_answered_counts_as_done(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(0)
    (line,) = progress_by_area(HUB, "", 15, (DAY, on(1)), on(3))
    assert (line.due, line.done, line.in_time, line.overdue) == (1, 1, 1, 0)
    (line,) = progress_by_area(HUB, "", 15, (DAY, DAY), on(3))
    assert (line.due, line.done, line.early) == (0, 0, 1)


def test_a_visit_taken_back_opens_its_task_again(entered: Maker) -> None:
    care = entered(care_level="1")
    visit = care.visit(0)
    gone = replace(factories.change("visit", visit, 1), delete=True)
    assert factories.apply(care.worker, gone)[0].status == "updated"
    follow()
    (task,) = care.tasks()
    assert (task.state, task.closed_reason, task.note, task.due_on) == ("open", None, None, on(1))


def test_a_visit_before_the_task_was_open_does_not_answer_it(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(0)
    care.pass_days(1, 5)
    (task,) = care.tasks(state="open")
    day = on(5)
    (planned,) = plans_over(held_for([task.occasion]).values(), {UUID(care.person): on(4)}, day)
    assert planned.change.set["closed_reason"] == TAKEN_BACK
    (planned,) = plans_over(held_for([task.occasion]).values(), {UUID(care.person): day}, day)
    assert planned.change.set["closed_reason"] == ANSWERED


def test_a_year_of_weekly_visits_makes_a_task_a_week(entered: Maker, today: Clock) -> None:
    care = entered(care_level="1")
    for days in range(0, 71, 7):
        care.pass_days(max(days - 2, 0), days)
        care.visit(days)
    assert len(care.tasks()) == 11
    assert len({task.occasion for task in care.tasks()}) == 11
    assert care.held().next_visit_on == on(77)


def test_nobody_home_is_no_visit(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(0, found="2")
    assert care.held().next_visit_on == on(1)
    assert [task.state for task in care.tasks()] == ["open"]


def test_a_task_done_without_a_visit_counts(entered: Maker) -> None:
    care = entered(care_level="1")
    (task,) = care.tasks()
    done = factories.change("task", task.pk, task.version, outcome="done", done_at="2026-11-23T02:00:00Z")
    care.clock.on(1)
    assert factories.apply(care.worker, done)[0].status == "updated"
    follow()
    assert care.held().next_visit_on == on(8)


def test_a_visit_ahead_of_the_hubs_day_does_not_count_yet(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(300)
    assert care.held().next_visit_on == on(1)


def test_a_changed_level_is_followed_and_a_run_again_changes_nothing(entered: Maker) -> None:
    care = entered(care_level="3")
    care.visit(0)
    assert care.held().next_visit_on == date(2027, 2, 22)
    care.clock.on(3)
    care.set(care_level="1")
    assert care.held().next_visit_on == on(4)
    (task,) = care.tasks(state="open")
    assert task.due_on == on(4)
    before = History.objects.count()
    day_run(on(3))
    follow()
    assert History.objects.count() == before


def test_a_day_the_worker_sets_brings_the_visit_forward(entered: Maker) -> None:
    care = entered(care_level="2")
    care.visit(0)
    care.set(next_visit_on=on(10).isoformat())
    assert care.held().next_visit_on == on(10)
    care.set(next_visit_on=on(200).isoformat())
    assert care.held().next_visit_on == date(2026, 12, 22)


def test_who_leaves_the_register_is_visited_no_more(entered: Maker) -> None:
    care = entered(care_level="1")
    care.set(closed_on="2026-11-22", closed_reason="01")
    assert [(task.state, task.closed_reason) for task in care.tasks()] == [("withdrawn", TAKEN_BACK)]
    assert progress_by_area(HUB, "", 15, (DAY, on(1)), on(3)) == []


def test_whose_person_is_closed_too(entered: Maker) -> None:
    care = entered(care_level="1")
    day_run(DAY)
    care.set(closed_on="2026-11-22", closed_reason="04")
    person = factories.model("person").objects.get(pk=care.person)
    closed = factories.change(
        "person", care.person, person.version, closed_on="2026-11-22", closed_reason="02"
    )
    assert factories.apply(care.worker, closed)[0].status == "updated"
    follow()
    assert [task.state for task in care.tasks()] == ["withdrawn"]


def test_an_edited_interval_moves_what_is_planned(entered: Maker) -> None:
    care = entered(care_level="1")
    care.visit(0)
    care.pass_days(1, 5)
    assert care.tasks(state="open")[0].due_on == on(7)
    PlanLevel.objects.filter(register="", value="1").update(every=10, unit="day")
    day_run(on(5))
    (task,) = care.tasks(state="open")
    assert task.due_on == on(10)
    assert Task.objects.filter(origin="plan").count() == 2
    assert care.held().next_visit_on == on(10)


def test_a_level_that_keeps_off_days_off_is_due_on_the_working_day_before(entered: Maker) -> None:
    PlanLevel.objects.filter(register="", value="1").update(workdays=True)
    care = entered(care_level="1")
    care.visit(0)
    assert on(7).weekday() == 6
    assert care.held().next_visit_on == on(5)


def test_two_registers_ask_for_one_visit_each_and_one_visit_answers_both(
    entered: Maker, today: Clock
) -> None:
    care = entered(care_level="1")
    other = factories.change("care_hardship", person=care.person, category="05", care_level="2")
    assert factories.apply(care.worker, other)[0].status == "created"
    follow()
    assert len(care.tasks(state="open")) == 2
    care.visit(0)
    assert care.tasks(state="open") == []
    assert factories.model("care_hardship").objects.get().next_visit_on == date(2026, 12, 22)


def test_a_register_without_a_level_has_its_own_interval(entered: Maker) -> None:
    care = entered("care_correction")
    care.visit(0)
    assert care.held().next_visit_on == date(2026, 12, 22)


def test_an_interrupted_day_goes_on_where_it_stopped(entered: Maker) -> None:
    far = "420502002001001"
    factories.grid(far, shift=2)
    home = factories.home(factories.hub_in(far), lon=factories.WEST + 0.025)
    factories.person(factories.hub_in(far), home["household"])
    entered(care_level="1")
    steps = day_steps(DAY)
    assert next(steps).name == "420502001"
    steps.close()
    assert PlanRun.objects.get().finished_at is None
    assert [step.name for step in day_steps(DAY)] == ["420502002"]
    assert list(day_steps(DAY)) == []


def test_following_costs_the_same_for_many_as_for_few(
    entered: Maker, worker: Actor, home: dict[str, str]
) -> None:
    def enter(count: int) -> int:
        people = [factories.person(worker, home["household"]) for _ in range(count)]
        follow()
        values = {"category": "01", "care_level": "1"}
        factories.apply(
            worker, *(factories.change("care_left_behind", person=each, **values) for each in people)
        )
        with CaptureQueriesContext(connection) as queries:
            assert grid_follow(GRID)
        follow()
        # The records' service asks once a new record whether the map has changed.
        return sum("gridmap_mapstamp" not in query["sql"] for query in queries.captured_queries)

    few = enter(2)
    assert enter(30) == few
    assert few <= 60
