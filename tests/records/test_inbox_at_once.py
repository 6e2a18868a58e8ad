"""Staff decide late work at the moment at which its sender pushes more, or others decide other work."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from governance.access.actor import HUB, Actor
from governance.access.models import Device, Post, User
from governance.access.selectors import actor_for_device
from governance.contract import Change
from governance.feed.services import heads_lock
from governance.records.models import Contested, Household, Inbox
from governance.records.services import inbox
from governance.records.services.inbox import inbox_decline, inbox_take
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.waiting import closing, waits

LATE, NEWEST = "10001111111", "10002222222"


def refused(sender: Actor, household: str, **values: Any) -> Change:
    """Let somebody send a change of a household where he has no post; it waits in the inbox."""
    made = change("household", household, base=1, **values)
    (result,) = apply(sender, made)
    assert result.status == "rejected", result
    return made


if connection.vendor == "postgresql":  # SQLite's writers come one by one
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def sender() -> Actor:
        """A tablet whose worker has his post in the second grid."""
        factories.town()
        return factories.tablet(factories.worker("li", NEXT))

    def test_what_the_sender_pushes_while_staff_take_his_late_work_stays_the_newer_word(
        sender: Actor,
    ) -> None:
        home = factories.home(factories.hub_in())["household"]
        late = refused(sender, home, head_phone=LATE)
        Post.objects.create(worker=User.objects.get(), grid=GRID, starts_on=date(2026, 1, 1))
        here = actor_for_device(Device.objects.get(), "测试")
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                heads_lock([GRID])
                taking = pool.submit(closing, lambda: inbox_take(actor=HUB, changes=[late.change]))
                waits(1)
                apply(here, change("household", home, base=1, head_phone=NEWEST))
            taking.result()
        assert Household.objects.get().head_phone == NEWEST
        assert Contested.objects.get().offered == LATE
        assert Inbox.objects.get(change=late.change).taken

    def test_late_work_is_taken_and_other_work_put_aside_in_no_circle(
        sender: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is taken waits under the first grid, but its household lies in the second by now."""
        there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
        homes = [factories.home(factories.hub_in())["household"] for _ in range(2)]
        moved, other = (refused(sender, home, head_phone=LATE) for home in homes)
        apply(factories.hub_in(GRID, NEXT), change("household", homes[0], base=1, room=there["room"]))
        stranger = factories.tablet(factories.worker("wang", GRID), "stranger")
        third = refused(stranger, there["household"], head_phone=LATE)
        begun, known = threading.Barrier(2), inbox.audit_append

        def append(*, action: str, **detail: Any) -> None:
            if action == "inbox.decline":
                known(action=action, **detail)
            with suppress(threading.BrokenBarrierError):
                begun.wait(1.0)
            if action != "inbox.decline":
                known(action=action, **detail)

        monkeypatch.setattr(inbox, "audit_append", append)
        jobs = (
            lambda: inbox_take(actor=HUB, changes=[moved.change]),
            lambda: inbox_decline(actor=HUB, changes=[other.change, third.change]),
        )
        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(closing, job) for job in jobs]
        for each in running:
            each.result()
        taken = dict(Inbox.objects.values_list("change", "taken"))
        assert taken == {moved.change: True, other.change: False, third.change: False}
