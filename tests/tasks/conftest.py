"""The small town with the shipped rules, on a fixed day."""

from datetime import date

import pytest
from django.conf import settings
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.rules.services import rules_load
from tests import factories

DAY = date(2026, 11, 22)


def town_make() -> None:
    """Make two grids, the code lists and the rules."""
    factories.codes()
    factories.grid()
    factories.grid(factories.NEXT, shift=1)
    rules_load(actor=HUB, folder=settings.FIXTURES / "rules")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Hold the day."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    return DAY


@pytest.fixture
def town(db: None) -> None:
    """The town."""
    town_make()


@pytest.fixture
def worker(town: None) -> Actor:
    """A worker's tablet on the first grid."""
    return factories.tablet(factories.worker())


@pytest.fixture
def home(worker: Actor) -> dict[str, str]:
    """A building, a room and a household made by the worker."""
    return factories.home(worker)
