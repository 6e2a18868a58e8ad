"""The hub acts by itself, or a desk does, just as somebody else reports: what was reported stands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.errors import NotPossible
from governance.access.models import Post
from governance.access.selectors import actor_for_user
from governance.feed.services import heads_lock
from governance.tasks.alarms.climbing import alarms_climb
from governance.tasks.alarms.keys import alarm_key_issue, device_bind
from governance.tasks.cases.follow import grid_follow as cases_follow
from governance.tasks.centres.queues import DeskWish, desk_step
from governance.tasks.centres.services import stations_make
from governance.tasks.cycle.services import tasks_assign
from governance.tasks.models import Alarm, Task
from governance.tasks.offers import tasks_offer
from governance.tasks.services import grid_follow
from tests import factories, kept
from tests.factories import COMMUNITY, EAST, GRID, NEXT, apply, change
from tests.tasks.alarms.conftest import NUMBER, send, source
from tests.tasks.conftest import DAY
from tests.tasks.desk import Door, clerk, state_of
from tests.tasks.test_staff_at_once import NOW, staff_wish, task_made
from tests.waiting import closing, meanwhile, waits

GRID_DESK = f"{COMMUNITY}-grid"

if connection.vendor == "postgresql":  # SQLite's writers come one by one
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def worker() -> Actor:
        factories.town()
        stations_make(actor=HUB, area="4205")
        return factories.tablet(factories.worker())

    def reports(worker: Actor, **values: object) -> Callable[[], object]:
        """Let the worker report of the one task there is."""
        task = Task.objects.get()
        return lambda: apply(worker, change("task", task.pk, base=task.version, **values))

    def test_what_staff_just_give_to_somebody_goes_to_no_desk(worker: Actor) -> None:
        leader = factories.user("leader", "grid_leader")
        Post.objects.create(worker=leader, grid=GRID, kind="stand_in", starts_on=DAY)
        staff, task = actor_for_user(leader), task_made()
        reports(worker, outcome="handed_on", outcome_note="要居委会出面", done_at=NOW)()

        def again() -> object:
            return tasks_assign(actor=staff, tasks=[task.pk], assignee="user:leader", note="", day=DAY)

        meanwhile(again, late=lambda: grid_follow(GRID))
        assert Task.objects.get().assignee == "user:leader"

    def test_who_follows_a_grid_waits_for_nobody_in_a_circle(worker: Actor) -> None:
        """One page takes back a task that lies in another grid by now, and hands one of its own on."""
        factories.home(factories.hub_in(NEXT), lon=EAST + 0.005)
        handed_on = task_made()
        reports(worker, outcome="handed_on", outcome_note="要居委会出面", done_at=NOW)()
        person = factories.person(worker, factories.home(worker)["household"])
        about = replace(staff_wish(), occasion="staff:2", subject_kind="person", subject=UUID(person))
        tasks_offer([about], DAY)
        other = Task.objects.exclude(pk=handed_on.pk)
        other.update(grid=NEXT)
        gone = change(
            "person", person, 1, closed_on="2026-11-22", closed_reason=factories.close_reason("person")
        )
        assert apply(worker, gone)[0].status == "updated"
        meanwhile(partial(heads_lock, [NEXT]), late=partial(grid_follow, GRID))
        assert other.get().state == "withdrawn"
        assert Task.objects.get(pk=handed_on.pk).assignee == f"station:{GRID_DESK}"

    def test_a_case_that_is_just_withdrawn_is_not_sent_back_to_be_mended(worker: Actor) -> None:
        desk_make_beside()
        door = Door(worker, home := factories.home(worker), factories.person(worker, home["household"]))
        case = door.case()
        door.act(case, "hand_in", follow=False)  # without the papers that it needs
        meanwhile(lambda: door.act(case, "withdraw", follow=False), late=lambda: cases_follow(GRID))
        assert state_of(case) == "withdrawn"

    def test_an_alarm_that_is_just_taken_up_does_not_climb(worker: Actor) -> None:
        key = button(worker)
        assert send(key, {"id": "A1", "device": "HJ-001"}).status_code == 201
        late = timezone.now() + timedelta(minutes=11)
        meanwhile(reports(worker, accepted_at=NOW), late=lambda: alarms_climb(late))
        assert Task.objects.values_list("state", "assignee").get() == ("accepted", None)
        assert Alarm.objects.get().climbed == 0

    def test_who_calls_again_as_the_first_task_is_done_is_gone_to_again(worker: Actor) -> None:
        key = button(worker)
        send(key, {"id": "A1", "device": "HJ-001"})
        done = reports(worker, outcome="done", done_at=NOW)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                done()
                again = pool.submit(closing, lambda: send(key, {"id": "A2", "device": "HJ-001"}))
                waits(1)
            assert again.result().json()["state"] == "placed"
        assert sorted(Task.objects.values_list("state", flat=True)) == ["done", "open"]

    def test_what_one_clerk_has_just_done_another_does_not_give_back(worker: Actor) -> None:
        first, second = (clerk(name, GRID_DESK) for name in ("first", "second"))
        task = task_made(f"station:{GRID_DESK}")

        def step(actor: Actor, name: str) -> None:
            desk_step(actor=actor, id_=task.pk, wish=DeskWish(name, note="看过"), day=DAY)

        with pytest.raises(NotPossible):
            meanwhile(lambda: step(first, "done"), late=lambda: step(second, "back"))
        assert Task.objects.values_list("state", "outcome_note").get() == ("done", "看过")

    def desk_make_beside() -> None:
        """Have the services too, where the town is there."""
        kept.roles()
        kept.calendar()
        kept.services()

    def button(worker: Actor) -> str:
        """Give the key of a source of alarms, with one device in the grid."""
        household = factories.home(worker)["household"]
        factories.person(worker, household, citizen_number=NUMBER)
        device_bind(actor=HUB, source=(made := source()), number="HJ-001", citizen_number=NUMBER)
        return alarm_key_issue(actor=HUB, source=made)[1]
