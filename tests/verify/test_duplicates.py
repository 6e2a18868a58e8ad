"""Two records with one number: the other one is flagged, and no more when it was put right."""

from typing import Any

import pytest

from governance.access.actor import Actor
from governance.feed.models import Entry
from governance.records.models import Person
from governance.verify.selectors import duplicates_open
from governance.verify.services import grid_follow
from tests import factories
from tests.factories import GRID, NEXT, apply, change

NUMBER = "11010519491231002X"
OTHER = "440524188001010014"


@pytest.fixture
def pair(worker: Actor, home: dict[str, str]) -> tuple[str, str]:
    """One number in two grids, the first one registered first."""
    neighbour = factories.tablet(factories.worker("second", NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    first = factories.person(worker, home["household"], citizen_number=NUMBER)
    second = factories.person(neighbour, theirs["household"], citizen_number=NUMBER)
    return first, second


def flags(*ids: str) -> list[bool]:
    held = dict(Person.objects.values_list("id", "duplicate"))
    return [bool({str(key): value for key, value in held.items()}[id_]) for id_ in ids]


def follow() -> None:
    grid_follow(GRID)
    grid_follow(NEXT)


def edit(id_: str, **values: Any) -> None:
    person = Person.objects.get(pk=id_)
    (result,) = apply(factories.hub_in(GRID, NEXT), change("person", id_, base=person.version, **values))
    assert result.status == "updated", result


def test_the_record_that_was_there_before_is_flagged_in_its_own_grid(pair: tuple[str, str]) -> None:
    assert flags(*pair) == [False, True]
    follow()
    assert flags(*pair) == [True, True]
    assert Entry.objects.get(record=pair[0]).version == 2
    follow()
    assert Entry.objects.get(record=pair[0]).version == 2


def test_a_corrected_number_takes_both_flags_away(pair: tuple[str, str]) -> None:
    follow()
    edit(pair[1], citizen_number=OTHER)
    follow()
    assert flags(*pair) == [False, False]


def test_a_closed_duplicate_frees_the_other(pair: tuple[str, str]) -> None:
    follow()
    edit(pair[1], closed_on="2026-11-22", closed_reason="90")
    follow()
    assert flags(pair[0]) == [False]


def test_a_withdrawn_duplicate_frees_the_other(pair: tuple[str, str]) -> None:
    follow()
    mistake = change("person", pair[1], base=1)
    mistake.delete = True
    apply(factories.hub_in(NEXT), mistake)
    follow()
    assert flags(pair[0]) == [False]


def test_two_of_three_stay_flagged(pair: tuple[str, str], worker: Actor, home: dict[str, str]) -> None:
    third = factories.person(worker, home["household"], citizen_number=NUMBER)
    follow()
    edit(third, citizen_number=OTHER)
    follow()
    assert flags(*pair, third) == [True, True, False]


def test_duplicates_are_listed_within_the_area(pair: tuple[str, str], worker: Actor) -> None:
    follow()
    assert [str(row.pk) for row in duplicates_open(factories.hub_in(GRID, NEXT))] == sorted(pair)
    assert [str(row.pk) for row in duplicates_open(worker)] == [pair[0]]
    assert not duplicates_open(worker, "building").exists()


def test_following_costs_one_look_up_when_nothing_is_new_and_the_same_for_any_number(
    pair: tuple[str, str], worker: Actor, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    follow()
    with django_assert_num_queries(1):
        grid_follow(GRID)
    for size in (1, 20):
        for _ in range(size):
            factories.person(worker, home["household"])
        with django_assert_num_queries(8):
            grid_follow(GRID)
