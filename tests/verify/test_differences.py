"""Differences: settled by whom it concerns, once, with the source kept."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from governance.access.actor import HUB, Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.scope import Scope
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.contract import Owner
from governance.records.models import Contested, History, Person
from governance.records.origins import origin_of
from governance.verify.selectors import differences_open
from governance.verify.services import difference_settle, grid_follow
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.waiting import meanwhile


@pytest.fixture
def person(worker: Actor, home: dict[str, str]) -> str:
    """Someone whose name the police gave and whose telephone the worker changed since."""
    id_ = factories.person(worker, home["household"])
    apply(
        replace(factories.hub_in(), source=Owner.POLICE.value), change("person", id_, base=1, name="王示样")
    )
    apply(worker, change("person", id_, base=2, phone="10001234567"))
    return id_


@pytest.fixture
def staff() -> Actor:
    """Someone who settles differences in the town."""
    settler = actor_for_user(factories.user("staff", "community_staff"))
    return replace(settler, scope=factories.everywhere())


def contest(person: str, token: str = "second", **values: Any) -> list[Contested]:
    """Let another worker offer values on a stale base."""
    other = factories.tablet(factories.worker(token), token)
    (result,) = apply(other, change("person", person, base=1, **values))
    assert result.status == "contested", result
    return list(Contested.objects.filter(user=other.user_id).order_by("field"))


def test_an_accepted_value_is_applied_in_the_name_of_who_offered_it(person: str, staff: Actor) -> None:
    (row,) = contest(person, phone="10007654321")
    difference_settle(actor=staff, contested=row, accept=True)
    held = Person.objects.get(pk=person)
    assert held.phone == "10007654321"
    origin = origin_of(held.origins, "phone")
    assert (origin["s"], origin["u"]) == ("worker", row.user)
    assert History.objects.get(record=person, version=held.version).user == row.user
    row.refresh_from_db()
    assert (row.accepted, row.settled_by_id) == (True, staff.user_id)
    assert row.settled_at is not None


def test_a_value_that_is_left_changes_nothing(person: str, staff: Actor) -> None:
    (row,) = contest(person, name="王样例")
    assert row.reason == "source"
    version = Person.objects.get(pk=person).version
    difference_settle(actor=staff, contested=row, accept=False)
    held = Person.objects.get(pk=person)
    assert (held.name, held.version) == ("王示样", version)
    row.refresh_from_db()
    assert row.accepted is False
    assert not differences_open(staff).exists()


def test_settling_is_entered_with_the_one_who_settled(person: str, staff: Actor) -> None:
    (row,) = contest(person, phone="10007654321")
    difference_settle(actor=staff, contested=row, accept=True)
    entry = AuditEntry.objects.get(action="verify.settle")
    assert (entry.username, str(entry.subject), entry.chain) == ("staff", person, GRID)
    assert entry.detail == {"field": "phone", "accepted": True, "differences": [row.pk]}
    assert AuditEntry.objects.filter(action="verify.accept").count() == 1


def test_the_same_offer_gets_the_same_answer_and_another_is_looked_at_again(
    person: str, staff: Actor
) -> None:
    (row,) = contest(person, "second", phone="10007654321")
    (same,) = contest(person, "third", phone="10007654321")
    (other,) = contest(person, "fourth", phone="10009999999")
    difference_settle(actor=staff, contested=row, accept=True)
    same.refresh_from_db()
    other.refresh_from_db()
    assert same.accepted is True
    assert (other.settled_at, other.held) == (None, "10007654321")


def test_what_an_accepted_number_implies_is_settled_with_it(worker: Actor, home: dict[str, str]) -> None:
    id_ = factories.person(worker, home["household"], birth_date="1949-12-30")
    police = replace(factories.hub_in(), source=Owner.POLICE.value)
    apply(police, change("person", id_, base=1, citizen_number="440524188001010014"))
    rows = contest(id_, citizen_number="11010519491231002X")
    number = next(row for row in rows if row.field == "citizen_number")
    difference_settle(actor=HUB, contested=number, accept=True)
    assert str(Person.objects.get(pk=id_).birth_date) == "1949-12-31"
    assert not Contested.objects.filter(settled_at=None).exists()


def test_no_one_settles_twice(person: str, staff: Actor) -> None:
    (row,) = contest(person, phone="10007654321")
    difference_settle(actor=staff, contested=row, accept=False)
    with pytest.raises(NotPossible, match="已经核定"):
        difference_settle(actor=staff, contested=row, accept=True)
    assert Person.objects.get(pk=person).phone == "10001234567"


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"scope": Scope(frozenset({NEXT}))}, 0),
        ({"abilities": frozenset()}, 1),
        ({"sees_people": False}, 0),
    ],
    ids=["elsewhere", "without the ability", "without the right"],
)
def test_who_may_not_settle(person: str, staff: Actor, changed: dict[str, Any], seen: int) -> None:
    (row,) = contest(person, phone="10007654321")
    stranger = replace(staff, **changed)
    with pytest.raises(Forbidden):
        difference_settle(actor=stranger, contested=row, accept=True)
    assert Contested.objects.filter(settled_at=None).exists()
    assert differences_open(stranger).count() == seen


def test_a_value_that_can_no_longer_be_taken_is_refused_and_waits_on(person: str, staff: Actor) -> None:
    (row,) = contest(person, phone="10007654321")
    gone = change("person", person, base=Person.objects.get(pk=person).version)
    gone.delete = True
    apply(factories.hub_in(), gone)
    with pytest.raises(NotPossible, match="作废"):
        difference_settle(actor=staff, contested=row, accept=True)
    assert Contested.objects.filter(settled_at=None).exists()


def test_a_value_written_since_is_seen_before_it_is_overwritten(
    person: str, worker: Actor, staff: Actor
) -> None:
    """What the queue calls the held value is what was held as the other came."""
    (row,) = contest(person, phone="10007654321")
    apply(worker, change("person", person, base=3, phone="10005555555"))
    with pytest.raises(NotPossible, match="期间有人改过"):
        difference_settle(actor=staff, contested=row, accept=True)
    row.refresh_from_db()
    assert (row.held, row.settled_at, Person.objects.get(pk=person).phone) == (
        "10005555555",
        None,
        "10005555555",
    )
    difference_settle(actor=staff, contested=row, accept=True)
    assert Person.objects.get(pk=person).phone == "10007654321"


def test_a_difference_goes_along_when_its_record_moves(person: str, home: dict[str, str]) -> None:
    contest(person, phone="10007654321")
    neighbour = factories.tablet(factories.worker("beside", NEXT), "beside")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    apply(factories.hub_in(GRID, NEXT), change("household", home["household"], base=1, room=theirs["room"]))
    assert not differences_open(neighbour).exists()
    grid_follow(NEXT)
    grid_follow(GRID)
    assert differences_open(neighbour).count() == 1


if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_what_is_written_just_as_a_value_is_taken_is_not_overwritten(
        person: str, worker: Actor, staff: Actor
    ) -> None:
        (row,) = contest(person, phone="10007654321")

        with pytest.raises(NotPossible, match="刚刚有人改过"):
            meanwhile(
                lambda: apply(worker, change("person", person, base=3, phone="10005555555")),
                late=lambda: difference_settle(actor=staff, contested=row, accept=True),
            )
        assert Person.objects.get(pk=person).phone == "10005555555"
        assert Contested.objects.get(settled_at=None).pk == row.pk
