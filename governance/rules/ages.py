"""Days of life (周岁): when an age is reached, and who was born so that it falls into a window.

An age is reached on the birthday. Who was born on 29 February reaches it on 1 March where the year has no
such day: by article 202 of the Civil Code (民法典) a term of years whose last month lacks the day ends with
that month, so it is full from the day after.
"""

from datetime import date, timedelta

_DAY = timedelta(days=1)


def milestone(birth: date, years: int) -> date:
    """Give the day on which someone born on ``birth`` reaches ``years``; 0 gives the birth itself."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def births_for(first: date, last: date, years: int) -> tuple[date, date]:
    """Give the birth dates among which lie all whose milestone falls from ``first`` to ``last``.

    A day wider on both sides, for 29 February: ask :func:`milestone` of each.
    """
    return _back(first, years) - _DAY, _back(last, years) + _DAY


def _back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
