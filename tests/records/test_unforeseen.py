"""What nobody foresaw goes wrong with one change: its neighbours are taken, and it is kept."""

from typing import Any

import pytest
from django.db import OperationalError

from governance.access.actor import Actor
from governance.records.models import Inbox, Person
from governance.records.services import apply as room
from tests.factories import apply, change


@pytest.fixture
def stumble(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the hub stumble over whoever is named 坏."""
    decide = vars(room)["decide"]

    def on(error: Exception) -> None:
        def decided(state: Any, actor: Any, lists: Any, offered: Any, now: str) -> Any:
            if offered.set.get("name") == "坏":
                raise error
            return decide(state, actor, lists, offered, now)

        monkeypatch.setattr(room, "decide", decided)

    return on


def people(household: str) -> list[Any]:
    names = ("王一", "坏", "王二", "王三")
    return [change("person", household=household, name=name, residence_kind="1") for name in names]


def test_one_change_does_not_take_its_neighbours_along(
    worker: Actor, home: dict[str, str], stumble: Any
) -> None:
    stumble(KeyError("nobody foresaw"))
    offered = people(home["household"])
    results = apply(worker, *offered)
    assert [result.status for result in results] == ["created", "rejected", "created", "created"]
    assert [problem.code for problem in results[1].errors] == ["hub"]
    assert Inbox.objects.get(change=offered[1].change).offered["name"] == "坏"
    assert apply(worker, *offered)[1].errors == results[1].errors
    assert Person.objects.filter(name__in=["王一", "王二", "王三"]).count() == 3


def test_what_may_pass_by_itself_is_tried_again_by_the_tablet(
    worker: Actor, home: dict[str, str], stumble: Any
) -> None:
    stumble(OperationalError("the database is away"))
    with pytest.raises(OperationalError):
        apply(worker, *people(home["household"]))
    assert not Person.objects.exists()
    assert not Inbox.objects.exists()


def test_where_nothing_goes_well_the_hub_is_at_fault(
    worker: Actor, home: dict[str, str], stumble: Any
) -> None:
    stumble(KeyError("nobody foresaw"))
    bad = [change("person", household=home["household"], name="坏", residence_kind="1") for _ in range(3)]
    with pytest.raises(KeyError):
        apply(worker, *bad)
    assert not Inbox.objects.exists()
