"""A person in a care register, the shipped levels, and days that pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.access.actor import Actor
from governance.tasks.models import Task
from governance.tasks.plans.services import day_run, grid_follow
from tests import factories, kept
from tests.factories import GRID

DAY = date(2026, 11, 22)


@dataclass
class Clock:
    """The hub's day."""

    day: date

    def on(self, days: int) -> date:
        """Move to so many days after the first."""
        self.day = DAY + timedelta(days=days)
        return self.day


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Hold day and time of the hub."""
    clock = Clock(DAY)

    def now() -> datetime:
        return datetime.combine(clock.day, datetime.min.time(), timezone.get_default_timezone()).replace(
            hour=12
        )

    local = timezone.localdate
    monkeypatch.setattr(timezone, "localdate", lambda *given: local(*given) if given else clock.day)
    monkeypatch.setattr(timezone, "now", now)
    text = "governance.records.services.apply.utc_now"
    monkeypatch.setattr(text, lambda: now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return clock


@pytest.fixture
def town(db: None) -> None:
    """The town with the shipped levels."""
    factories.town()
    kept.levels()


@dataclass
class Care:
    """Someone in a register."""

    worker: Actor
    household: str
    person: str
    record: str
    register: str
    clock: Clock

    def visit(self, days: int = 0, **values: Any) -> str:
        """Record a visit on a day and let the hub hear of it."""
        at = datetime.combine(DAY + timedelta(days=days), datetime.min.time()).replace(hour=2)
        values = {"person": self.person, "found": "1", **values}
        made = factories.change(
            "visit",
            household=self.household,
            purpose="02",
            visited_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            **values,
        )
        (result,) = factories.apply(self.worker, made)
        assert result.status == "created", result
        follow()
        return str(made.id)

    def held(self) -> Any:
        """Give the register's record."""
        return factories.model(self.register).objects.get(pk=self.record)

    def set(self, **values: Any) -> None:
        """Change the register's record as the worker."""
        change = factories.change(self.register, self.record, self.held().version, **values)
        (result,) = factories.apply(self.worker, change)
        assert result.status == "updated", result
        follow()

    def tasks(self, **wanted: Any) -> list[Task]:
        """Give the planned visits."""
        return list(Task.objects.filter(origin="plan", subject=self.person, **wanted).order_by("opens_on"))

    def pass_days(self, first: int, last: int) -> None:
        """Let the days' runs happen."""
        for days in range(first, last + 1):
            day_run(self.clock.on(days))
            follow()


def follow() -> None:
    """Read the feed until there is nothing new."""
    while grid_follow(GRID):
        pass


Maker = Callable[..., Care]


@pytest.fixture
def entered(worker: Actor, home: dict[str, str], today: Clock) -> Maker:
    """Enter somebody in a register."""

    def make(register: str = "care_left_behind", **values: Any) -> Care:
        needed = {"category": "01"} if "category" in factories.KINDS[register].by_name else {}
        person = factories.person(worker, home["household"])
        made = factories.change(register, person=person, **needed, **values)
        (result,) = factories.apply(worker, made)
        assert result.status == "created", result
        follow()
        return Care(worker, home["household"], person, str(made.id), register, today)

    return make
