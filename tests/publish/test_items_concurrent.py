"""Items under several hands at once, and cut in the middle: everyone asked once, nobody forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import HUB, Actor
from governance.access.errors import Forbidden, Refused
from governance.access.models import Department
from governance.access.scope import Scope
from governance.access.services.roles import roles_sync
from governance.publish.services import key_issue
from governance.tasks.items import admission as admissions
from governance.tasks.items import services
from governance.tasks.items.admission import admission_decide, items_carry_on
from governance.tasks.items.follow import items_follow
from governance.tasks.items.services import item_withdraw
from governance.tasks.models import Admission, Target, Task, WorkItem
from tests import factories
from tests.factories import apply, change
from tests.publish.conftest import agree
from tests.publish.test_items import TERMS, ask, gatekeeper, said, today

__all__ = ["today"]

DAY = date(2026, 11, 22)
PEOPLE = 12
AT_ONCE = 4


@pytest.fixture
def admission(transactional_db: None) -> Admission:
    """An item about a dozen people that waits for its community."""
    factories.town()
    roles_sync()
    hub = factories.hub_in()
    door = factories.home(hub)["household"]
    people = [factories.person(hub, door) for _ in range(PEOPLE)]
    agree(fields=("name", "phone"))
    key = key_issue(actor=HUB, department=Department.objects.get(pk="civil"))[1]
    item = said(ask(key, "post", body=TERMS | {"asks": "person.phone"}))
    rows = [{"key": person, "id": person} for person in people]
    said(ask(key, "post", f"{item['id']}/targets", {"rows": rows}))
    said(ask(key, "post", f"{item['id']}/submit"))
    return Admission.objects.get()


def department() -> Actor:
    return replace(gatekeeper(), username="civil", abilities=frozenset({"define_items"}))


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Do things at once; gives what each gave, or the code it was refused with."""

    def run(job: Callable[[], Any]) -> Any:
        try:
            return job()
        except Refused as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def decide(admission: Admission, *, approve: bool) -> Admission:
    said = {"approve": approve, "reason": "刚核对过", "day": DAY}
    return admission_decide(actor=gatekeeper(), admission=admission, **said)


def test_who_moves_in_just_as_his_new_community_is_done_is_asked_there(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.town()
    there = "420502001002001"
    factories.grid(there, shift=2)
    roles_sync()
    hub = factories.hub_in(factories.GRID, there)
    leaves, stays = factories.home(hub), factories.home(hub, lon=factories.EAST + 0.015)
    people = [factories.person(hub, each["household"]) for each in (leaves, stays)]
    agree(fields=("name", "phone"), area="420502001")
    key = key_issue(actor=HUB, department=Department.objects.get(pk="civil"))[1]
    item = said(ask(key, "post", body=TERMS | {"asks": "person.phone", "area": "420502001"}))
    rows = [{"key": person, "id": person} for person in people]
    said(ask(key, "post", f"{item['id']}/targets", {"rows": rows}))
    said(ask(key, "post", f"{item['id']}/submit"))
    first, second = Admission.objects.order_by("community")
    keeper = replace(gatekeeper(), scope=Scope((), ("420502001",)))
    whole, moved = admissions._chunk_carry_out, []

    def meanwhile(*arguments: Any) -> bool:
        more = whole(*arguments)
        if not more and not moved:
            moved.append(change("room", leaves["room"], base=1, building=stays["building"], number="102"))
            assert apply(hub, *moved)[0].status == "updated"
            admission_decide(actor=keeper, admission=first, approve=True, day=DAY)
        return more

    monkeypatch.setattr(admissions, "_chunk_carry_out", meanwhile)
    admission_decide(actor=keeper, admission=second, approve=True, day=DAY)
    items_carry_on(DAY)
    assert set(Target.objects.values_list("state", "grid")) == {("asked", there)}


def test_an_item_and_its_repetition_at_once_are_one(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.town()
    roles_sync()
    agree(fields=("phone", "workplace"))
    key = key_issue(actor=HUB, department=Department.objects.get(pk="civil"))[1]
    checked, met = services.terms_problems, Barrier(2, timeout=1)

    def found_none(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):  # the other waits, as he should
            met.wait()
        return checked(*arguments)

    monkeypatch.setattr(services, "terms_problems", found_none)
    told = together(*[lambda: said(ask(key, "post", body=TERMS))["id"] for _ in range(2)])
    assert told == [str(WorkItem.objects.get().pk)] * 2


def test_what_is_answered_while_an_item_is_taken_back_stays(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(admission, approve=True)
    withdraw, target = services.tasks_withdraw, Target.objects.order_by("pk")[0]

    def answered(*arguments: Any) -> int:
        (result,) = apply(
            factories.hub_in(),
            change(
                "task",
                Task.objects.get(subject=target.subject).pk,
                base=1,
                outcome="refused",
                done_at="2026-11-22T03:00:00Z",
            ),
        )
        assert result.status == "updated"
        items_follow()
        return withdraw(*arguments)

    monkeypatch.setattr(services, "tasks_withdraw", answered)
    item_withdraw(actor=department(), item=WorkItem.objects.get(), reason="口径调整", day=DAY)
    items_follow()
    target.refresh_from_db()
    assert (target.state, target.outcome) == ("returned", "refused")
    assert Target.objects.filter(state="withdrawn").count() == PEOPLE - 1


def test_of_several_gatekeepers_one_decides(admission: Admission) -> None:
    told = together(*[lambda n=n: decide(admission, approve=bool(n % 2)) for n in range(AT_ONCE)])
    assert told.count("conflict") == AT_ONCE - 1
    state = Admission.objects.get().state
    assert Task.objects.count() == (PEOPLE if state == "approved" else 0)
    expected = "asked" if state == "approved" else "refused"
    assert set(Target.objects.values_list("state", flat=True)) == {expected}


def test_taken_back_while_it_is_let_in_nobody_is_left_asked(admission: Admission) -> None:
    item = WorkItem.objects.get()
    together(
        lambda: decide(admission, approve=True),
        lambda: item_withdraw(actor=department(), item=item, reason="口径调整", day=DAY),
    )
    assert set(Target.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not Task.objects.exclude(state="withdrawn").exists()


def test_what_was_cut_is_taken_up_again(admission: Admission, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = admissions.tasks_offer
    monkeypatch.setattr(admissions, "_AT_ONCE", 5)
    calls = []

    def cut(*arguments: Any) -> Any:
        calls.append(1)
        made = offered(*arguments)
        if len(calls) == 2:
            raise OSError("cut after the tasks were made, before anybody was told")
        return made

    monkeypatch.setattr(admissions, "tasks_offer", cut)
    decide(admission, approve=True)  # so long a list is left to the task worker
    with pytest.raises(OSError, match="cut"):
        items_carry_on(DAY)
    assert Target.objects.filter(state="waiting").count() == PEOPLE - 5
    assert items_carry_on(DAY) == 1
    assert set(Target.objects.values_list("state", flat=True)) == {"asked"}
    assert Task.objects.count() == PEOPLE
    assert items_carry_on(DAY) == 0


def test_a_long_list_is_taken_back_by_the_task_worker(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of the console is one transaction: it would hold the streams of all the grids to its end."""
    decide(admission, approve=True)
    monkeypatch.setattr(services, "_AT_ONCE", PEOPLE - 1)
    item_withdraw(actor=department(), item=WorkItem.objects.get(), reason="口径调整", day=DAY)
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}
    assert items_carry_on(DAY) == 1
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert set(Target.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_taking_back_is_taken_up_again_too(admission: Admission, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(admission, approve=True)

    def cut(*_: Any) -> int:
        raise OSError("cut")

    item, actor = WorkItem.objects.get(), department()
    with monkeypatch.context() as patch:
        patch.setattr(services, "tasks_withdraw", cut)
        with pytest.raises(OSError, match="cut"):
            item_withdraw(actor=actor, item=item, reason="口径调整", day=DAY)
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}
    assert items_carry_on(DAY) == 1
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert items_carry_on(DAY) == 0


def test_a_gatekeeper_decides_for_his_own_communities_only(admission: Admission) -> None:
    elsewhere = replace(gatekeeper(), scope=Scope(frozenset(), ("420502002",)))
    one_grid = replace(gatekeeper(), scope=Scope(frozenset({factories.GRID})))
    unable = replace(gatekeeper(), abilities=frozenset({"define_items"}))
    for actor in (elsewhere, one_grid, unable):
        with pytest.raises(Forbidden):
            admission_decide(actor=actor, admission=admission, approve=True, day=DAY)
    assert Admission.objects.get().state == "waiting"


def test_following_takes_the_same_statements_for_many(admission: Admission) -> None:
    decide(admission, approve=True)
    items_follow()
    hub = factories.hub_in()
    counts = []
    for tasks in (Task.objects.all()[:1], Task.objects.filter(state="open")):
        done = {"outcome": "done", "done_at": "2026-11-22T02:00:00Z"}
        people = [factories.change("person", task.subject, base=1, phone="13900000001") for task in tasks]
        factories.apply(hub, *people, *[factories.change("task", task.pk, base=1, **done) for task in tasks])
        with CaptureQueriesContext(connection) as caught:
            items_follow()
        counts.append(len(caught))
    assert counts[1] <= counts[0]
    assert WorkItem.objects.get().state == "finished"
    with CaptureQueriesContext(connection) as caught:
        items_follow()
    assert len(caught) == 1
