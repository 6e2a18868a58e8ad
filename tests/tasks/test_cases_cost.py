"""What following a case asks of the database: its tasks are looked up, among the millions there are."""

import re
from copy import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.contract import uuid7
from governance.tasks.cases.follow import grid_follow
from governance.tasks.models import Task
from tests.factories import COMMUNITY, GRID
from tests.tasks.desk import COMMUNITY_DESK, Door, at_station, clerk, desk_make, state_of

_BY_KEY = re.compile(r"tasks_task_pkey|sqlite_autoindex_tasks_task_1\b")


def plan_of(sql: str) -> str:
    """Say how the database goes about a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
        return "\n".join(str(row) for row in cursor.fetchall())


def many_more(task: Task, count: int = 2000) -> None:
    """Keep as many tasks of another grid beside one: a few rows are sooner read than looked up."""
    others = []
    for place in range(count):
        other = copy(task)
        other.id, other.grid, other.occasion = uuid7(), COMMUNITY + "002", f"{task.occasion}-{place}"
        others.append(other)
    Task.objects.bulk_create(others)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")


@pytest.mark.django_db
def test_a_cases_tasks_are_looked_up_by_their_ids() -> None:
    desk_make()
    door = Door.make()
    case = door.handed_in()
    at_station(clerk("clerk", COMMUNITY_DESK), case, "return", note="看不清", missing=["05"])
    task = Task.objects.get(origin="case", origin_ref=case)
    assert task.state == "open"
    many_more(task)
    door.act(case, "hand_in", follow=False, materials=["01", "05"])
    with CaptureQueriesContext(connection) as captured:
        grid_follow(GRID)
    task.refresh_from_db()
    assert (state_of(case), task.state) == ("submitted", "done")
    looks = [
        query["sql"] for query in captured if re.match(r'\s*SELECT .* FROM "?tasks_task\b', query["sql"])
    ]
    assert looks
    for sql in looks:
        assert _BY_KEY.search(plan_of(sql)), sql
