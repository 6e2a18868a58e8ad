"""The closed grammar of rules (规则语法): everything a rule can say, as data.

A rule's content is a :class:`Body`: whom it is about (``subject``), on which day an occasion arises
(``moment``), for whom (``who``), within which days (``window``), what the task says and asks, and which data
make it unnecessary (``settled``). Conditions are a tree; every node is one of the classes below and nothing
else, and is stored as JSON ``{"op": <name>, …}`` (:mod:`governance.rules.notation`). There are no
expressions, no code and no free text in conditions.

Fields are named by paths and other records by relations (:mod:`governance.rules.relations`). Days are days
in Asia/Shanghai. A number of years or months is full on the day of that number; where the month has no such
day, on the first of the next month (:mod:`governance.rules.terms`).
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar


class Unit(StrEnum):
    """What terms are counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    WORKDAYS = "workdays"
    """Working days of the calendar; only in windows."""


class Each(StrEnum):
    """What makes two occasions different, beside the subject and the number reached."""

    SUBJECT = "subject"
    """Nothing: a corrected date moves the occasion (births)."""
    DATE = "date"
    """The date: another date is another occasion (a permit that was renewed)."""


class Base(StrEnum):
    """The day that :class:`Day` counts from."""

    TODAY = "today"
    MOMENT = "moment"
    """The day of the occasion; only in rules with :class:`Every`."""


# Conditions


@dataclass(frozen=True, slots=True)
class All:
    """All of them hold (全部满足); with none it always holds."""

    op: ClassVar[str] = "all"
    of: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of them holds (满足任一)."""

    op: ClassVar[str] = "any"
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold, or cannot be said because a value is missing (不满足)."""

    op: ClassVar[str] = "not"
    of: "Condition"


@dataclass(frozen=True, slots=True)
class Age:
    """A date lies so many full units back: at least ``least``, less than ``below`` (年龄、时长)."""

    op: ClassVar[str] = "age"
    field: str = "birth_date"
    least: int | None = None
    below: int | None = None
    unit: Unit = Unit.YEARS


@dataclass(frozen=True, slots=True)
class Day:
    """A date lies from ``first`` to ``last`` units after the base day, both included; negative is before.

    An open end is None: ``Day("permit_expires_on", last=30)`` expires within thirty days or has expired.
    """

    op: ClassVar[str] = "day"
    field: str
    first: int | None = None
    last: int | None = None
    unit: Unit = Unit.DAYS
    base: Base = Base.TODAY


@dataclass(frozen=True, slots=True)
class Between:
    """A date lies between two fixed days, both included (日期在某段时间内)."""

    op: ClassVar[str] = "between"
    field: str
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code is one of those named; of a multiple choice, one of them is (代码)."""

    op: ClassVar[str] = "code"
    field: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number lies from ``least`` to ``most``, both included (数值)."""

    op: ClassVar[str] = "number"
    field: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no field holds ``value`` (是否)."""

    op: ClassVar[str] = "flag"
    field: str
    value: bool = True


@dataclass(frozen=True, slots=True)
class Present:
    """A field is filled (已填写); its absence is ``Not(Present(…))``."""

    op: ClassVar[str] = "present"
    field: str


@dataclass(frozen=True, slots=True)
class Area:
    """A division or grid code begins with one of the prefixes (所在区划、户籍地)."""

    op: ClassVar[str] = "area"
    field: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many related records there are for which ``where`` holds: from ``least`` to ``most`` (数量).

    Withdrawn records do not count, nor closed ones except of events, visits and tasks. ``base`` is the path
    of references from the subject to the record that the relation begins at:
    ``Count("person.household", base="household", most=1)`` is a person living alone.
    """

    op: ClassVar[str] = "count"
    relation: str
    base: str = ""
    where: "Condition | None" = None
    least: int | None = None
    most: int | None = None


Condition = All | Any | Not | Age | Day | Between | Code | Number | Flag | Present | Area | Count

# Moments


@dataclass(frozen=True, slots=True)
class Milestone:
    """The day on which a date lies ``at`` units back (negative: ahead), for each number (到达某一天).

    ``at=(60,)`` of ``birth_date`` in years is the sixtieth birthday, ``at=(0,)`` the birth, ``at=(-90,)`` of
    ``permit_expires_on`` in days ninety days before it expires. ``step`` and ``times`` go on from the last
    number: ``at=(80,), step=1, times=40`` is every birthday from the eightieth to the hundred and twentieth.
    """

    op: ClassVar[str] = "milestone"
    field: str
    at: tuple[int, ...]
    unit: Unit = Unit.YEARS
    each: Each = Each.SUBJECT
    step: int | None = None
    times: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number, in order."""
        more = (self.at[-1] + self.step * turn for turn in range(1, self.times + 1)) if self.step else ()
        return (*self.at, *more)


@dataclass(frozen=True, slots=True)
class Since:
    """The day that lies ``after`` units behind the last related record (距上次走访等).

    ``field`` is the related record's date or moment. Who has no such record, or none since ``start``, is
    counted from ``start``; without ``start`` who has none is not found.
    """

    op: ClassVar[str] = "since"
    relation: str
    field: str
    after: int
    unit: Unit = Unit.DAYS
    base: str = ""
    where: Condition | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """Every ``step`` units from ``start`` on (按周期)."""

    op: ClassVar[str] = "every"
    step: int
    start: date
    unit: Unit = Unit.MONTHS


@dataclass(frozen=True, slots=True)
class Standing:
    """As soon as the condition holds and as long as it does, once for a subject (条件成立时).

    Its days count from the day on which it was first found.
    """

    op: ClassVar[str] = "standing"


Moment = Milestone | Since | Every | Standing

# The rule


@dataclass(frozen=True, slots=True)
class Term:
    """A number of units after the moment, negative ones before it."""

    n: int = 0
    unit: Unit = Unit.DAYS


@dataclass(frozen=True, slots=True)
class Window:
    """From when a task is shown, until when it is to be done, and when it lapses (期限)."""

    opens: Term = Term()
    due: Term = Term()
    expires: Term | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What a version of a rule says.

    ``assignee`` is empty for whoever has the grid's post that day, or names the nearest ``station``
    便民服务中心（站）, ``peace`` 综治信访维稳中心（站）, ``grid`` 网格管理中心（站）
    or ``team`` 志愿者队伍, or is one of ``user:<username>``, ``station:<id>``, ``team:<id>``.
    ``asks`` holds tokens as a task's field of that name. ``settled`` holds where the task is unnecessary:
    it is not made, and closes by itself.
    """

    subject: str
    title: str
    item: str
    text: str
    moment: Moment
    who: Condition = All()
    settled: Condition | None = None
    window: Window = field(default_factory=Window)
    priority: str = "1"
    asks: tuple[str, ...] = ()
    assignee: str = ""


CONDITIONS: dict[str, type] = {
    each.op: each for each in (All, Any, Not, Age, Day, Between, Code, Number, Flag, Present, Area, Count)
}
MOMENTS: dict[str, type] = {each.op: each for each in (Milestone, Since, Every, Standing)}

# Compositions that forms and shipped rules use


def _members(subject: str) -> str:
    """Give the path from a subject to its household."""
    return {"household": "", "person": "household"}.get(subject, "person.household")


def lives_alone(subject: str = "person") -> Count:
    """Give the condition that a household counts one person (独居)."""
    return Count("person.household", base=_members(subject), least=1, most=1)


def all_at_least(years: int, subject: str = "household") -> Count:
    """Give the condition that nobody in the household is younger, nor of unknown age (全部年满)."""
    younger = Not(Age("birth_date", least=years))
    return Count("person.household", base=_members(subject), where=younger, most=0)


def child_under(years: int, subject: str = "household") -> Count:
    """Give the condition that a child younger than ``years`` lives in the household (有未满…岁儿童)."""
    return Count("person.household", base=_members(subject), where=Age("birth_date", below=years), least=1)


def in_register(register: str, subject: str = "person", where: Condition | None = None) -> Count:
    """Give the condition that a person is in a care register such as ``care_hardship`` (在册)."""
    base = "" if subject == "person" else "person"
    return Count(f"{register}.person", base=base, where=where, least=1)


def not_visited_for(days: int, relation: str = "visit.person") -> Count:
    """Give the condition that there was no visit within so many days (多日未走访)."""
    return Count(relation, where=Day("visited_at", first=-days), most=0)
