"""Ages are reached on the birthday; 29 February gives way to 1 March."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.ages import births_for, milestone

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("birth", "years", "reached"),
    [
        (date(1966, 11, 22), 60, date(2026, 11, 22)),
        (date(1940, 2, 29), 85, date(2025, 3, 1)),
        (date(1964, 2, 29), 60, date(2024, 2, 29)),
        (date(1940, 2, 28), 85, date(2025, 2, 28)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_the_day_an_age_is_reached(birth: date, years: int, reached: date) -> None:
    assert milestone(birth, years) == reached


@given(birth=DAYS, years=st.integers(0, 120), start=DAYS, length=st.integers(0, 400))
def test_nobody_in_the_window_is_missed(birth: date, years: int, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    if start <= milestone(birth, years) <= end:
        first, last = births_for(start, end, years)
        assert first <= birth <= last


@given(birth=DAYS, years=st.integers(0, 120))
def test_the_older_is_never_later(birth: date, years: int) -> None:
    assert milestone(birth, years) <= milestone(birth + timedelta(days=1), years)
