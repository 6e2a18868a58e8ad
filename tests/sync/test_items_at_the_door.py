"""Two departments ask at one door: one stop on the worker's round, one answer that serves both."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from field_app.work.errors import Refused
from governance.access.actor import HUB
from governance.access.models import Department, User
from governance.access.services.roles import roles_sync
from governance.publish.services import key_issue
from governance.tasks.items.admission import admission_decide
from governance.tasks.items.follow import items_follow
from governance.tasks.models import Admission, Target, Task
from governance.tasks.services import grid_follow
from tests import factories
from tests.factories import apply, change
from tests.publish.conftest import agree
from tests.publish.test_items import TERMS, ask, gatekeeper, said
from tests.sync.test_cases import Tablet

pytestmark = pytest.mark.database


@pytest.fixture
def home(db: None) -> dict[str, str]:
    """A household of two, and its worker."""
    factories.town()
    roles_sync()
    worker = factories.tablet(factories.worker(), "first")
    door = factories.home(worker)["household"]
    return {"door": door, "one": factories.person(worker, door), "two": factories.person(worker, door)}


def asked_by(department: str, asks: str, *subjects: str, kind: str = "person", **terms: Any) -> Admission:
    """Let a department's item into the community, due in a week."""
    owner = Department.objects.get(pk=department)
    if not owner.agreements.filter(kind=kind).exists():
        fields = ("name", "phone") if kind == "person" else ("head_phone", "presence")
        agree(kind, department=owner, fields=fields)
    key, today = key_issue(actor=HUB, department=owner)[1], timezone.localdate()
    due = (today + timedelta(days=5)).isoformat()
    body = TERMS | {"asks": asks, "opens_on": today.isoformat(), "due_on": due, "subject_kind": kind} | terms
    item = said(ask(key, "post", body=body))
    rows = [{"key": subject, "id": subject} for subject in subjects]
    said(ask(key, "post", f"{item['id']}/targets", {"rows": rows}))
    said(ask(key, "post", f"{item['id']}/submit"))
    (admission,) = Admission.objects.filter(item=item["id"])
    return admission_decide(actor=gatekeeper(), admission=admission, approve=True, day=today, merged=True)


def states() -> list[str]:
    return list(Target.objects.order_by("pk").values_list("state", flat=True))


def test_one_door_one_visit(home: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked_by("civil", "person.phone", home["one"], home["two"])
    asked_by("health", "person.phone", home["one"])
    User.objects.update(max_devices=9)
    tablet = Tablet(tmp_path / "tablet", "worker")
    tablet.sync()
    (stop,) = tablet.run(capsys, "route")
    assert (stop["household"], len(stop["tasks"])) == (home["door"], 3)

    civil = Task.objects.get(subject=home["one"], item__startswith="civil")
    with pytest.raises(Refused, match="联系方式"):
        tablet.run(capsys, "task", "done", str(civil.pk))
    tablet.run(capsys, "task", "done", str(civil.pk), "--set", "person.phone=13800002222")
    tablet.sync()
    items_follow()
    assert states() == ["done", "asked", "held"], "the other department's question is answered too"
    tablet.sync()
    (stop,) = tablet.run(capsys, "route")
    assert len(stop["tasks"]) == 1


def test_an_item_about_households_follows_them(home: dict[str, str]) -> None:
    asked_by("civil", "household.presence photo", home["door"], kind="household")
    task = Task.objects.get()
    assert (task.subject_kind, task.subject, str(task.household_id)) == (
        "household",
        home["door"],
        home["door"],
    )
    hub = factories.hub_in(factories.GRID)
    reason = factories.close_reason("household")
    base = factories.model("household").objects.get(pk=home["door"]).version
    for person in ("one", "two"):
        closing = {"closed_on": "2026-11-01", "closed_reason": factories.close_reason("person")}
        apply(hub, change("person", home[person], base=1, **closing))
    apply(hub, change("household", home["door"], base=base, closed_on="2026-11-01", closed_reason=reason))
    grid_follow(factories.GRID)
    items_follow()
    assert Task.objects.get().state == "withdrawn"
    assert states() == ["withdrawn"]
