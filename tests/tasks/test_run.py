"""The day's run over the city: taken up again, run twice at once, started and stopped by command."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from governance.access.actor import HUB, Actor
from governance.feed.selectors import grids_behind
from governance.records.models import History
from governance.rules.models import Rule, RuleVersion
from governance.tasks import running
from governance.tasks.management.commands import tasks_run
from governance.tasks.models import DayScan, Task
from governance.tasks.services import FOLLOWER, day_finished, day_run, day_steps, grid_follow
from tests import factories
from tests.tasks.conftest import DAY, reworded, town_make

SIXTY = "1966-12-01"
OTHER_TOWN = "420502002001001"


def people(grid: str, lon: float, count: int = 1) -> None:
    home = factories.home(factories.hub_in(grid), lon=lon)
    for _ in range(count):
        factories.person(factories.hub_in(grid), home["household"], birth_date=SIXTY)


@pytest.fixture
def two_towns(town: None) -> None:
    """A person of sixty in each of two towns."""
    factories.grid(OTHER_TOWN, shift=2)
    people(factories.GRID, factories.WEST + 0.005)
    people(OTHER_TOWN, factories.WEST + 0.025)


def test_a_run_that_was_cut_goes_on_where_it_stopped(two_towns: None) -> None:
    steps = day_steps(DAY)
    first = next(steps)
    steps.close()
    assert (first.name, first.place, first.total, first.changed) == ("清理", 1, 1 + Rule.objects.count(), 0)
    assert not day_finished(DAY)
    assert sorted(step.changed for step in day_steps(DAY))[-2:] == [0, 2]
    assert day_finished(DAY)
    assert DayScan.objects.get().changed == 2
    assert list(day_steps(DAY)) == []


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_rule_with_more_differences_than_are_held_is_run_to_its_end(
    two_towns: None, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(running, "MOST", most)
    people(factories.GRID, factories.WEST + 0.005, 2)
    people(factories.NEXT, factories.EAST + 0.005, 1)
    assert day_run(DAY) == 5
    assert Task.objects.filter(state="open").count() == 5
    reworded("turns_60", opens=30)
    assert day_run(DAY) == 5
    assert not Task.objects.filter(state="open").exists()


def test_the_day_is_run_again_when_a_rule_changes(two_towns: None) -> None:
    reworded("turns_60", opens=0)
    assert day_run(DAY) == 0
    reworded("turns_60", opens=-30)
    assert not day_finished(DAY)
    assert day_run(DAY) == 2


def test_the_wording_of_a_new_version_reaches_open_tasks_and_no_others(two_towns: None) -> None:
    for _ in range(2):
        people(factories.GRID, factories.WEST + 0.005)
    day_run(DAY)
    done, taken = Task.objects.filter(grid=factories.GRID)[:2]
    old = done.title
    factories.apply(factories.hub_in(done.grid), factories.change("task", done.pk, base=1, outcome="already"))
    accepted = factories.change("task", taken.pk, base=1, accepted_at="2026-11-22T02:00:00Z")
    factories.apply(factories.hub_in(taken.grid), accepted)
    before = dict(Task.objects.values_list("pk", "version"))
    version = RuleVersion.objects.get(rule="turns_60")
    version.content |= {"title": "上门办理老年证", "text": "请带上照片。", "asks": ["photo"]}
    version.save()
    assert day_run(DAY) == 3
    open_ = Task.objects.exclude(pk=done.pk)
    assert set(open_.values_list("title", "asks")) == {("上门办理老年证", "photo")}
    assert all(reason.endswith("请带上照片。") for reason in open_.values_list("reason", flat=True))
    assert {task.pk: task.version for task in open_} == {pk: before[pk] + 1 for pk in before if pk != done.pk}
    kept = Task.objects.get(pk=done.pk)
    assert (kept.title, kept.version) == (old, before[done.pk])
    assert Task.objects.get(pk=taken.pk).state == "accepted"
    DayScan.objects.update(finished_at=None, rule="")
    assert day_run(DAY) == 0


def test_each_day_is_run(two_towns: None) -> None:
    day_run(DAY)
    assert not day_finished(DAY + timedelta(days=1))


def at_once(work: Callable[[], object], times: int) -> list[object]:
    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [lambda: day_run(DAY), lambda: grid_follow(factories.GRID)])
def test_run_twice_at_once_each_task_is_made_once(work: Callable[[], object]) -> None:
    town_make()
    people(factories.GRID, factories.WEST + 0.005, count=15)
    at_once(work, 3)
    assert Task.objects.count() == 15
    assert History.objects.filter(kind="task").count() == 15
    assert set(Task.objects.values_list("version", flat=True)) == {1}


def test_the_command_runs_the_day(two_towns: None) -> None:
    out, err = StringIO(), StringIO()
    call_command("tasks_run", day=DAY, stdout=out, stderr=err)
    assert Task.objects.count() == 2
    assert "任务变动共2条" in out.getvalue()
    assert "代办老年优待证 任务变动2" in err.getvalue()


def test_the_command_names_a_day_that_is_none(db: None) -> None:
    with pytest.raises(CommandError, match="不是日期"):
        call_command("tasks_run", "--day=2026-02-30")


@pytest.mark.parametrize("options", [{"every": 0.0}, {"follow": True, "day": DAY}])
def test_the_command_refuses_what_makes_no_sense(db: None, options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("tasks_run", **options)


def test_following_goes_on_through_new_records_and_an_outage_until_told_to_stop(
    worker: Actor, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    born: list[str] = []

    def behind(follower: str) -> list[str]:
        """Stand between the command and the feed: a new person, an outage, the end."""
        if not born:
            born.append(factories.person(worker, home["household"], birth_date=SIXTY))
        elif len(born) == 1:
            born.append("outage")
            raise OperationalError
        elif not grids_behind(follower):
            os.kill(os.getpid(), signal.SIGTERM)
        return grids_behind(follower)

    monkeypatch.setattr(tasks_run, "grids_behind", behind)
    monkeypatch.setattr(tasks_run.connection, "close", lambda: None)
    before = signal.getsignal(signal.SIGTERM)
    out = StringIO()
    call_command("tasks_run", follow=True, every=0.01, stdout=out, stderr=StringIO())
    assert Task.objects.get().subject == born[0]
    assert grids_behind(FOLLOWER) == []
    assert out.getvalue().endswith("已停止\n")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_grid_over_which_a_follower_stumbles_keeps_no_other_from_its_tasks(
    worker: Actor, home: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    born = factories.person(worker, home["household"], birth_date=SIXTY)
    rounds = iter([["9" * 15, factories.GRID], [factories.GRID]])
    follow = tasks_run.FOLLOWERS[FOLLOWER]

    def behind(follower: str) -> list[str]:
        return next(rounds, []) if follower == FOLLOWER else []

    def stumbling(grid: str) -> None:
        if grid != factories.GRID:
            raise KeyError(grid)
        follow(grid)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(tasks_run, "grids_behind", behind)
    monkeypatch.setattr(tasks_run, "FOLLOWERS", {FOLLOWER: stumbling})
    monkeypatch.setattr(tasks_run.connection, "close", lambda: None)
    out = StringIO()
    call_command("tasks_run", follow=True, every=0.01, stdout=out, stderr=StringIO())
    assert Task.objects.get().subject == born
    assert "stumbled" in caplog.text
    assert out.getvalue().endswith("已停止\n")


def test_the_whole_city_is_open_to_the_hub_only_for_a_while(two_towns: None) -> None:
    assert HUB.scope.unbounded
    day_run(DAY)
    assert set(History.objects.filter(kind="task").values_list("source", flat=True)) == {"hub"}


def test_a_day_long_past_finds_who_was_due_then(two_towns: None) -> None:
    assert day_run(date(2026, 10, 1)) == 0
