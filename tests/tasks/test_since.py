"""What is asked for again and again: the last time counts however it was told of; a visit in vain is none."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.access.actor import Actor
from governance.contract.kinds.task_states import OPEN_STATES
from governance.rules.models import RuleVersion
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, apply, change
from tests.tasks.test_arrival import ALONE, NUMBER, only

BY_MISTAKE = {"found": "1", "closed_on": "2026-03-01", "closed_reason": "91"}
FIRST = date(2026, 3, 1)
"""Who was never visited is counted from the first of January; it is two months later."""


class Days:
    """Days that go by, each with its feed read and its rules run."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.day = FIRST
        patch.setattr(timezone, "localdate", lambda *_: self.day)

    def pass_(self, days: int = 0) -> None:
        """Let some days go by; with none look again on this one."""
        for _ in range(max(days, 1)):
            self.day += timedelta(days=1 if days else 0)
            grid_follow(GRID)
            day_run(self.day)
            grid_follow(GRID)

    def at(self, hour: str = "02") -> str:
        return f"{self.day}T{hour}:00:00Z"


@pytest.fixture
def days(worker: Actor, monkeypatch: pytest.MonkeyPatch) -> Days:
    """Give the days from the first one on, with one rule that looks at who lives alone."""
    only("alone", ALONE)
    return Days(monkeypatch)


@pytest.fixture
def elder(worker: Actor, home: dict[str, str], days: Days) -> str:
    """Someone of 85 who lives alone and is asked about."""
    id_ = factories.person(worker, home["household"], birth_date="1940-05-01")
    days.pass_()
    assert [task.occasion for task in asked()] == [f"alone:{id_}:20260101"]
    return id_


def asked() -> list[Task]:
    return list(Task.objects.filter(state__in=OPEN_STATES, deleted=False))


def told(actor: Actor, task: Task, days: Days, outcome: str, **values: Any) -> None:
    task.refresh_from_db()
    values |= {"outcome": outcome, "done_at": days.at()}
    (result,) = apply(actor, change("task", task.pk, base=task.version, **values))
    assert result.status == "updated", result


def visited(actor: Actor, household: str, days: Days, **values: Any) -> None:
    values = {"household": household, "purpose": "02", "visited_at": days.at(), **values}
    (result,) = apply(actor, change("visit", **values))
    assert result.status == "created", result


@pytest.mark.parametrize("outcome", ["done", "already", "refused"])
def test_who_reports_the_task_alone_is_asked_again_an_interval_later(
    worker: Actor, elder: str, days: Days, outcome: str
) -> None:
    told(worker, asked()[0], days, outcome)
    days.pass_(6)
    assert asked() == []
    days.pass_(1)
    (task,) = asked()
    assert (task.occasion, task.opens_on) == (f"alone:{elder}:20260301", date(2026, 3, 8))
    told(worker, task, days, "done")
    days.pass_(7)
    assert [task.opens_on for task in asked()] == [date(2026, 3, 15)]


def test_of_visit_and_report_the_later_counts(
    worker: Actor, elder: str, home: dict[str, str], days: Days
) -> None:
    told(worker, asked()[0], days, "done")
    days.pass_(3)
    visited(worker, home["household"], days, person=elder)
    days.pass_(7)
    assert [task.occasion for task in asked()] == [f"alone:{elder}:20260304"]


def test_a_report_that_somebody_moved_away_is_left_to_staff(worker: Actor, elder: str, days: Days) -> None:
    told(worker, asked()[0], days, "moved")
    days.pass_(9)
    assert asked() == []


def test_a_result_that_is_taken_back_makes_the_task_open_and_takes_back_the_next(
    worker: Actor, elder: str, days: Days
) -> None:
    (first,) = asked()
    told(worker, first, days, "done")
    days.pass_(8)
    first.refresh_from_db()
    back = change("task", first.pk, base=first.version, outcome=None, done_at=None)
    assert apply(worker, back)[0].status == "updated"
    days.pass_()
    assert [task.occasion for task in asked()] == [first.occasion]


def test_another_matter_about_the_same_person_does_not_count(worker: Actor, elder: str, days: Days) -> None:
    version = RuleVersion.objects.get(rule="alone")
    told(worker, asked()[0], days, "done")
    version.content = {**version.content, "item": "另一事项"}
    version.save()
    days.pass_(1)
    assert [task.occasion for task in asked()] == []  # That occasion was answered; the next follows a visit.
    assert Task.objects.count() == 1


@pytest.mark.parametrize("told_of", [{"found": "2"}, {"found": "3"}, {"outcome": "not_home"}, BY_MISTAKE])
def test_a_visit_in_vain_or_by_mistake_is_none(
    worker: Actor, elder: str, home: dict[str, str], days: Days, told_of: dict[str, str]
) -> None:
    (task,) = asked()
    task_told = {"task": str(task.pk)} if "outcome" in told_of else {}
    visited(worker, home["household"], days, person=elder, **task_told, **told_of)
    days.pass_(1)
    assert [each.pk for each in asked()] == [task.pk]


def test_a_rule_may_itself_ask_whom_visits_met(
    worker: Actor, elder: str, home: dict[str, str], days: Days
) -> None:
    version = RuleVersion.objects.get(rule="alone")
    where = {"op": "not", "of": {"op": "code", "field": "found", "codes": ["3"]}}
    version.content = {**ALONE, "moment": {**ALONE["moment"], "where": where}}
    version.save()
    visited(worker, home["household"], days, person=elder, found="2")
    days.pass_(1)
    assert asked() == []


def test_a_merged_record_takes_its_turn_where_the_closed_one_left_off(
    worker: Actor, home: dict[str, str], days: Days
) -> None:
    first = factories.person(worker, home["household"], citizen_number=NUMBER)
    days.pass_()
    told(worker, asked()[0], days, "done")
    days.pass_(3)
    second = factories.person(worker, home["household"], citizen_number=NUMBER)
    base = factories.model("person").objects.get(pk=first).version
    closed = {"closed_on": days.day.isoformat(), "closed_reason": "90"}
    assert apply(worker, change("person", first, base=base, **closed))[0].status == "updated"
    days.pass_(3)
    assert asked() == []
    days.pass_(1)
    assert [task.occasion for task in asked()] == [f"alone:{second}:20260301"]


def test_a_visit_that_nobody_asked_for_counts_as_done_until_it_is_taken_back(
    worker: Actor, elder: str, home: dict[str, str], days: Days
) -> None:
    (task,) = asked()
    visited(worker, home["household"], days, person=elder)
    days.pass_()
    task.refresh_from_db()
    assert (task.state, task.closed_reason) == ("withdrawn", "01")
    assert task.note == "已有走访等记录，本次任务视为完成"
    visit = factories.model("visit").objects.get()
    closed = {"closed_on": days.day.isoformat(), "closed_reason": "91"}
    assert apply(worker, change("visit", visit.pk, base=visit.version, **closed))[0].status == "updated"
    days.pass_(1)
    assert [each.pk for each in asked()] == [task.pk]


def test_who_is_no_longer_meant_was_not_answered(
    worker: Actor, elder: str, home: dict[str, str], days: Days
) -> None:
    (task,) = asked()
    factories.person(worker, home["household"], birth_date="1980-05-01")
    days.pass_()
    task.refresh_from_db()
    assert (task.state, task.closed_reason) == ("withdrawn", "02")


def test_a_tablet_whose_clock_is_years_fast_puts_nobody_off(worker: Actor, elder: str, days: Days) -> None:
    person = factories.model("person").objects.get(pk=elder)
    visited(
        worker, str(person.household_id), days, person=elder, found="1", visited_at="2036-03-01T02:00:00Z"
    )
    days.pass_()
    assert [task.occasion for task in asked()] == [f"alone:{elder}:20260101"]
    (task,) = asked()
    report = {"outcome": "done", "done_at": "2036-03-02T02:00:00Z"}
    (result,) = apply(worker, change("task", task.pk, base=task.version, **report))
    assert result.status in ("updated", "rejected"), result
    visited(worker, str(person.household_id), days, person=elder, found="1")
    days.pass_(8)
    assert len(asked()) == 1
