"""Rules run and followed by several at once while workers write: in the end each task is as it should be."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from django.db import connection

from governance.access.actor import HUB
from governance.access.scope import Scope
from governance.feed.selectors import grids_behind
from governance.records.models import Person
from governance.rules.selectors import findings_on
from governance.tasks.models import Task
from governance.tasks.services import FOLLOWER, day_run, grid_follow, tasks_from_findings
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.tasks.conftest import DAY, ruling, town_make

WRITERS = 3
EDITS = 20
DUE, NOT_DUE = "1966-12-01", "1976-12-01"
EXPECTED = {"updated", "merged", "identical"}


def write(number: int, people: list[str], homes: list[str]) -> None:
    """Change people of one's own at random: birth dates, homes."""
    chance = random.Random(number)
    hub = replace(HUB, scope=Scope(frozenset({GRID, NEXT})))
    for _ in range(EDITS):
        values = chance.choice(
            [{"birth_date": chance.choice([DUE, NOT_DUE])}, {"household": chance.choice(homes)}]
        )
        (result,) = apply(hub, change("person", chance.choice(people), **values))
        assert result.status in EXPECTED, result


def until(stop: Event, work: Callable[[], object]) -> None:
    """Do something over and over."""
    while not stop.is_set():
        work()


def run_rules() -> None:
    """Run one rule on all people, with whatever was read of them a moment ago."""
    tasks_from_findings(findings=findings_on(DAY, ruling("turns_60")), day=DAY)


def closing(work: Callable[..., None]) -> Callable[..., None]:
    """Close the thread's connection behind some work."""

    def run(*args: object) -> None:
        try:
            work(*args)
        finally:
            connection.close()

    return run


@pytest.mark.django_db(transaction=True)
def test_every_task_is_right_when_all_have_come_to_rest() -> None:
    town_make()
    here = factories.home(factories.hub_in(GRID))["household"]
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)["household"]
    people = [factories.person(factories.hub_in(GRID), here, birth_date=DUE) for _ in range(WRITERS * 2)]
    stop = Event()
    jobs = [lambda: grid_follow(GRID), lambda: grid_follow(NEXT), run_rules]
    with ThreadPoolExecutor(WRITERS + len(jobs)) as pool:
        others = [pool.submit(closing(until), stop, job) for job in jobs]
        writing = [pool.submit(closing(write), n, people[n::WRITERS], [here, there]) for n in range(WRITERS)]
        try:
            for future in writing:
                future.result()
        finally:
            stop.set()
        for future in others:
            future.result()
    while behind := grids_behind(FOLLOWER):
        for grid in behind:
            grid_follow(grid)
    due = {
        (str(id_), grid, household)
        for id_, grid, household in Person.objects.filter(birth_date=DUE).values_list(
            "id", "grid", "household_id"
        )
    }
    held = Task.objects.filter(state="open").values_list("subject", "grid", "household_id")
    assert set(held) == due
    assert len(held) == len(due)
    assert day_run(DAY) == 0
