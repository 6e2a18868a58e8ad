"""What staff see of tasks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.access.actor import HUB, Actor
from governance.access.scope import Scope
from governance.access.selectors import actor_for_user
from governance.tasks.models import Task
from governance.tasks.selectors import TaskCount, task_counts, tasks_in
from governance.tasks.services import grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.conftest import DAY


@pytest.fixture
def three(worker: Actor, home: dict[str, str]) -> None:
    """Two tasks in the first grid, one of them done, and one in the next."""
    for _ in range(2):
        factories.person(worker, home["household"], birth_date="1966-12-01")
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    factories.person(factories.hub_in(NEXT), there["household"], birth_date="1966-12-01")
    grid_follow(GRID)
    grid_follow(NEXT)
    done = Task.objects.filter(grid=GRID).first()
    factories.apply(worker, factories.change("task", done.pk, base=1, outcome="already"))


def test_counts_by_division(three: None) -> None:
    late = DAY + timedelta(days=100)
    (town,) = task_counts(HUB, late, level=4)
    assert town == TaskCount("420502001", "区划420502001", open=2, done=1, overdue=2)
    assert [row.overdue for row in task_counts(HUB, DAY, level=5)] == [0]


def test_only_the_own_area_is_counted(three: None) -> None:
    leader = replace(HUB, by_hub=False, scope=Scope(frozenset({NEXT})))
    assert [(row.open, row.done) for row in task_counts(leader, DAY, level=5)] == [(1, 0)]
    assert tasks_in(leader).count() == 1


def test_administrators_see_no_tasks(three: None) -> None:
    administrator = actor_for_user(factories.user("system", "system_admin"))
    assert task_counts(administrator, DAY, level=5) == []


def test_counting_costs_two_statements(three: None, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        task_counts(HUB, DAY, level=5)
