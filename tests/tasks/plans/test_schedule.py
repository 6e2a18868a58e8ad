"""When the next visit is due."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from governance.tasks.plans.schedule import Level, Subject, Visited, level_of, plan_of

VISIT = "00000000-0000-7000-8000-0000000000aa"
WEEKLY = Level(1, "", "care_level", "1", 1, "week", 1, 2, 1, 3, "2")
MONTHLY = Level(2, "", "care_level", "2", 1, "month", 7, 7, 3, 7, "1")
QUARTERLY = Level(3, "care_mental", "", "", 3, "month", 30, 14, 7, 15, "1")
SUBJECT = Subject(
    register="care_mental",
    record=UUID(int=1),
    version=1,
    person=UUID(int=2),
    household=UUID(int=3),
    grid="420502001001001",
    entered=date(2026, 3, 1),
    changed=date(2026, 3, 1),
    values={"care_level": "1"},
    planned=None,
    chosen=False,
)


def due(level: Level, visited: Visited | None = None, **values: object) -> date:
    return plan_of(replace(SUBJECT, **values), level, visited).due  # type: ignore[arg-type]


def test_a_new_entry_is_visited_within_the_first_days() -> None:
    plan = plan_of(SUBJECT, MONTHLY, None)
    assert (plan.anchor, plan.due, plan.opens) == (date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("level", "day", "then"),
    [
        (WEEKLY, date(2026, 3, 5), date(2026, 3, 12)),
        (MONTHLY, date(2027, 1, 31), date(2027, 2, 28)),
        (MONTHLY, date(2026, 12, 31), date(2027, 1, 31)),
        (QUARTERLY, date(2026, 11, 30), date(2027, 2, 28)),
        (QUARTERLY, date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_visit_moves_the_date_by_the_interval(level: Level, day: date, then: date) -> None:
    assert due(level, Visited(day, VISIT)) == then


def test_a_changed_level_is_answered_with_a_visit_soon() -> None:
    visited = Visited(date(2026, 3, 10), VISIT)
    assert due(WEEKLY, visited, changed=date(2026, 4, 1)) == date(2026, 4, 2)
    assert due(WEEKLY, visited, changed=date(2026, 3, 10)) == date(2026, 3, 17)


def test_a_worker_brings_a_visit_forward_and_never_puts_it_off() -> None:
    visited = Visited(date(2026, 3, 10), VISIT)
    assert due(MONTHLY, visited, planned=date(2026, 3, 20), chosen=True) == date(2026, 3, 20)
    assert due(MONTHLY, visited, planned=date(2026, 6, 1), chosen=True) == date(2026, 4, 10)
    assert due(MONTHLY, visited, planned=date(2026, 3, 9), chosen=True) == date(2026, 4, 10)
    assert due(MONTHLY, visited, planned=date(2026, 3, 20)) == date(2026, 4, 10)
    assert due(MONTHLY, replace(visited, next_on=date(2026, 3, 15))) == date(2026, 3, 15)
    assert due(MONTHLY, replace(visited, next_on=date(2026, 5, 15))) == date(2026, 4, 10)


def test_danger_calls_for_a_visit_on_the_next_day() -> None:
    plan = plan_of(SUBJECT, QUARTERLY, Visited(date(2026, 3, 10), VISIT, danger=True))
    assert (plan.due, plan.priority) == (date(2026, 3, 11), "3")


def test_of_all_levels_that_fit_the_shortest_interval_holds() -> None:
    levels = [QUARTERLY, MONTHLY, WEEKLY]
    assert level_of(levels, SUBJECT) is WEEKLY
    assert level_of(levels, replace(SUBJECT, values={"care_level": "2"})) is MONTHLY
    assert level_of(levels, replace(SUBJECT, values={})) is QUARTERLY
    assert level_of(levels, replace(SUBJECT, values={}, register="care_youth")) is None


def test_two_visits_of_a_day_are_followed_by_different_ones() -> None:
    entered = plan_of(SUBJECT, WEEKLY, None)
    first = plan_of(SUBJECT, WEEKLY, Visited(SUBJECT.entered, VISIT))
    second = plan_of(SUBJECT, WEEKLY, Visited(SUBJECT.entered, VISIT.replace("aa", "bb")))
    assert len({entered.occasion, first.occasion, second.occasion}) == 3
    assert plan_of(SUBJECT, MONTHLY, Visited(SUBJECT.entered, VISIT)).occasion == first.occasion


def test_a_due_day_off_is_brought_forward_where_the_level_says_so() -> None:
    working = {date(2026, 10, 8): True, date(2026, 10, 9): True, date(2026, 10, 10): True}

    def is_working(day: date) -> bool:
        return working.get(day, day < date(2026, 10, 1))

    kept = replace(WEEKLY, workdays=True)
    visited = Visited(date(2026, 9, 28), VISIT)
    assert plan_of(SUBJECT, kept, visited, is_working).due == date(2026, 9, 30)
    assert plan_of(SUBJECT, WEEKLY, visited, is_working).due == date(2026, 10, 5)
    wished = replace(visited, next_on=date(2026, 9, 29))
    assert plan_of(SUBJECT, kept, wished, is_working).due == date(2026, 9, 29)
    danger = Visited(date(2026, 10, 1), VISIT, danger=True)
    assert plan_of(SUBJECT, kept, danger, is_working).due == date(2026, 10, 2)
    no_day_between = Visited(date(2026, 10, 1), VISIT)
    assert plan_of(SUBJECT, replace(kept, every=2, unit="day"), no_day_between, is_working).due == date(
        2026, 10, 3
    )
