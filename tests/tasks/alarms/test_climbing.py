"""An alarm that nobody takes up climbs: to the community's station, then to the street's centre."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.events.models import Event
from governance.feed.selectors import heads
from governance.tasks.alarms.climbing import alarms_climb
from governance.tasks.centres.services import stations_make
from governance.tasks.management.commands import tasks_run
from governance.tasks.models import Alarm, AlarmSource, Station, Task
from tests import factories
from tests.factories import COMMUNITY, GRID
from tests.tasks.alarms.conftest import Call, send

COMMUNITY_GRID = f"station:{COMMUNITY}-grid"
STREET_GRID = f"station:{COMMUNITY[:9]}-grid"


@pytest.fixture
def centres(town: None) -> None:
    """The three centres and stations."""
    stations_make(actor=HUB, area="4205")


def after(minutes: int) -> int:
    """Look at the alarms so many minutes on."""
    return alarms_climb(timezone.now() + timedelta(minutes=minutes))


def test_it_climbs_once_a_step_and_each_step_pokes_the_grid(centres: None, call: Call, elder: str) -> None:
    AlarmSource.objects.update(accept_minutes=7)
    call()
    assert after(6) == 0
    before = heads([GRID])[GRID]
    assert after(8) == 1
    task = Task.objects.get()
    assert (task.assignee, task.state, task.priority) == (COMMUNITY_GRID, "open", "3")
    assert "7分钟无人应答" in (task.note or "")
    assert heads([GRID])[GRID] == before + 1
    assert after(13) == 0
    assert after(15) == 1
    assert Task.objects.get().assignee == STREET_GRID
    assert after(60) == 0
    assert Alarm.objects.get().climbed == 2


def test_what_somebody_accepted_does_not_climb(centres: None, call: Call, elder: str, worker: Actor) -> None:
    call()
    task = Task.objects.get()
    accepted = factories.change("task", task.pk, base=1, accepted_at="2026-11-22T02:00:00Z")
    factories.apply(worker, accepted)
    assert after(60) == 0
    assert Task.objects.get().assignee is None


def test_without_a_desk_the_task_stays_and_says_that_nobody_answered(
    town: None, call: Call, elder: str
) -> None:
    call()
    assert after(11) == 1
    task = Task.objects.get()
    assert task.assignee is None
    assert "无人应答" in (task.note or "")


def test_without_a_station_in_the_community_the_street_has_it_at_once(
    centres: None, call: Call, elder: str
) -> None:
    Station.objects.filter(division=COMMUNITY).update(enabled=False)
    call()
    assert after(11) == 1
    assert Task.objects.get().assignee == STREET_GRID


def test_a_call_that_nobody_takes_up_comes_to_the_desks_too(
    centres: None, hotline: str, worker: Actor
) -> None:
    lon, lat = factories.WEST + 0.005, factories.SOUTH + 0.005
    reply = send(hotline, {"id": "H1", "text": "路灯坏了", "lon": lon, "lat": lat})
    assert reply.status_code == 201, reply.content.decode()
    assert after(11) == 1
    assert (Event.objects.get().state, Task.objects.get().assignee) == ("assigned", COMMUNITY_GRID)
    assert after(21) == 1
    assert Task.objects.get().assignee == STREET_GRID


def test_the_task_worker_lets_alarms_climb(
    centres: None, call: Call, elder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call()
    Alarm.objects.update(received_at=timezone.now() - timedelta(minutes=11))

    def once(day: object) -> None:
        tasks_run.signal.raise_signal(tasks_run.signal.SIGTERM)

    monkeypatch.setattr(tasks_run, "items_carry_on", once)
    monkeypatch.setattr(tasks_run, "close_old_connections", lambda: None)
    call_command("tasks_run", follow=True, every=0.01, stdout=StringIO(), stderr=StringIO())
    assert Task.objects.get().assignee == COMMUNITY_GRID
