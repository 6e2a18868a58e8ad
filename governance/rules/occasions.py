"""Occasions (时点与期限): on which days those of a rule are open, and what tells one from another.

Whatever months, leap days and working days make of a window is computed here, once a rule and day, for every
date from which an occasion can be open on that day; the database only joins the dates. So nothing is
approximated in SQL, and both databases agree.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from governance.rules.grammar import Body, Each, Every, Milestone, Since, Standing, Unit, Window
from governance.rules.terms import Days, WorkingDay, add, days_of, latest, reach

OLDEST = date(2020, 1, 1)
"""Nothing further back is looked at; see :func:`since_from` for the last time of something."""

_DAY = timedelta(days=1)
_NEAR = (100, 9_900)
"""Years from which no window leads out of the calendar."""

_PLAIN = {Unit.DAYS: 1, Unit.WEEKS: 7}


class Opening(NamedTuple):
    """An occasion that is open on the day asked for; hundreds are made for a rule and day.

    ``tail`` ends its key behind rule and subject; ``begun`` is the date it follows from, None where it is
    the same for every subject.
    """

    tail: str
    begun: date | None
    days: Days


def openings(body: Body, day: date, working: WorkingDay) -> list[Opening]:
    """Give every occasion of a rule that is open on a day.

    Parameters
    ----------
    body : Body
    day : date
        Asia/Shanghai.
    working : callable
        The working-day calendar.
    """
    moment = body.moment
    if isinstance(moment, Milestone):
        return list(_milestones(moment, body.window, day, working))
    if isinstance(moment, Since):
        return list(_since(moment, body.window, day, working))
    if isinstance(moment, Every):
        return list(_every(moment, body.window, day, working))
    return [Opening("1", None, days_of(body.window, day, working))]


def number_of(tail: str) -> int:
    """Give the number that a milestone's key ends with."""
    return int(tail.partition("@")[0])


def tail_of(moment: Milestone, number: int, begun: date) -> str:
    """Give what the key of a milestone's occasion ends with."""
    return str(number) if moment.each is Each.SUBJECT else f"{number}@{begun:%Y%m%d}"


def floats(body: Body) -> bool:
    """Whether the days count from the day on which somebody was first found."""
    return isinstance(body.moment, Standing)


def _milestones(moment: Milestone, window: Window, day: date, working: WorkingDay) -> Iterator[Opening]:
    for number in moment.numbers:
        for begun, days in _begun(number, moment.unit, window, day, working):
            yield Opening(tail_of(moment, number, begun), begun, days)


def _since(moment: Since, window: Window, day: date, working: WorkingDay) -> Iterator[Opening]:
    first = since_from(moment)
    for begun, days in _begun(moment.after, moment.unit, window, day, working, first):
        if begun >= first:
            yield Opening(f"{begun:%Y%m%d}", begun, days)


def since_from(moment: Since) -> date:
    """Give the first day that is counted from; what was last done before it counts as done on it.

    That is the rule's ``start``: who was last visited long before the rule began is not overdue on its first
    day, and only the days since then need be gone through.
    """
    return max(moment.start or OLDEST, OLDEST)


def _begun(
    number: int, unit: Unit, window: Window, day: date, working: WorkingDay, first: date = OLDEST
) -> Iterator[tuple[date, Days]]:
    """Give every date from which a term is full on such a day that its window is open."""
    earliest, last_full = _full_between(window, day)
    last = latest(last_full, number, unit)
    begun = first
    if earliest is not None:
        over = latest(earliest - _DAY, number, unit)
        begun = max(over, first) if first > OLDEST else over
    plain = _plain(window)
    while begun <= last:
        full = add(begun, number, unit)
        near = plain is not None and _NEAR[0] < full.year < _NEAR[1]
        days = plain(full) if plain and near else days_of(window, full, working)
        if days.open_on(day):
            yield begun, days
        begun += _DAY


def _full_between(window: Window, day: date) -> tuple[date | None, date]:
    """Give between which days a term must be full for its window to be open on a day; None: however early."""
    lengths = _lengths(window)
    if lengths is None:
        opens, over = timedelta(days=-reach(window.opens)), None
        if window.expires is not None:
            over = timedelta(days=reach(window.expires) + reach(window.due))
    else:
        opens, _, over = lengths
    return None if over is None else day - over, day - opens


def _lengths(window: Window) -> tuple[timedelta, timedelta, timedelta | None] | None:
    """Give how far a window's days are from the moment, where it counts days and weeks alone."""
    terms = [window.opens, window.due, *([window.expires] if window.expires else [])]
    if any(term.unit not in _PLAIN for term in terms):
        return None
    opens, due, *expires = (timedelta(days=term.n * _PLAIN[term.unit]) for term in terms)
    due = max(opens, due)
    return opens, due, max(due, *expires) if expires else None


def _plain(window: Window) -> Callable[[date], Days] | None:
    """Give a quick way to a window's days where it counts days and weeks alone; it is asked for each date."""
    lengths = _lengths(window)
    if lengths is None:
        return None
    opens, due, over = lengths

    def days(full: date) -> Days:
        return Days(full, full + opens, full + due, None if over is None else full + over)

    return days


def _every(moment: Every, window: Window, day: date, working: WorkingDay) -> Iterator[Opening]:
    turn = 0
    start = moment.start
    while start <= day + timedelta(days=reach(window.opens)):
        turn += 1
        following = add(moment.start, turn * moment.step, moment.unit)
        days = days_of(window, start, working)
        if days.expires is None:
            ends = max(days.due, days_of(window, following, working).opens - _DAY)
            days = Days(days.moment, days.opens, days.due, ends)
        if days.open_on(day):
            yield Opening(f"{start:%Y%m%d}", start, days)
        start = following
