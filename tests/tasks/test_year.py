"""A year of days over streets, compared day by day with who should have been asked by plain Python."""

from datetime import date

import pytest
from django.utils import timezone

from governance.contract.kinds.task_states import OPEN_STATES
from governance.rules.models import RuleVersion
from governance.tasks.models import Task
from governance.tasks.services import day_run
from tests import factories, kept
from tests.tasks.year.expected import STARTED, Ask, asked
from tests.tasks.year.street import Street

pytestmark = pytest.mark.long
_ONCE = pytest.mark.one_database
QUARTERS = (
    (1, date(2025, 10, 31), set()),
    pytest.param(2, date(2026, 1, 30), {"school_age"}, marks=_ONCE),
    (3, date(2026, 5, 1), {"school_age", "veteran_visit"}),
    pytest.param(4, date(2026, 7, 31), {"veteran_visit"}, marks=_ONCE),
)
"""Seed of a street, the day before its first, and the rules of the season that must have found somebody."""

DAYS = 92
ALWAYS = {"alone_80", "elders_only", "newborn_insurance", "newborn_registration", "vaccination"}
ALWAYS |= {"rental_inspection", "hazard_room", "pregnancy_check", "pregnancy_booking"}
ALWAYS |= {"disability_certificate"}


@pytest.fixture
def town(db: None) -> None:
    factories.town()
    kept.calendar()
    kept.rules()
    for version in RuleVersion.objects.filter(content__moment__op="since"):
        version.content["moment"]["start"] = STARTED.isoformat()
        version.save()


def held() -> set[Ask]:
    """Give the open tasks that rules made."""
    found = set()
    for task in Task.objects.filter(origin="rule", state__in=OPEN_STATES, deleted=False):
        rule, about, turn = task.occasion.split(":")
        assert (task.subject, task.origin_ref) == (about, rule)
        found.add(Ask(rule, about, turn, task.grid, task.opens_on, task.due_on, task.expires_on))
    return found


def told(asks: set[Ask]) -> list[str]:
    return sorted(map(str, asks))[:5]


@pytest.mark.parametrize(("seed", "eve", "season"), QUARTERS)
def test_a_quarter_of_days(
    town: None, monkeypatch: pytest.MonkeyPatch, seed: int, eve: date, season: set[str]
) -> None:
    street = Street(seed, eve)
    first_seen: dict[str, date] = {}
    ever: set[tuple[str, str, str]] = set()
    monkeypatch.setattr(timezone, "localdate", lambda *_: street.day)
    for _ in range(DAYS):
        street.pass_day()
        day_run(street.day)
        wanted, there = asked(street, first_seen), held()
        assert (told(wanted - there), told(there - wanted)) == ([], []), street.day
        ever |= {(ask.rule, ask.about, ask.turn) for ask in wanted}
    assert Task.objects.count() == len(ever)
    assert {rule for rule, _, _ in ever} >= ALWAYS | season
