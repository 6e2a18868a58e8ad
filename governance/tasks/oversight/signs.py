"""What about a worker's visits of one day makes one ask (走访疑问); nothing is read or written here.

Each sign has innocent reasons: visits noted on paper and entered in the evening, a fix taken by the window,
families met together in the yard. So it is put as a question.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

BURST, SECOND, FAR = "burst", "second", "far"


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when something is asked; see :class:`governance.tasks.models.OversightRule`."""

    burst_visits: int
    burst_minutes: int
    same_second: int
    far_metres: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One visit of the worker: ``away`` metres from the door, None where that is not known."""

    visit: UUID
    household: UUID
    grid: str
    at: datetime
    away: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One sign: the visits, how many doors, what was seen in Chinese."""

    sign: str
    visits: tuple[Fact, ...]
    count: int
    detail: str


def signs_of(facts: Iterable[Fact], bounds: Bounds) -> list[Seen]:
    """Give the signs in a worker's visits of one day, at most one of each kind."""
    ordered = sorted(facts, key=lambda fact: (fact.at, str(fact.visit)))
    found = (_burst(ordered, bounds), _second(ordered, bounds), _far(ordered, bounds))
    return [seen for seen in found if seen is not None]


def _burst(facts: Sequence[Fact], bounds: Bounds) -> Seen | None:
    """Put together all stretches of some minutes within which many doors were visited."""
    span = timedelta(minutes=bounds.burst_minutes)
    held: dict[UUID, Fact] = {}
    first = 0
    for last, fact in enumerate(facts):
        while fact.at - facts[first].at > span:
            first += 1
        stretch = facts[first : last + 1]
        if _doors(stretch) >= bounds.burst_visits:
            held.update((each.visit, each) for each in stretch)
    if not held:
        return None
    visits = tuple(held.values())
    doors = _doors(visits)
    return Seen(
        BURST, visits, doors, f"有{bounds.burst_minutes}分钟内走访{bounds.burst_visits}户及以上，共{doors}户"
    )


def _second(facts: Sequence[Fact], bounds: Bounds) -> Seen | None:
    visits = tuple(fact for together in _together(facts, bounds) for fact in together)
    if not visits:
        return None
    return Seen(SECOND, visits, _doors(visits), f"{_doors(visits)}户的走访时间与另一户完全相同（同一秒）")


def _together(facts: Sequence[Fact], bounds: Bounds) -> Iterator[list[Fact]]:
    for _, each in groupby(facts, key=lambda fact: fact.at):
        together = list(each)
        if _doors(together) >= bounds.same_second:
            yield together


def _far(facts: Sequence[Fact], bounds: Bounds) -> Seen | None:
    visits = tuple(fact for fact in facts if fact.away is not None and fact.away > bounds.far_metres)
    if not visits:
        return None
    most = max(fact.away or 0 for fact in visits)
    return Seen(FAR, visits, _doors(visits), f"{_doors(visits)}户的记录位置离门口较远，最远约{most}米")


def _doors(facts: Iterable[Fact]) -> int:
    return len({fact.household for fact in facts})
