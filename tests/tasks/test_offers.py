"""Tasks that others than the rules want: made once, mended, taken back."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from governance.access.actor import Actor
from governance.tasks.models import Task
from governance.tasks.services import grid_follow, tasks_offer, tasks_withdraw
from governance.tasks.settle import task_id
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import GRID
from tests.tasks.conftest import DAY


def wanted(home: dict[str, str], **values: object) -> Wanted:
    made = Wanted(
        occasion=f"item:7:{home['household']}",
        origin="item",
        origin_ref="7",
        item="fire_check",
        title="用气安全检查",
        reason="城市管理部门事项",
        grid=GRID,
        opens_on=DAY,
        due_on=DAY + timedelta(days=7),
        subject_kind="household",
        subject=UUID(home["household"]),
        household=UUID(home["household"]),
        asks="photo",
    )
    return replace(made, **values)  # type: ignore[arg-type]


def the_task() -> Task:
    return Task.objects.get()


def test_what_is_wanted_is_there_once(home: dict[str, str]) -> None:
    first, again = (tasks_offer([wanted(home), wanted(home)], DAY) for _ in range(2))
    assert [each.written for each in first + again] == [True, False]
    task = the_task()
    assert first[0].task == task.pk == task_id(wanted(home).occasion)
    assert (task.origin, task.origin_ref, task.asks, task.state) == ("item", "7", "photo", "open")
    assert task.version == 1


def test_days_asks_and_priority_are_mended_and_the_assignee_is_left(home: dict[str, str]) -> None:
    tasks_offer([wanted(home, assignee="user:worker")], DAY)
    later = DAY + timedelta(days=9)
    tasks_offer([wanted(home, due_on=later, asks="", priority="3")], DAY)
    task = the_task()
    assert (task.due_on, task.asks, task.priority, task.assignee) == (later, None, "3", "user:worker")


def test_what_is_wanted_no_longer_is_taken_back_with_a_reason_and_may_come_again(
    worker: Actor, home: dict[str, str]
) -> None:
    tasks_offer([wanted(home)], DAY)
    factories.apply(worker, factories.change("task", the_task().pk, 1, accepted_at="2026-11-22T02:00:00Z"))
    assert the_task().state == "accepted"
    occasions = [wanted(home).occasion, "item:7:nobody"]
    assert tasks_withdraw(occasions, DAY, "事项已取消") == 1
    assert tasks_withdraw(occasions, DAY, "事项已取消") == 0
    task = the_task()
    assert (task.state, task.closed_on, task.note) == ("withdrawn", DAY, "事项已取消")
    tasks_offer([wanted(home)], DAY)
    task = the_task()
    assert (task.state, task.closed_on, task.note) == ("accepted", None, None)


def test_finished_tasks_are_neither_taken_back_nor_opened(worker: Actor, home: dict[str, str]) -> None:
    tasks_offer([wanted(home, asks="")], DAY)
    factories.apply(worker, factories.change("task", the_task().pk, 1, outcome="done"))
    assert tasks_withdraw([wanted(home).occasion], DAY, "事项已取消") == 0
    tasks_offer([wanted(home, asks="", due_on=DAY)], DAY)
    assert (the_task().state, the_task().version) == ("done", 2)


def test_the_rules_leave_the_tasks_of_others_alone(worker: Actor, home: dict[str, str]) -> None:
    person = factories.person(worker, home["household"], birth_date="1980-01-01")
    about = wanted(home, occasion=f"plan:{person}:{DAY}", subject_kind="person", subject=UUID(person))
    tasks_offer([about], DAY)
    grid_follow(GRID)
    assert the_task().state == "open"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": date(2026, 11, 1)}, "due_on"),
        ({"asks": "photo 照片"}, "asks"),
        ({"assignee": "somebody"}, "assignee"),
        ({"origin": "nowhere"}, "origin"),
    ],
)
def test_what_the_contract_refuses_is_said(
    home: dict[str, str], values: dict[str, object], field: str
) -> None:
    (offered,) = tasks_offer([wanted(home, **values)], DAY)
    assert [problem.field for problem in offered.problems] == [field]
    assert not offered.written
    assert not Task.objects.exists()


def test_a_visit_for_a_task_that_was_taken_back_is_kept(worker: Actor, home: dict[str, str]) -> None:
    tasks_offer([wanted(home)], DAY)
    tasks_withdraw([wanted(home).occasion], DAY, "事项已取消")
    visit = factories.change(
        "visit",
        household=home["household"],
        task=str(the_task().pk),
        purpose="05",
        visited_at="2026-11-22T02:00:00Z",
        outcome="not_home",
    )
    (result,) = factories.apply(worker, visit)
    assert result.status == "created", result
