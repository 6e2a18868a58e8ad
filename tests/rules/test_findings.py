"""Whom a rule finds on a day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from governance.access.actor import Actor
from governance.rules.models import Rule, RuleVersion
from governance.rules.selectors import Ruling, findings_on, found_by_area, rules_on
from tests import factories

DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the day that rules are loaded on: some look no further back."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)


def ruling(code: str) -> Ruling:
    return next(rule for rule in rules_on(DAY) if rule.code == code)


def found(code: str, day: date = DAY, **narrowed: Any) -> set[str]:
    return {str(finding.subject) for finding in findings_on(day, ruling(code), **narrowed)}


def born(worker: Actor, home: dict[str, str], day: date) -> str:
    return factories.person(worker, home["household"], birth_date=day.isoformat())


@pytest.mark.parametrize(
    ("reached", "due"),
    [
        (DAY + timedelta(days=31), False),
        (DAY + timedelta(days=30), True),
        (DAY, True),
        (DAY - timedelta(days=180), True),
        (DAY - timedelta(days=181), False),
        (DAY - timedelta(days=365), False),
    ],
)
def test_sixty_is_found_from_thirty_days_before_and_never_a_year_after(
    worker: Actor, home: dict[str, str], reached: date, due: bool
) -> None:
    id_ = born(worker, home, reached.replace(year=reached.year - 60))
    assert (id_ in found("turns_60")) is due


def test_a_newborn_is_found_from_birth(worker: Actor, home: dict[str, str]) -> None:
    id_ = born(worker, home, DAY)
    assert found("newborn_registration") == found("newborn_insurance") == {id_}
    assert found("newborn_registration", DAY + timedelta(days=91)) == set()
    assert found("turns_60") == set()


def test_who_was_born_on_a_leap_day_is_found_to_the_last_day(worker: Actor, home: dict[str, str]) -> None:
    id_ = born(worker, home, date(1940, 2, 29))
    last = date(2025, 3, 1) + timedelta(days=180)
    assert found("turns_85", last) == {id_}
    assert found("turns_85", last + timedelta(days=1)) == set()


def test_what_a_finding_says(worker: Actor, home: dict[str, str]) -> None:
    id_ = born(worker, home, date(1966, 12, 1))
    (finding,) = findings_on(DAY, ruling("turns_60"))
    assert finding.occasion == f"turns_60:{id_}:60"
    assert (finding.grid, str(finding.household)) == (factories.GRID, home["household"])
    assert (finding.opens_on, finding.due_on) == (date(2026, 11, 1), date(2027, 1, 30))
    assert finding.reason.startswith("2026年12月1日年满60周岁。")


@pytest.mark.parametrize("gone", ["closed", "withdrawn"])
def test_people_who_left_are_not_found(worker: Actor, home: dict[str, str], gone: str) -> None:
    id_ = born(worker, home, DAY)
    left = factories.change("person", id_, base=1)
    if gone == "closed":
        left.set = {"closed_on": "2026-11-22", "closed_reason": "02"}
    else:
        left.delete = True
    assert factories.apply(worker, left)[0].status == "updated"
    assert found("newborn_registration") == set()


def test_area_and_people_narrow_the_search(worker: Actor, home: dict[str, str]) -> None:
    first, second = born(worker, home, DAY), born(worker, home, DAY)
    code = "newborn_registration"
    assert found(code, prefix=factories.GRID) == {first, second}
    assert found(code, prefix="420503") == set()
    assert found(code, people=[UUID(second)]) == {second}


def test_of_two_records_with_one_number_one_is_found(worker: Actor, home: dict[str, str]) -> None:
    number = "420502202611220015"
    first, second = (factories.person(worker, home["household"], citizen_number=number) for _ in range(2))
    assert found("newborn_insurance") == {first}
    closed = factories.change("person", first, base=1, closed_on="2026-11-22", closed_reason="90")
    assert factories.apply(worker, closed)[0].status in ("updated", "merged")
    assert found("newborn_insurance") == {second}


def test_who_is_concerned_is_counted_by_area(worker: Actor, home: dict[str, str]) -> None:
    for _ in range(3):
        born(worker, home, DAY)
    body = ruling("newborn_registration").body
    assert found_by_area(DAY, body, digits=9) == {factories.GRID[:9]: 3}
    assert found_by_area(date(2020, 1, 1), body) == {}


def test_rules_hold_while_enabled_and_valid(town: None) -> None:
    Rule.objects.exclude(pk__in=("turns_60", "turns_85", "newborn_registration", "newborn_insurance")).update(
        enabled=False
    )
    assert {rule.code for rule in rules_on(DAY)} == {
        "turns_60",
        "turns_85",
        "newborn_registration",
        "newborn_insurance",
    }
    Rule.objects.filter(pk="turns_60").update(enabled=False)
    RuleVersion.objects.filter(rule="turns_85").update(valid_to=DAY - timedelta(days=1))
    RuleVersion.objects.filter(rule="newborn_insurance").update(valid_from=DAY + timedelta(days=1))
    assert [rule.code for rule in rules_on(DAY)] == ["newborn_registration"]


def test_a_rule_costs_one_statement_beside_the_calendar(
    worker: Actor, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        born(worker, home, DAY)
    rule = ruling("newborn_registration")
    found("newborn_registration")
    with django_assert_num_queries(2):
        assert len(findings_on(DAY, rule, prefix=factories.GRID)) == 3


HOMES: dict[str, tuple[str, ...]] = {
    "old and alone": ("1940-01-01",),
    "elderly and alone": ("1955-01-01",),
    "young and alone": ("1990-01-01",),
    "elders": ("1950-01-01", "1952-01-01"),
    "elder and child": ("1950-01-01", "1980-01-01"),
    "unknown": ("1950-01-01", ""),
}


@pytest.mark.parametrize(
    ("code", "homes"),
    [
        ("alone_80", ["old and alone"]),
        ("alone_65", ["elderly and alone"]),
        ("elders_only", ["elders"]),
    ],
)
def test_who_shares_a_home_is_counted_for_everybody_as_for_each(
    worker: Actor, code: str, homes: list[str]
) -> None:
    """Everybody is counted in one pass, given records one by one."""
    subjects = {}
    for name, born_on in HOMES.items():
        home = factories.home(worker)
        people = [
            factories.person(worker, home["household"], **({"birth_date": day} if day else {}))
            for day in born_on
        ]
        subjects[name] = home["household"] if code == "elders_only" else people[0]
    day = DAY + timedelta(days=100)
    due = {subjects[name] for name in homes}
    assert found(code, day) == due
    assert found(code, day, people=[UUID(id_) for id_ in subjects.values()]) == due
    assert found(code, day, prefix=factories.GRID[:9]) == due
