"""The small town on a fixed day, with several doors."""

from datetime import date

import pytest
from django.utils import timezone

from governance.access.actor import Actor
from governance.tasks.plans.services import grid_follow
from tests import factories
from tests.factories import GRID

DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Hold the day."""
    local = timezone.localdate
    monkeypatch.setattr(timezone, "localdate", lambda *given: local(*given) if given else DAY)
    return DAY


@pytest.fixture
def doors(worker: Actor, home: dict[str, str]) -> list[str]:
    """Fourteen households of one building."""
    made = [home["household"]]
    for number in range(2, 15):
        room = factories.change("room", building=home["building"], number=f"{number}01")
        household = factories.change("household", room=str(room.id), head_name="王示例")
        assert {result.status for result in factories.apply(worker, room, household)} == {"created"}
        made.append(str(household.id))
    return made


def follow() -> None:
    """Read the feed until there is nothing new."""
    while grid_follow(GRID):
        pass
