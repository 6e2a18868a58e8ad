"""Staff hand an event on just as the desk that has it is done with it."""

from datetime import date

import pytest
from django.db import connection

from governance.access.actor import HUB
from governance.access.errors import NotPossible
from governance.events.models import Event
from governance.tasks.centres.giving import STATION
from governance.tasks.centres.handing import event_hand_on
from governance.tasks.centres.queues import DeskWish, desk_step
from governance.tasks.models import Task
from tests import factories
from tests.factories import COMMUNITY, GRID
from tests.tasks.desk import clerk, desk_make
from tests.waiting import meanwhile

DAY = date(2026, 11, 22)
PEACE, STREET = f"{COMMUNITY}-peace", f"{COMMUNITY[:9]}-peace"

if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.fixture
    def event(transactional_db: None) -> Event:
        desk_make()
        made = factories.change("event", category="0101", title="邻里噪声", description="很吵", grid=GRID)
        factories.apply(factories.tablet(factories.worker()), made)
        return Event.objects.get()

    def test_what_a_desk_has_just_done_is_open_at_the_next_one(event: Event) -> None:
        event_hand_on(actor=HUB, event=event, station=PEACE, note="请调解", day=DAY)
        staff, task = clerk("clerk", PEACE), Task.objects.get()
        done = DeskWish("done", "已调解")
        meanwhile(
            lambda: desk_step(actor=staff, id_=task.pk, wish=done, day=DAY),
            late=lambda: event_hand_on(actor=HUB, event=event, station=STREET, note="复查", day=DAY),
        )
        task.refresh_from_db()
        assert (task.state, task.assignee, Event.objects.get().state) == (
            "open",
            f"{STATION}{STREET}",
            "assigned",
        )

    def test_what_has_just_ended_is_not_handed_on(event: Event) -> None:
        hub = factories.hub_in(GRID)
        ended = factories.change("event", event.pk, 1, state="closed")
        with pytest.raises(NotPossible, match="已结束"):
            meanwhile(
                lambda: factories.apply(hub, ended),
                late=lambda: event_hand_on(actor=HUB, event=event, station=PEACE, note="请调解", day=DAY),
            )
        assert not Task.objects.exists()
