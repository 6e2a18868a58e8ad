"""Somebody answers a report just as the hub takes it along with who moves: the answer stands."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from governance.access.models import Post
from governance.access.selectors import actor_for_user
from governance.tasks.models.plans import Escalation
from governance.tasks.plans import escalate
from governance.tasks.plans.reports import escalation_answer
from governance.tasks.plans.services import grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.plans.conftest import DAY, Maker
from tests.waiting import closing, waits

if connection.vendor == "postgresql":  # SQLite's writers come one by one
    pytestmark = pytest.mark.django_db(transaction=True)

    def moved() -> None:
        """Bring somebody's room to the next grid."""
        there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)["building"]
        room = factories.model("room").objects.exclude(building=there).get()
        move = factories.change("room", room.pk, room.version, building=there, number="102")
        assert factories.apply(factories.hub_in(GRID, NEXT), move)[0].status == "updated"

    @pytest.mark.parametrize("cause", ["danger", "missed"])
    def test_an_answer_just_given_stands_as_a_report_moves(
        entered: Maker, monkeypatch: pytest.MonkeyPatch, cause: str
    ) -> None:
        care = entered(care_level="1")
        if cause == "danger":
            care.visit(0, found="5", danger=True, danger_found=["04"])
        else:
            care.pass_days(0, 3)
        row, store = Escalation.objects.get(cause=cause), escalate._store
        moved()
        user = factories.user("leader", "grid_leader")
        for grid in (GRID, NEXT):
            Post.objects.create(worker=user, grid=grid, kind="stand_in", starts_on=DAY)
        leader = actor_for_user(user, purpose="督导检查")
        answers: list[Future[object]] = []

        def meanwhile(rows: Sequence[Any]) -> None:
            if rows and not answers:
                answers.append(pool.submit(closing, answer))
                waits(1)
            store(rows)

        def answer() -> object:
            return escalation_answer(actor=leader, escalation=row, answer="已联系家属")

        monkeypatch.setattr(escalate, "_store", meanwhile)
        with ThreadPoolExecutor(1) as pool:
            grid_follow(NEXT)
            answers[0].result()
        row.refresh_from_db()
        assert (row.grid, row.state, row.answer) == (NEXT, "answered", "已联系家属")
