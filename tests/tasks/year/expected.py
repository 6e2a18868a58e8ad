"""Who should be asked for what on a day, computed in plain Python from the street alone.

Nothing of the rules' engine, its grammar or its fixtures is used: each rule is written down a second time.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from tests.tasks.year.street import Home, Person, Pregnancy, Street

STARTED = date(2025, 10, 1)
"""From when those who were never visited are counted."""


@dataclass(frozen=True)
class Ask:
    """One thing to ask for: rule, about whom, which time, where, from when to when."""

    rule: str
    about: str
    turn: str
    grid: str
    opens: date
    due: date
    expires: date | None


def asked(street: Street, first_seen: dict[str, date]) -> set[Ask]:
    """Give everything that should be open on the street's day; ``first_seen`` is kept between days."""
    found: set[Ask] = set()
    for one in street.people:
        if not one.gone:
            found.update(_birthdays(one, street.day))
            found.update(_childhood(one, street.day))
            found.update(_person(one, street))
    for each in street.pregnancies:
        if not each.gone:
            found.update(_pregnancy(each, street.day, first_seen))
    for held in street.certificates:
        ends = held.ends - _days(60)
        turn = f"-60@{held.ends:%Y%m%d}"
        about = (held.id, held.person.home.grid)
        found.update(_window("disability_certificate", about, turn, ends, street.day, 0, 60, 180))
    for home in street.homes:
        found.update(_home(home, street))
    return found


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _months(day: date, number: int) -> date:
    """Give the day so many months later; the first of the month after one that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    if day.day <= monthrange(year, month + 1)[1]:
        return date(year, month + 1, day.day)
    return date(year, month + 1, 1) + _days(monthrange(year, month + 1)[1])


def _window(
    rule: str, about: tuple[str, str], turn: str, at: date, day: date, opens: int, due: int, expires: int
) -> Iterator[Ask]:
    if at + _days(opens) <= day <= at + _days(expires):
        yield Ask(rule, *_who(about, turn), at + _days(opens), at + _days(due), at + _days(expires))


def _who(about: tuple[str, str], turn: str) -> tuple[str, str, str]:
    return about[0], turn, about[1]


def _birthdays(one: Person, day: date) -> Iterator[Ask]:
    about = (one.id, one.home.grid)
    local = one.residence in ("1", "3")
    for rule, years, opens, due, expires, such in (
        ("turns_60", 60, -30, 60, 180, True),
        ("turns_65", 65, 0, 60, 180, True),
        ("turns_85", 85, -30, 30, 180, True),
        ("allowance_80", 80, -30, 30, 180, local),
        ("allowance_90", 90, -30, 30, 180, local),
        ("allowance_100", 100, -30, 30, 180, local),
    ):
        if such:
            at = _months(one.birth, 12 * years)
            yield from _window(rule, about, str(years), at, day, opens, due, expires)
    at = _months(one.birth, 12 * 16)
    if one.residence in ("1", "2", "3") and at <= day <= _months(at, 6):
        yield Ask("turns_16", *_who(about, "16"), at, _months(at, 3), _months(at, 6))


def _childhood(one: Person, day: date) -> Iterator[Ask]:
    about = (one.id, one.home.grid)
    if not one.number:
        yield from _window("newborn_registration", about, "0", one.birth, day, 0, 30, 90)
    yield from _window("newborn_insurance", about, "0", one.birth, day, 0, 90, 120)
    for months in (1, 3, 6, 8, 18, 24, 36, 48, 72):
        yield from _window("vaccination", about, str(months), _months(one.birth, months), day, 0, 30, 60)
    may = date(day.year, 5, 1)
    if date(day.year - 7, 9, 1) <= one.birth <= date(day.year - 6, 8, 31):
        yield from _window("school_age", about, f"{may:%Y%m%d}", may, day, 0, 30, 60)


def _person(one: Person, street: Street) -> Iterator[Ask]:
    day, about = street.day, (one.id, one.home.grid)
    if one.residence == "2" and one.permit == "01" and one.permit_ends is not None:
        turn = f"-30@{one.permit_ends:%Y%m%d}"
        yield from _window("permit_expiring", about, turn, one.permit_ends - _days(30), day, 0, 30, 60)
    if one.veteran:
        july = date(day.year, 7, 1)
        yield from _window("veteran_visit", about, f"{july:%Y%m%d}", july, day, 0, 30, 45)
    if sum(other.home is one.home and not other.gone for other in street.people) != 1:
        return
    last = max(one.visits, default=STARTED)
    if day >= _months(one.birth, 12 * 80):
        if last + _days(7) <= day:
            opens = last + _days(7)
            yield Ask("alone_80", *_who(about, f"{last:%Y%m%d}"), opens, opens + _days(3), None)
    elif day >= _months(one.birth, 12 * 65) and _months(last, 1) <= day:
        opens = _months(last, 1)
        yield Ask("alone_65", *_who(about, f"{last:%Y%m%d}"), opens, opens + _days(7), None)


def _pregnancy(each: Pregnancy, day: date, first_seen: dict[str, date]) -> Iterator[Ask]:
    about = (each.id, each.person.home.grid)
    if each.checked is None or each.checked < day - _days(7):
        for weeks in (-27, -24, -19, -12, -3):
            at = each.expected + timedelta(weeks=weeks)
            yield from _window("pregnancy_check", about, str(weeks), at, day, 0, 14, 21)
    yield from _window("postpartum_visit", about, "1", each.expected + _days(7), day, 0, 7, 28)
    if each.booked is None and each.expected >= day:
        first = first_seen.setdefault(each.id, day)
        if day <= first + _days(45):
            turn = "1"
            yield Ask("pregnancy_booking", *_who(about, turn), first, first + _days(15), first + _days(45))


def _home(home: Home, street: Street) -> Iterator[Ask]:
    day = street.day
    if home.rented:
        quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        yield from _window(
            "rental_inspection", (home.room, home.grid), f"{quarter:%Y%m%d}", quarter, day, 0, 80, 89
        )
    month = day.replace(day=1)
    due = _working(month, 15)
    lapses = max(due, month + _days(27))
    if home.hazard and day <= lapses:
        yield Ask("hazard_room", home.room, f"{month:%Y%m%d}", home.grid, month, due, lapses)
    members = [one for one in street.people if one.home is home and not one.gone]
    old = [one for one in members if day >= _months(one.birth, 12 * 65)]
    last = max(home.visits, default=STARTED)
    if len(members) >= 2 and len(old) == len(members) and _months(last, 3) <= day:
        opens = _months(last, 3)
        yield Ask("elders_only", home.household, f"{last:%Y%m%d}", home.grid, opens, opens + _days(15), None)


def _working(day: date, number: int) -> date:
    while number:
        day += _days(1)
        number -= chinese_calendar.is_workday(day)
    return day
