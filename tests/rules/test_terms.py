"""Terms full on the day of their number; back and forth they agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.grammar import Term, Unit, Window
from governance.rules.terms import add, days_of, latest, reach, term_day

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
UNITS = st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS])


def weekdays(day: date, n: int) -> date:
    """Count weekdays only."""
    while n:
        day += timedelta(days=1 if n > 0 else -1)
        n -= (1 if n > 0 else -1) if day.weekday() < 5 else 0
    return day


@pytest.mark.parametrize(
    ("day", "n", "unit", "full"),
    [
        (date(1966, 11, 22), 60, Unit.YEARS, date(2026, 11, 22)),
        (date(1940, 2, 29), 85, Unit.YEARS, date(2025, 3, 1)),
        (date(1964, 2, 29), 60, Unit.YEARS, date(2024, 2, 29)),
        (date(2026, 1, 31), 1, Unit.MONTHS, date(2026, 3, 1)),
        (date(2026, 1, 28), 1, Unit.MONTHS, date(2026, 2, 28)),
        (date(2026, 12, 31), 2, Unit.MONTHS, date(2027, 3, 1)),
        (date(2026, 3, 31), -1, Unit.MONTHS, date(2026, 3, 1)),
        (date(2026, 1, 1), 2, Unit.WEEKS, date(2026, 1, 15)),
        (date(2026, 1, 1), -1, Unit.DAYS, date(2025, 12, 31)),
        (date(2026, 1, 1), 9000, Unit.YEARS, date.max),
        (date(2026, 1, 1), -9000, Unit.YEARS, date.min),
    ],
)
def test_the_day_a_term_is_full(day: date, n: int, unit: Unit, full: date) -> None:
    assert add(day, n, unit) == full


@given(day=DAYS, n=st.integers(-200, 1400), unit=UNITS, near=st.integers(-40, 40))
def test_whose_term_is_full_by_a_day_is_known_exactly(day: date, n: int, unit: Unit, near: int) -> None:
    last = latest(day, n, unit)
    begun = last + timedelta(days=near)
    assert (add(begun, n, unit) <= day) == (begun <= last)


@given(day=DAYS, n=st.integers(0, 130), unit=UNITS)
def test_the_earlier_is_never_full_later(day: date, n: int, unit: Unit) -> None:
    assert add(day, n, unit) <= add(day + timedelta(days=1), n, unit)


@given(day=DAYS, n=st.integers(-60, 60), unit=st.sampled_from(list(Unit)))
def test_no_term_lies_beyond_its_reach(day: date, n: int, unit: Unit) -> None:
    term = Term(n, unit)
    assert abs((term_day(term, day, weekdays) - day).days) <= reach(term)


def test_days_never_run_backwards() -> None:
    window = Window(Term(0), Term(1, Unit.WORKDAYS), Term(1))
    friday = date(2026, 11, 20)
    days = days_of(window, friday, weekdays)
    assert (days.opens, days.due, days.expires) == (friday, date(2026, 11, 23), date(2026, 11, 23))
    assert [day for day in range(18, 26) if days.open_on(date(2026, 11, day))] == [20, 21, 22, 23]
