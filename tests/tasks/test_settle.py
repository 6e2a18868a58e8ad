"""From a changed record to a task on the tablet, and what becomes of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import Actor
from governance.feed.models import Entry
from governance.records.models import Inbox, Person
from governance.rules.models import Rule, RuleVersion
from governance.rules.selectors import findings_on
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow, tasks_from_findings
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.tasks.conftest import DAY, ruling

SIXTY = date(1966, 12, 1)


def born(worker: Actor, home: dict[str, str], day: date = SIXTY) -> str:
    return factories.person(worker, home["household"], birth_date=day.isoformat())


def set_(actor: Actor, kind: str, id_: object, **values: Any) -> None:
    base = factories.model(kind).objects.get(pk=id_).version
    (result,) = apply(actor, change(kind, str(id_), base=base, **values))
    assert result.status == "updated", result


def follow(*grids: str) -> None:
    for grid in grids or (GRID,):
        grid_follow(grid)


def the_task() -> Task:
    return Task.objects.get()


@pytest.fixture
def sixty(worker: Actor, home: dict[str, str]) -> str:
    """Someone whose task is there."""
    id_ = born(worker, home)
    follow()
    assert the_task().state == "open"
    return id_


def test_a_newborn_pushed_at_noon_is_a_task_at_the_next_pull(worker: Actor, home: dict[str, str]) -> None:
    id_ = born(worker, home, DAY)
    follow()
    tasks = Task.objects.order_by("occasion")
    assert [task.occasion for task in tasks] == [
        f"newborn_insurance:{id_}:0",
        f"newborn_registration:{id_}:0",
    ]
    task = tasks[1]
    assert (task.grid, task.state, task.subject, str(task.household_id)) == (
        GRID,
        "open",
        id_,
        home["household"],
    )
    assert (task.opens_on, task.due_on, task.priority) == (DAY, DAY + timedelta(days=30), "2")
    assert Entry.objects.filter(grid=GRID, kind="task", gone="").count() == 2


def test_running_again_changes_nothing(sixty: str) -> None:
    follow()
    assert day_run(DAY) == 0
    assert the_task().version == 1
    assert not Inbox.objects.exists()


def test_the_day_run_finds_those_whose_records_no_one_touched(worker: Actor, home: dict[str, str]) -> None:
    born(worker, home, date(1966, 12, 23))
    follow()
    assert day_run(DAY) == 0
    assert day_run(DAY + timedelta(days=1)) == 1
    assert the_task().opens_on == DAY + timedelta(days=1)


def test_who_is_past_the_window_gets_nothing(worker: Actor, home: dict[str, str]) -> None:
    born(worker, home, date(1965, 11, 1))
    follow()
    assert day_run(DAY) == 0


def test_a_corrected_birth_date_mends_the_task(worker: Actor, sixty: str) -> None:
    set_(worker, "person", sixty, birth_date="1966-12-05")
    follow()
    assert (the_task().due_on, the_task().state) == (date(2027, 2, 3), "open")
    assert "12月5日" in the_task().reason


def test_a_birth_date_that_makes_it_undue_withdraws_the_task_and_back(worker: Actor, sixty: str) -> None:
    set_(worker, "person", sixty, birth_date="1976-12-01")
    follow()
    assert (the_task().state, the_task().closed_on, the_task().closed_reason) == ("withdrawn", DAY, "02")
    set_(worker, "person", sixty, birth_date=SIXTY.isoformat())
    follow()
    assert (the_task().state, the_task().closed_on, the_task().closed_reason) == ("open", None, None)


def test_the_task_of_someone_who_died_is_withdrawn_even_after_a_vain_visit(worker: Actor, sixty: str) -> None:
    set_(worker, "task", the_task().pk, outcome="not_home", done_at="2026-11-22T02:00:00Z")
    assert the_task().state == "visited"
    set_(worker, "person", sixty, closed_on="2026-11-22", closed_reason="02")
    follow()
    assert the_task().state == "withdrawn"


def test_a_task_goes_with_the_household(worker: Actor, home: dict[str, str], sixty: str) -> None:
    neighbour = factories.tablet(factories.worker("second", NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    both = factories.hub_in(GRID, NEXT)
    set_(both, "household", home["household"], room=theirs["room"])
    follow()
    assert the_task().grid == NEXT
    told = dict(Entry.objects.filter(kind="task").values_list("grid", "gone"))
    assert told == {GRID: "moved", NEXT: ""}
    follow(GRID, NEXT)
    assert the_task().version == 2


def test_a_person_who_joins_another_household_takes_the_task_along(
    worker: Actor, home: dict[str, str], sixty: str
) -> None:
    second = change("household", room=home["room"], head_name="李示例")
    apply(worker, second)
    set_(worker, "person", sixty, household=str(second.id))
    follow()
    assert the_task().household_id == second.id


def test_an_outcome_ends_the_task_and_no_run_opens_it(
    worker: Actor, home: dict[str, str], sixty: str
) -> None:
    set_(worker, "task", the_task().pk, outcome="done", done_at="2026-11-22T02:00:00Z")
    assert the_task().state == "done"
    set_(worker, "person", sixty, birth_date="1966-12-05")
    follow()
    day_run(DAY)
    assert (the_task().state, the_task().due_on) == ("done", date(2027, 1, 30))


def test_a_finished_task_still_goes_with_the_household(
    worker: Actor, home: dict[str, str], sixty: str
) -> None:
    set_(worker, "task", the_task().pk, outcome="done")
    neighbour = factories.tablet(factories.worker("second", NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    set_(factories.hub_in(GRID, NEXT), "household", home["household"], room=theirs["room"])
    follow(NEXT)
    assert (the_task().grid, the_task().state) == (NEXT, "done")


def test_a_task_expires_and_a_late_outcome_still_counts(worker: Actor, sixty: str) -> None:
    late = the_task().expires_on + timedelta(days=1)
    assert day_run(late) == 1
    assert (the_task().state, the_task().closed_reason) == ("expired", "03")
    set_(worker, "task", the_task().pk, outcome="done")
    assert the_task().state == "done"


def test_a_rule_switched_off_asks_for_nothing_more_until_it_is_switched_on(sixty: str) -> None:
    Rule.objects.update(enabled=False)
    follow()
    assert the_task().state == "open"
    assert day_run(DAY) == 1
    assert (the_task().state, the_task().closed_reason) == ("withdrawn", "02")
    assert day_run(DAY) == 0
    Rule.objects.update(enabled=True)
    assert day_run(DAY) == 1
    assert the_task().state == "open"


def test_behind_its_last_day_a_version_asks_for_nothing_more(sixty: str) -> None:
    RuleVersion.objects.update(valid_to=DAY)
    assert day_run(DAY) == 0
    assert day_run(DAY + timedelta(days=1)) == 1
    assert the_task().state == "withdrawn"


def test_a_task_that_people_ended_is_not_opened_again(sixty: str) -> None:
    ended = {"state": "withdrawn", "closed_on": "2026-11-22", "closed_reason": "99"}
    set_(factories.hub_in(), "task", the_task().pk, **ended)
    follow()
    day_run(DAY)
    assert the_task().state == "withdrawn"


def test_a_task_made_from_what_was_corrected_meanwhile_is_put_right(
    worker: Actor, home: dict[str, str]
) -> None:
    id_ = born(worker, home)
    stale = findings_on(DAY, ruling("turns_60"))
    set_(worker, "person", id_, birth_date="1976-12-01")
    follow()
    assert tasks_from_findings(findings=stale, day=DAY) == 1
    assert the_task().state == "open"
    follow()
    assert the_task().state == "withdrawn"


def test_following_costs_one_look_up_when_nothing_is_new_and_the_same_for_any_number(
    worker: Actor, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    born(worker, home)
    follow()
    with django_assert_num_queries(1):
        follow()
    once = 30 if connection.vendor == "postgresql" else 35
    assert [statements(worker, home, size) for size in (1, 20)] == [once, once]
    assert Task.objects.count() == Person.objects.count() == 22


def test_who_is_due_for_nothing_costs_one_statement_beside_the_page(
    worker: Actor, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    follow()
    for _ in range(20):
        factories.person(worker, home["household"], birth_date="1990-03-01")
    with django_assert_num_queries(3):
        follow()


def statements(worker: Actor, home: dict[str, str], size: int) -> int:
    """Count the statements of following ``size`` new people, without the map's stamp."""
    for _ in range(size):
        born(worker, home)
    with CaptureQueriesContext(connection) as captured:
        follow()
    return len([query for query in captured if "gridmap_mapstamp" not in query["sql"]])
