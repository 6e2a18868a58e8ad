"""Two writers in two grids at once, with one id: the second finds out only as it stores."""

from collections.abc import Sequence

import pytest

from governance.access.actor import Actor
from governance.contract import Change, Result
from governance.records.models import History, Inbox, Person
from governance.records.services import apply as service
from governance.records.services.state import State
from tests import factories
from tests.factories import apply, change, person


@pytest.fixture
def neighbour(worker: Actor) -> dict[str, str]:
    """Give a home in the next grid."""
    return factories.home(factories.hub_in(factories.NEXT), lon=factories.WEST + 0.015)


def test_an_id_taken_meanwhile_is_not_overwritten_and_neighbours_are_stored(
    worker: Actor, home: dict[str, str], neighbour: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = person(factories.hub_in(factories.NEXT), neighbour["household"], name="李示例")
    mine = change("person", theirs, household=home["household"], name="王示例", residence_kind="1")
    other = change("person", household=home["household"], name="赵示例", residence_kind="1")
    load = State.load_for
    blind = [True]

    def late(self: State, changes: Sequence[Change]) -> None:
        """Read, the first time as it was before the other writer committed."""
        load(self, changes)
        if blind.pop() if blind else False:
            vars(self)["_held"].pop(("person", theirs), None)
            vars(self)["_absent"].add(("person", theirs))

    monkeypatch.setattr(State, "load_for", late)
    refused, taken = apply(worker, mine, other)
    assert (refused.status, [problem.code for problem in refused.errors]) == ("rejected", ["scope"])
    assert taken.status == "created"
    held = Person.objects.get(pk=theirs)
    assert (held.name, held.grid, held.version) == ("李示例", factories.NEXT, 1)
    assert Inbox.objects.filter(change=mine.change).exists()


def test_a_change_stored_meanwhile_is_answered_and_not_applied_twice(
    worker: Actor, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = person(worker, home["household"])
    edit = change("person", id_, base=1, phone="10001234567")
    (first,) = apply(worker, edit)
    answers = service.answers
    blind = [True]

    def late(actor: Actor, changes: Sequence[Change]) -> dict[str, Result]:
        return {} if (blind.pop() if blind else False) else answers(actor, changes)

    monkeypatch.setattr(service, "answers", late)
    other = change("person", id_, base=2, note="另一条")
    again, taken = apply(worker, Change(edit.change, "person", edit.id, 2, {"phone": "10007654321"}), other)
    assert (again.status, again.version) == (first.status, first.version)
    assert taken.status == "updated"
    held = Person.objects.get(pk=id_)
    assert (held.phone, held.note, held.version) == ("10001234567", "另一条", 3)
    assert History.objects.filter(record=id_).count() == 3
