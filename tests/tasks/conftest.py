"""The small town with the shipped rules, on a fixed day."""

from datetime import date

import pytest
from django.utils import timezone

from governance.rules.models import RuleVersion
from governance.rules.selectors import Ruling, rules_on
from tests import factories, kept

DAY = date(2026, 11, 22)


def town_make() -> None:
    """Make two grids, the code lists and the rules."""
    factories.town()
    kept.rules()


def ruling(code: str, day: date = DAY) -> Ruling:
    """Give a rule as it holds on a day."""
    return next(rule for rule in rules_on(day) if rule.code == code)


def reworded(code: str, **window: int) -> None:
    """Give a rule other days, as a new version would."""
    version = RuleVersion.objects.get(rule=code)
    for name, days in window.items():
        version.content["window"][name] = {"n": days}
    version.save()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Hold the day."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    return DAY


@pytest.fixture
def town(db: None) -> None:
    """The town."""
    town_make()
