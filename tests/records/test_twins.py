"""Two writers in two grids at once, with one id: the second finds out only as it stores."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from governance.access.actor import Actor
from governance.access.scope import Scope
from governance.contract import Change, Result
from governance.records.models import History, Inbox, Person
from governance.records.services import apply as service
from governance.records.services.state import State
from tests import factories
from tests.factories import apply, change, person
from tests.waiting import PATIENCE, waiting


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


if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("first_may", [True, False])
    def test_of_a_change_sent_twice_while_a_post_comes_or_goes_one_is_stored(first_may: bool) -> None:
        """The one request locks the grid's stream, the other, without a post, none."""
        factories.town()
        home = factories.home(factories.hub_in())
        may = factories.tablet(factories.worker("wang"))
        may_not = replace(may, scope=Scope(), posts=())
        edit = change("household", home["household"], base=1, head_phone="10001234567")
        stored, go_on = threading.Event(), threading.Event()
        write = service.trail_write

        def slowly(*args: Any) -> None:
            write(*args)
            if not stored.is_set():
                stored.set()
                go_on.wait(PATIENCE)

        def send(actor: Actor) -> Result:
            try:
                (result,) = apply(actor, edit)
                return result
            finally:
                connection.close()

        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
            patch.setattr(service, "trail_write", slowly)
            sent = [pool.submit(send, may if first_may else may_not)]
            assert stored.wait(PATIENCE)
            sent.append(pool.submit(send, may_not if first_may else may))
            until = time.monotonic() + PATIENCE
            while not (waiting() or sent[1].done()) and time.monotonic() < until:
                time.sleep(0.02)
            go_on.set()
        answers = [each.result() for each in sent]
        assert {answer.status for answer in answers} == {"updated" if first_may else "rejected"}
        kept = (
            History.objects.filter(change=edit.change).count(),
            Inbox.objects.filter(pk=edit.change).count(),
        )
        assert kept == ((1, 0) if first_may else (0, 1))
        phone = "10001234567" if first_may else None
        assert factories.model("household").objects.get(pk=home["household"]).head_phone == phone
