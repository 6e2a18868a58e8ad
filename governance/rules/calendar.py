"""Working days (工作日历): the week, but for the holidays and 调休 days that the table names.

The State Council publishes the days of a year together, so a year counts as arranged once its National
Day is in the table. Beyond those years the week alone decides, and :meth:`WorkingDays.certain` says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from governance.rules.models import SpecialDay

_DAY = timedelta(days=1)
_SATURDAY = 5
STAMP = "(SELECT count(*) || ' ' || coalesce(CAST(max(changed_at) AS text), '') FROM rules_specialday)"
"""The SQL of the text by which a calendar that is held is told from the table's."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar as it stands, to be asked many times.

    Parameters
    ----------
    special : mapping
        Day that does not follow the week → whether people work.
    stamp : str
        Changes when the calendar does.
    """

    special: Mapping[date, bool]
    stamp: str
    arranged: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "arranged", frozenset(day.year for day in self.special if (day.month, day.day) == (10, 1))
        )

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        return self.special.get(day, day.weekday() < _SATURDAY)

    def certain(self, day: date) -> bool:
        """Whether the year's days off are known; where not, the week alone decides."""
        return day.year in self.arranged

    def after(self, day: date, n: int) -> date:
        """Give the ``n``-th working day after a day (before it for negative ``n``).

        The day itself does not count (民法典 art. 201). For 0 it is the day itself, or the next working day
        where it is none (art. 203).
        """
        if n == 0:
            return day if self.is_working(day) else self.after(day, 1)
        step, left = (_DAY, n) if n > 0 else (-_DAY, -n)
        while left:
            day += step
            left -= self.is_working(day)
        return day


_held: WorkingDays | None = None


def working_days() -> WorkingDays:
    """Give the calendar; each process keeps it until the table changes, which one statement tells."""
    global _held  # noqa: PLW0603 - one calendar a process, replaced as a whole
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {STAMP}")
        (stamp,) = cursor.fetchone()
    held = _held
    if held is None or held.stamp != stamp:
        held = _held = WorkingDays(dict(SpecialDay.objects.values_list("day", "working")), stamp)
    return held


def is_working(day: date) -> bool:
    """Whether people work on a day, Asia/Shanghai."""
    return working_days().is_working(day)


def working_days_after(day: date, n: int) -> date:
    """Give the ``n``-th working day after a day; see :meth:`WorkingDays.after`."""
    return working_days().after(day, n)
