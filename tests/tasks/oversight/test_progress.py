"""Figures of supervision, held against a plain count of the same tasks; who has how much to do."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import HUB, Actor
from governance.access.errors import Forbidden
from governance.access.models import Post
from governance.access.scope import Scope
from governance.access.selectors import actor_for_user
from governance.tasks.models import Task
from governance.tasks.oversight.progress import progress_by_area, progress_by_item
from governance.tasks.oversight.workload import workload
from governance.tasks.settle import ANSWERED, TAKEN_BACK, task_id
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.oversight.conftest import DAY, follow

pytestmark = pytest.mark.django_db
DAYS = (DAY - timedelta(days=30), DAY + timedelta(days=30))
STATES = ("open", "accepted", "visited", "handed_on", "done", "returned", "withdrawn", "expired")


def tasks(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Make tasks of every state straight in the table; give what was made."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        state = draw.choice(STATES)
        created = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(20_000))
        took = timedelta(minutes=draw.randrange(1, 20_000))
        row = {
            "grid": draw.choice((GRID, NEXT)),
            "origin": draw.choice(("rule", "plan")),
            "item": draw.choice(("甲", "乙")),
            "state": state,
            "due_on": DAY + timedelta(days=draw.randrange(-40, 40)),
            "created_at": created,
            "done_at": created + took if state == "done" else None,
            "closed_reason": draw.choice((ANSWERED, TAKEN_BACK)) if state == "withdrawn" else None,
            "closed_on": (created + took).date() if state == "withdrawn" else None,
        }
        key = f"staff:{seed}-{number}"
        Task.objects.create(
            id=task_id(key), occasion=key, title="任务", updated_at=created, origins=[], **row
        )
        made.append(row)
    return made


def ended_on(row: dict[str, Any]) -> date | None:
    done_on = (row["done_at"] + timedelta(hours=8)).date() if row["done_at"] else None
    return done_on or row["closed_on"]


def plain(made: list[dict[str, Any]], key: Any) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Count in plain Python."""
    groups = defaultdict(list)
    early = defaultdict(list)
    for row in made:
        if row["closed_reason"] == TAKEN_BACK:
            continue
        ended = ended_on(row)
        if DAYS[0] <= row["due_on"] <= DAYS[1]:
            groups[key(row)].append(row)
        elif row["due_on"] > DAYS[1] and ended and DAYS[0] <= ended <= DAYS[1]:
            early[key(row)].append(row)
    found = {}
    for name in groups.keys() | early.keys():
        rows = groups[name]
        done = [row for row in rows if ended_on(row)]
        spans = [row["done_at"] - row["created_at"] for row in done + early[name] if row["done_at"]]
        hours = [span.total_seconds() / 3600 for span in spans]
        in_time = [row for row in done if (ended_on(row) or date.max) <= row["due_on"]]
        late = [row for row in rows if row["state"] in STATES[:4] and row["due_on"] < DAY]
        back = [row for row in rows if row["state"] == "returned"]
        took = round(median(hours), 6) if hours else None
        found[name] = (len(rows), len(done), len(in_time), len(late), len(back), len(early[name]), took)
    return found


def told(progress: list[Any]) -> dict[tuple[str, ...], tuple[Any, ...]]:
    return {
        each.key: (
            each.due,
            each.done,
            each.in_time,
            each.overdue,
            each.returned,
            each.early,
            None if each.hours is None else round(each.hours, 6),
        )
        for each in progress
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_those_of_a_plain_count(town: None, seed: int) -> None:
    made = tasks(120, seed)
    assert told(progress_by_area(HUB, "", 15, DAYS, DAY)) == plain(made, lambda row: (row["grid"],))
    assert told(progress_by_area(HUB, "", 12, DAYS, DAY)) == plain(made, lambda row: (row["grid"][:12],))
    assert told(progress_by_item(HUB, "", DAYS, DAY)) == plain(made, lambda row: (row["origin"], row["item"]))
    mine = [row for row in made if row["grid"] == GRID]
    assert told(progress_by_item(HUB, GRID, DAYS, DAY)) == plain(
        mine, lambda row: (row["origin"], row["item"])
    )


def test_attempts_are_the_visits_made_for_the_tasks(worker: Actor, home: dict[str, str]) -> None:
    tasks(1, seed=3)
    Task.objects.update(state="visited", due_on=DAY, grid=GRID)
    Task.objects.update(household=home["household"], state="open")
    (task,) = Task.objects.all()
    for hour in (1, 5):
        made = factories.change(
            "visit",
            household=home["household"],
            task=str(task.pk),
            purpose="02",
            found="2",
            visited_at=f"2026-11-2{hour % 3}T02:00:00Z",
        )
        assert factories.apply(worker, made)[0].status == "created"
    done = factories.change("task", task.pk, task.version, outcome="done", done_at="2026-11-22T08:00:00Z")
    assert factories.apply(worker, done)[0].status in ("updated", "merged")
    follow()
    assert [each.attempts for each in progress_by_area(HUB, "", 15, DAYS, DAY)] == [3]
    assert [each.attempts for each in progress_by_item(HUB, "", DAYS, DAY)] == [3]


def test_an_actor_gets_the_figures_of_his_area_and_only_who_plans_tasks(town: None) -> None:
    tasks(60)
    leader = factories.user("leader", "grid_leader")
    Post.objects.create(worker=leader, grid=GRID, kind="stand_in", starts_on=DAY)
    assert [each.key for each in progress_by_area(actor_for_user(leader), "", 15, DAYS, DAY)] == [(GRID,)]
    assert progress_by_area(actor_for_user(leader), NEXT, 15, DAYS, DAY) == []
    clerk = actor_for_user(factories.user("clerk", "intake_clerk"))
    for ask in (
        lambda: progress_by_area(clerk, "", 15, DAYS, DAY),
        lambda: progress_by_item(clerk, "", DAYS, DAY),
        lambda: workload(clerk, "", DAY),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_the_number_of_statements_does_not_grow(town: None) -> None:
    def cost() -> tuple[int, int, int]:
        found = []
        for ask in (
            lambda: progress_by_area(HUB, "", 15, DAYS, DAY),
            lambda: progress_by_item(HUB, "", DAYS, DAY),
            lambda: workload(HUB, "", DAY),
        ):
            with CaptureQueriesContext(connection) as queries:
                ask()
            found.append(len(queries))
        return tuple(found)  # type: ignore[return-value]

    factories.worker("one", GRID)
    tasks(10)
    few = cost()
    factories.worker("two", NEXT)
    tasks(60, seed=2)
    assert cost() == few == (3, 3, 4)


def test_days_are_looked_up_in_an_index(town: None) -> None:
    if connection.vendor != "sqlite":
        return
    rows = Task.objects.filter(due_on__range=(date(2026, 11, 1), date(2026, 11, 3)))
    assert "task_due" in rows.explain()


def test_a_stand_in_has_the_grids_tasks_and_who_was_named_has_his(town: None) -> None:
    factories.worker("main", GRID)
    factories.worker("other", NEXT)
    for number, (grid, assignee) in enumerate(
        [(GRID, None)] * 8 + [(GRID, "user:other"), (GRID, "station:1"), (NEXT, None)]
    ):
        key = f"staff:w{number}"
        Task.objects.create(
            id=task_id(key),
            occasion=key,
            title="任务",
            grid=grid,
            assignee=assignee,
            state="open",
            due_on=DAY - timedelta(days=1) if number < 2 else DAY + timedelta(days=3),
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
            updated_at=datetime(2026, 11, 1, tzinfo=UTC),
            origins=[],
        )
    loads = {load.username: load for load in workload(HUB, "", DAY)}
    assert (loads["main"].open, loads["main"].overdue, loads["main"].week, loads["main"].heavy) == (
        8,
        2,
        6,
        True,
    )
    assert (loads["other"].open, loads["other"].heavy, loads["other"].households) == (2, False, 300)
    factories.worker("stand_in", GRID)
    loads = {load.username: load for load in workload(HUB, "", DAY)}
    assert (loads["main"].open, loads["stand_in"].open) == (0, 8)
    only = Actor(
        **{**{name: getattr(HUB, name) for name in HUB.__slots__}, "scope": Scope(frozenset({NEXT}))}
    )
    assert [(load.username, load.open) for load in workload(only, "", DAY)] == [("other", 1)]
