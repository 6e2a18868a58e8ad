"""A long run of writes lets others write between its transactions, on SQLite, where writers do not queue."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from governance.access.actor import Actor
from governance.tasks import turns
from governance.tasks.offers import held_for, planned_write
from governance.tasks.settle import Planned, tasks_due
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import GRID
from tests.tasks.conftest import DAY


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every moment is a turn's end; gives the pauses, which take no time."""
    taken: list[float] = []
    monkeypatch.setattr(turns, "TURN", -1.0)
    monkeypatch.setattr(turns.time, "sleep", taken.append)
    return taken


@pytest.fixture
def planned(transactional_db: None) -> list[Planned]:
    """Three tasks to write."""
    factories.town()
    worker: Actor = factories.tablet(factories.worker())
    household = factories.home(worker)["household"]
    wanted = [
        Wanted(
            occasion=f"item:{number}:{household}", origin="item", origin_ref=str(number), item="fire_check",
            title="用气安全检查", reason="城市管理部门事项", grid=GRID, opens_on=DAY,
            due_on=DAY + timedelta(days=7), asks="photo",
        )
        for number in range(3)
    ]  # fmt: skip
    return tasks_due(wanted, held_for({each.occasion for each in wanted}), DAY)


def test_others_are_let_in_between_transactions(planned: list[Planned], pauses: list[float]) -> None:
    assert len(planned_write(planned, 1)) == 3
    assert len(pauses) == (2 if connection.vendor == "sqlite" else 0)


def test_nobody_waits_for_a_pause_inside_a_transaction(planned: list[Planned], pauses: list[float]) -> None:
    with transaction.atomic():
        assert len(planned_write(planned, 1)) == 3
    assert pauses == []


def test_a_turn_lasts(planned: list[Planned], pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN", 3600.0)
    turns.others_let_in()
    pauses.clear()
    planned_write(planned, 1)
    assert pauses == []
