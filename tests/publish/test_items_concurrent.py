"""Items under several hands at once, and cut in the middle: everyone asked once, nobody forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from governance.access.actor import HUB, Actor
from governance.access.errors import Refused
from governance.access.models import Department
from governance.access.services.roles import roles_sync
from governance.publish.services import key_issue
from governance.tasks.items import admission as admissions
from governance.tasks.items.admission import admission_decide, admissions_carry_out
from governance.tasks.items.services import item_withdraw
from governance.tasks.models import Admission, Target, Task, WorkItem
from tests import factories
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
    key = key_issue(actor=HUB, department=Department.objects.get(pk="civil"))
    item = said(ask(key, "post", body=TERMS | {"asks": "person.phone"}))
    rows = [{"key": person, "id": person} for person in people]
    said(ask(key, "post", f"{item['id']}/targets", {"rows": rows}))
    said(ask(key, "post", f"{item['id']}/submit"))
    return Admission.objects.get()


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


def test_of_several_gatekeepers_one_decides(admission: Admission) -> None:
    told = together(*[lambda n=n: decide(admission, approve=bool(n % 2)) for n in range(AT_ONCE)])
    assert told.count("conflict") == AT_ONCE - 1
    state = Admission.objects.get().state
    assert Task.objects.count() == (PEOPLE if state == "approved" else 0)
    expected = "asked" if state == "approved" else "refused"
    assert set(Target.objects.values_list("state", flat=True)) == {expected}


def test_taken_back_while_it_is_let_in_nobody_is_left_asked(admission: Admission) -> None:
    actor = Actor(
        user_id=None, username="civil", device_id=None, source="civil", scope=factories.everywhere(),
        rights=frozenset(), abilities=frozenset({"define_items"}),
    )  # fmt: skip
    item = WorkItem.objects.get()
    together(
        lambda: decide(admission, approve=True),
        lambda: item_withdraw(actor=actor, item=item, reason="口径调整", day=DAY),
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
    with pytest.raises(OSError, match="cut"):
        decide(admission, approve=True)
    assert Target.objects.filter(state="waiting").count() == PEOPLE - 5
    assert admissions_carry_out(DAY) == 1
    assert set(Target.objects.values_list("state", flat=True)) == {"asked"}
    assert Task.objects.count() == PEOPLE
    assert admissions_carry_out(DAY) == 0
