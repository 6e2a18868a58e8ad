"""Terms (期限): so many days, weeks, months, years or working days from a day on, and back again.

A term of months or years is full on the day of its number. Where the last month lacks that day, the term
ends with the month by article 202 of the Civil Code (民法典), so it is full on the first of the next one:
who was born on 29 February is sixty on 1 March. Terms before a day are counted the same way.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from governance.rules.grammar import Term, Unit, Window

_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_DAYS = {Unit.DAYS: 1, Unit.WEEKS: 7}
WorkingDay = Callable[[date, int], date]
"""Gives the n-th working day after a day, before it for negative n."""


class Days(NamedTuple):
    """The days of one occasion; ``expires`` is None where it does not lapse by itself."""

    moment: date
    opens: date
    due: date
    expires: date | None

    def open_on(self, day: date) -> bool:
        """Whether the occasion is open on a day."""
        return self.opens <= day and (self.expires is None or day <= self.expires)


def add(day: date, n: int, unit: Unit) -> date:
    """Give the day on which a term from ``day`` is full; the ends of the calendar where it lies beyond."""
    try:
        if unit in _DAYS:
            return day + timedelta(days=n * _DAYS[unit])
        return _month_day(day, n * _MONTHS[unit], overflow=True)
    except (OverflowError, ValueError):
        return date.max if n > 0 else date.min


def latest(day: date, n: int, unit: Unit) -> date:
    """Give the last day from which a term is full on ``day`` or before: ``add(x, n) <= day`` up to it."""
    try:
        if unit in _DAYS:
            return day - timedelta(days=n * _DAYS[unit])
        return _month_day(day, -n * _MONTHS[unit], overflow=False)
    except (OverflowError, ValueError):
        return date.min if n > 0 else date.max


def days_of(window: Window, moment: date, working: WorkingDay) -> Days:
    """Give an occasion's days; they never run backwards, whatever months and working days make of them."""
    opens = term_day(window.opens, moment, working)
    due = max(opens, term_day(window.due, moment, working))
    expires = None if window.expires is None else max(due, term_day(window.expires, moment, working))
    return Days(moment, opens, due, expires)


def term_day(term: Term, moment: date, working: WorkingDay) -> date:
    """Give the day that a term names."""
    if term.unit is Unit.WORKDAYS:
        return working(moment, term.n)
    return add(moment, term.n, term.unit)


def reach(term: Term) -> int:
    """Give a number of days that the term surely lies within, on either side."""
    spans = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31, Unit.YEARS: 366, Unit.WORKDAYS: 3}
    return abs(term.n) * spans[term.unit] + 15


def _month_day(day: date, months: int, *, overflow: bool) -> date:
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        last = monthrange(year, month + 1)[1]
    if not overflow:
        return date(year, month + 1, last)
    year, month = divmod(place + 1, 12)
    return date(year, month + 1, 1)
