"""A task that comes to name a care register, as its rule looks at one now, leaves whoever lacks the right."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.contrib.auth.models import Group

from governance.access.actor import Actor
from governance.tasks.models import Task
from governance.tasks.offers import tasks_offer
from governance.tasks.wanted import Wanted
from tests import factories
from tests.sync.tablet import Tablet

DAY = date(2026, 3, 2)
SECRET = "在册困难人员走访"


def right_take() -> None:
    group = Group.objects.get(name="grid_worker")
    group.permissions.remove(group.permissions.get(codename="see_care_hardship"))


@pytest.fixture
def wanted(worker: Actor, home: dict[str, str]) -> Wanted:
    return Wanted(
        occasion="elder:1:1",
        origin="rule",
        origin_ref="elder",
        item="visit",
        title="走访",
        reason="年满八十",
        grid=factories.GRID,
        opens_on=DAY,
        due_on=DAY,
        household=UUID(home["household"]),
    )


def test_a_task_that_a_rule_mends_goes_behind_the_registers_right(wanted: Wanted) -> None:
    right_take()
    tasks_offer([wanted], DAY)
    (task,) = Task.objects.all()
    tablet, late = Tablet(), Tablet()
    tablet.pull()
    assert str(task.pk) in tablet.held
    tasks_offer([replace(wanted, reason=SECRET, register="care_hardship")], DAY)
    task.refresh_from_db()
    assert (task.reason, task.register) == (SECRET, "care_hardship")
    (gone,) = tablet.pull()
    assert (gone["id"], gone["version"], gone["gone"]) == (str(task.pk), task.version, "revoked")
    assert str(task.pk) not in tablet.held
    assert str(task.pk) not in {item["id"] for item in late.pull()}
    assert SECRET not in str(tablet.snapshot())
    tasks_offer([replace(wanted, reason="年满八十五")], DAY)
    task.refresh_from_db()
    assert task.register == "care_hardship"


def test_what_goes_behind_the_right_comes_back_from_a_desk(wanted: Wanted) -> None:
    """A desk is shown nothing of a register, and nobody else would do what lies there."""
    tasks_offer([replace(wanted, assignee="station:420502001001-station")], DAY)
    assert Task.objects.get().assignee
    tasks_offer([replace(wanted, reason=SECRET, register="care_hardship")], DAY)
    assert Task.objects.get().assignee is None


def test_who_has_the_right_goes_on_holding_it(wanted: Wanted) -> None:
    tasks_offer([wanted], DAY)
    tablet = Tablet()
    tablet.pull()
    tasks_offer([replace(wanted, reason=SECRET, register="care_hardship")], DAY)
    (told,) = tablet.pull()
    assert told["record"]["reason"] == SECRET


def test_a_task_that_named_it_from_the_beginning_is_told_of_in_no_way(wanted: Wanted) -> None:
    right_take()
    tablet = Tablet()
    tablet.pull()
    tasks_offer([replace(wanted, reason=SECRET, register="care_hardship")], DAY)
    assert tablet.pull() == []
