"""The small town with the shipped rules, on a fixed day."""

from datetime import date

import pytest
from django.conf import settings
from django.utils import timezone

from governance.access.actor import HUB
from governance.rules.loading import rules_load
from tests import factories

DAY = date(2026, 11, 22)


def town_make() -> None:
    """Make two grids, the code lists and the rules."""
    factories.town()
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
