"""Lists of files that two people change: photos of both stay, and what someone took off stays off."""

from dataclasses import replace

import pytest

from governance.access.actor import Actor
from governance.contract import KINDS, uuid7
from governance.contract.files import files_join
from governance.contract.kinds.photos import MOST_PHOTOS
from governance.records.models import Contested, FileUse, Thing
from tests import factories
from tests.factories import apply, change

P, A, B, C = (str(uuid7()) for _ in range(4))


@pytest.fixture
def other(worker: Actor) -> Actor:
    return factories.tablet(factories.worker("second"), "second")


@pytest.fixture
def lamp(worker: Actor) -> str:
    """A thing with one photo."""
    category = factories.codes_of("part_category")[0]
    made = change("thing", category=category, lon=111.285, lat=30.695, crs="4490", photos=[P])
    assert apply(worker, made)[0].status == "created"
    return str(made.id)


def put(actor: Actor, lamp: str, base: int | None, photos: list[str] | None, known: list[str] | None = None):
    """Push a change of the photos alone."""
    offered = change("thing", lamp, base=base, photos=photos)
    (result,) = apply(actor, replace(offered, known=None if known is None else {"photos": known}))
    return result


def photos(lamp: str) -> list[str] | None:
    return Thing.objects.get(pk=lamp).photos


@pytest.mark.parametrize(
    ("known", "offered", "held", "joined"),
    [
        ([P], [P, A], [P, B], [P, B, A]),
        ([P], [A], [P, B], [B, A]),
        ([P, A], [P, A], [P], [P]),
        ([], [A], [A], [A]),
        ([P], [], [B], [B]),
    ],
    ids=["both added", "one took off", "the other took off", "same", "emptied"],
)
def test_a_list_is_joined_by_what_its_writer_knew(known, offered, held, joined):
    assert files_join(known, offered, held) == joined


def test_photos_of_two_workers_on_one_record_both_stay(worker: Actor, other: Actor, lamp: str) -> None:
    assert put(other, lamp, 1, [P, B], [P]).status == "updated"
    result = put(worker, lamp, 1, [P, A], [P])
    assert (result.status, result.version) == ("merged", 3)
    assert result.record is not None
    assert result.record["photos"] == photos(lamp) == [P, B, A]
    assert FileUse.objects.filter(record=lamp).count() == 3
    assert not Contested.objects.exists()


def test_a_second_edit_made_before_the_first_was_answered_takes_nothing_off(
    worker: Actor, other: Actor, lamp: str
) -> None:
    """Fails where the later change of the same device counts as knowing what its first one met."""
    put(other, lamp, 1, [P, B], [P])
    put(worker, lamp, 1, [P, A], [P])
    result = put(worker, lamp, 3, [P, A, C], [P, A])
    assert result.record is not None, "the hub holds more than was offered, and says so"
    assert photos(lamp) == [P, B, A, C]


def test_what_one_took_off_stays_off_and_what_the_other_added_stays_on(
    worker: Actor, other: Actor, lamp: str
) -> None:
    put(other, lamp, 1, [P, B], [P])
    assert put(worker, lamp, 1, None, [P]).status == "merged"
    assert photos(lamp) == [B]
    assert put(other, lamp, 2, [P, B, C], [P, B]).status == "merged"
    assert photos(lamp) == [B, C], "the photo that is off does not come back by being named again"


def test_the_same_again_is_told_as_the_hub_has_it(worker: Actor, other: Actor, lamp: str) -> None:
    put(other, lamp, 1, None, [P])
    result = put(worker, lamp, 2, [P], [P])
    assert (result.status, result.version, photos(lamp)) == ("identical", 2, None)
    assert result.record is not None
    assert "photos" not in result.record


def test_who_does_not_say_what_he_knew_takes_nothing_off_a_list_that_changed(
    worker: Actor, other: Actor, lamp: str
) -> None:
    put(other, lamp, 1, [P, B])
    assert put(worker, lamp, 1, [A]).status == "merged"
    assert photos(lamp) == [P, B, A]
    assert put(worker, lamp, 3, [A]).status == "updated"
    assert photos(lamp) == [A], "a list that nobody changed meanwhile is as he says"


def test_a_list_that_would_grow_too_long_goes_to_review(worker: Actor, other: Actor, lamp: str) -> None:
    many = [P, *(str(uuid7()) for _ in range(MOST_PHOTOS - 1))]
    put(other, lamp, 1, many, [P])
    result = put(worker, lamp, 2, [P, A], [P])
    assert result.status == "contested"
    assert [(problem.field, problem.code) for problem in result.errors] == [("photos", "clash")]
    assert photos(lamp) == many
    assert Contested.objects.get().offered == [P, A]


def test_every_list_of_files_has_a_limit() -> None:
    lists = [item for kind in KINDS.values() for item in kind.files]
    assert lists
    assert all(item.maximum for item in lists)
