"""What about a worker's visits makes one ask."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from governance.tasks.oversight.facts import away_from
from governance.tasks.oversight.signs import Bounds, Fact, signs_of

BOUNDS = Bounds(burst_visits=12, burst_minutes=10, same_second=2, far_metres=500)
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
GRID = "420502001001001"
DOOR = (111.285, 30.695)


def visits(count: int, apart: float, *, doors: int | None = None, away: int | None = None) -> list[Fact]:
    """Give visits so many seconds apart, at so many doors in turn."""
    homes = [uuid4() for _ in range(doors or count)]
    return [
        Fact(
            UUID(int=number),
            homes[number % len(homes)],
            "420502001001001",
            START + timedelta(seconds=number * apart),
            away,
        )
        for number in range(count)
    ]


def signs(facts: list[Fact]) -> dict[str, int]:
    return {seen.sign: seen.count for seen in signs_of(facts, BOUNDS)}


def test_a_days_honest_round_raises_nothing() -> None:
    assert signs(visits(40, 600)) == {}
    assert signs(visits(11, 30)) == {}
    assert signs([]) == {}


def test_dozens_within_minutes_are_asked_about_whole() -> None:
    assert signs(visits(30, 20)) == {"burst": 30}
    assert signs(visits(12, 54)) == {"burst": 12}
    assert signs(visits(12, 55)) == {}


def test_one_door_counts_once_however_many_live_there() -> None:
    assert signs(visits(30, 1, doors=3)) == {}


def test_two_stretches_of_a_day_are_one_question() -> None:
    later = [Fact(uuid4(), uuid4(), GRID, fact.at + timedelta(hours=3), None) for fact in visits(12, 20)]
    lonely = Fact(uuid4(), uuid4(), GRID, START + timedelta(hours=1), None)
    (seen,) = signs_of([*visits(12, 20), lonely, *later], BOUNDS)
    assert seen.count == 24


def test_the_same_second_at_two_doors_is_asked_about() -> None:
    assert signs(visits(3, 0)) == {"second": 3}
    assert signs(visits(2, 0, doors=1)) == {}


@pytest.mark.parametrize(("away", "seen"), [(None, {}), (500, {}), (501, {"far": 2})])
def test_far_from_the_door_is_asked_about(away: int | None, seen: dict[str, int]) -> None:
    assert signs(visits(2, 600, away=away)) == seen


@pytest.mark.parametrize(
    ("position", "metres"),
    [
        (None, None),
        ("here", None),
        ({}, None),
        ({"lon": "111", "lat": True}, None),
        ({"lon": 999.0, "lat": 30.0}, None),
        ({"lon": 111.285, "lat": 30.695, "crs": "4490"}, 0),
        ({"lon": 111.285, "lat": 30.704, "crs": "4490"}, 998),
        ({"lon": 111.285, "lat": 30.704, "crs": "4490", "accuracy": 600}, 398),
        ({"lon": 111.285, "lat": 30.704, "crs": "4490", "accuracy": 5000}, 0),
        ({"lon": 111.285, "lat": 30.704, "crs": "nonsense"}, 998),
    ],
)
def test_the_distance_is_taken_from_what_can_be_read(position: object, metres: int | None) -> None:
    found = away_from(DOOR, position)
    assert found == metres if metres is None else abs((found or 0) - metres) <= 2
    assert away_from(None, position) is None
