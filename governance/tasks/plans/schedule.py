"""When a person in a care register is to be visited next; nothing is read or written here.

The latest of three days counts: the entry in the register, the last change of the level, the last visit that
met the person. After the first two a visit is due within the level's first days, after a visit one interval
later. A day that a worker set himself only ever brings the visit forward; a visit that told of danger
calls for another one on the next day.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

DAY, WEEK, MONTH = "day", "week", "month"
_DAYS = {DAY: 1, WEEK: 7, MONTH: 30}
URGENT = "3"


@dataclass(frozen=True, slots=True)
class Level:
    """How often whoever is at a level is visited (走访等级).

    Parameters
    ----------
    id : int
    register : str
        Care kind; empty for every register.
    field : str
        Field of the register that says the level; empty where all of the register are meant.
    value : str
        Its code.
    every, unit : int, str
        The interval; unit is day, week or month.
    first_days : int
        Days within which a visit follows an entry in the register or a change of the level.
    opens_days : int
        Days before the due day from which the task is shown.
    community_days, street_days : int
        Days after the due day on which community and street hear that nobody came.
    priority : str
        Code of list ``priority``.
    workdays : bool
        Whether a due day off is brought forward to the working day before it.
    """

    id: int
    register: str
    field: str
    value: str
    every: int
    unit: str
    first_days: int
    opens_days: int
    community_days: int
    street_days: int
    priority: str
    workdays: bool = False

    @property
    def days(self) -> int:
        """About how many days the interval has, to compare levels by."""
        return self.every * _DAYS[self.unit]

    def after(self, day: date) -> date:
        """Give the day one interval later; a month's end stays within the month."""
        if self.unit == MONTH:
            years, month = divmod(day.month - 1 + self.every, 12)
            last = monthrange(day.year + years, month + 1)[1]
            return date(day.year + years, month + 1, min(day.day, last))
        return day + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Subject:
    """An open record of a care register: ``values`` are the fields that say levels.

    ``changed`` is the day on which the latest of those was set, ``planned`` the next visit as it stands in
    the record and ``chosen`` whether someone other than the hub set it.
    """

    register: str
    record: UUID
    version: int
    person: UUID
    household: UUID
    grid: str
    entered: date
    changed: date
    values: Mapping[str, str]
    planned: date | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Visited:
    """The last visit that met a person: ``next_on`` is the day agreed on for the next.

    ``by`` is the id of the visit, or of the task that was done.
    """

    day: date
    by: str
    next_on: date | None = None
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """When a person is due: ``anchor`` is the day the interval runs from."""

    subject: Subject
    level: Level
    anchor: date
    visited: Visited | None
    due: date
    opens: date
    priority: str

    @property
    def occasion(self) -> str:
        """The key of the visit that is due; it stays when the interval is changed.

        The last visit is part of it, as two of a day are followed by different ones.
        """
        last = f":{self.visited.by[-12:]}" if self.visited and self.visited.day == self.anchor else ""
        return f"plan:{self.subject.record}:{self.anchor.isoformat()}{last}"

    def overdue(self, day: date) -> int:
        """Give how many days the visit is late, 0 when it is not."""
        return max((day - self.due).days, 0)


def level_of(levels: Iterable[Level], subject: Subject) -> Level | None:
    """Give the level that holds for a record: of all that fit the one with the shortest interval."""
    fitting = [level for level in levels if _fits(level, subject)]
    return min(fitting, key=lambda level: (level.days, level.id), default=None)


def _fits(level: Level, subject: Subject) -> bool:
    if level.register not in ("", subject.register):
        return False
    return not level.field or subject.values.get(level.field) == level.value


def plan_of(
    subject: Subject, level: Level, visited: Visited | None, is_working: Callable[[date], bool] | None = None
) -> Plan:
    """Give when a person is to be visited next; ``is_working`` tells the days that people work on."""
    begun = max(subject.entered, subject.changed)
    if visited is None or visited.day < begun:
        anchor, due = begun, begun + timedelta(days=level.first_days)
    else:
        anchor, due = visited.day, level.after(visited.day)
    if level.workdays and is_working is not None:
        due = _working(due, anchor, is_working)
    recent = visited if visited is not None and visited.day == anchor else None
    priority = level.priority
    if recent is not None and recent.danger:
        due, priority = anchor + timedelta(days=1), URGENT
    for wished in (recent.next_on if recent else None, subject.planned if subject.chosen else None):
        if wished is not None and anchor < wished < due:
            due = wished
    opens = max(anchor, due - timedelta(days=level.opens_days))
    return Plan(subject, level, anchor, visited, due, opens, priority)


def _working(due: date, anchor: date, is_working: Callable[[date], bool]) -> date:
    """Give the working day on which a visit is due: never later, so that no interval grows."""
    before = due
    while before > anchor and not is_working(before):
        before -= timedelta(days=1)
    return before if before > anchor else due
