"""A department's item from its first line to its results, over the interface."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin import site
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Department
from governance.access.scope import Scope
from governance.audit.models import AuditEntry
from governance.publish.services import key_issue
from governance.tasks.items import admission as letting_in
from governance.tasks.items.admin import AdmissionAdmin
from governance.tasks.items.admission import admission_decide
from governance.tasks.items.follow import items_follow
from governance.tasks.models import Admission, Target, Task, WorkItem
from tests import factories
from tests.factories import COMMUNITY, apply, change
from tests.publish.conftest import agree

BASE = "/api/v1/items/"
PURPOSE = quote("核对联系方式")


def numbered(body: str) -> str:
    """Give a citizen number with its check digit."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


FIRST, SECOND, THIRD, STRANGER = (numbered(f"4205021950010{day}001") for day in range(1, 5))
TERMS: dict[str, Any] = {
    "ref": "宜民发〔2026〕12号",
    "title": "核对老年人联系方式",
    "text": "请核对本人联系电话",
    "purpose": "高龄津贴发放",
    "legal_basis": "老年人权益保障法",
    "area": COMMUNITY,
    "asks": "person.phone person.workplace",
    "opens_on": "2026-11-22",
    "due_on": "2026-12-31",
}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Hold the day."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 11, 22))
    return date(2026, 11, 22)


@pytest.fixture
def key(civil: Department) -> str:
    """A key, with an agreement on people's telephones and workplaces."""
    agree(fields=("name", "phone", "workplace"))
    return key_issue(actor=HUB, department=civil)[1]


@pytest.fixture
def worker(town: None) -> Actor:
    """A worker's tablet on the first grid."""
    return factories.tablet(factories.worker())


@pytest.fixture
def people(worker: Actor) -> list[str]:
    """Three people in one household; of the first everything is held that is asked."""
    door = factories.home(worker)["household"]
    first = {"citizen_number": FIRST, "phone": "13800000000", "workplace": "示例厂"}
    return [
        factories.person(worker, door, name="王甲", **first),
        factories.person(worker, door, name="王乙", citizen_number=SECOND),
        factories.person(worker, door, name="王丙", citizen_number=THIRD),
    ]


def ask(key: str, method: str, path: str = "", body: Any = None, **query: Any) -> HttpResponse:
    client = Client(headers={"Authorization": f"Key {key}", "X-Purpose": PURPOSE})
    if method == "get":
        return client.get(BASE + path, query)
    return client.post(BASE + path, body or {}, content_type="application/json")


def said(reply: HttpResponse, status: int = 200) -> dict[str, Any]:
    assert reply.status_code == status, reply.content.decode()
    found: dict[str, Any] = reply.json()
    return found


def define(key: str, **terms: Any) -> dict[str, Any]:
    return said(ask(key, "post", body=TERMS | terms))


def rows(*numbers: str, name: str = "") -> dict[str, Any]:
    return {
        "rows": [{"key": f"r{n}", "citizen_number": each, "name": name} for n, each in enumerate(numbers)]
    }


def gatekeeper() -> Actor:
    return Actor(
        user_id=None, username="keeper", device_id=None, source="worker", scope=Scope((), (COMMUNITY,)),
        rights=frozenset(), abilities=frozenset({"admit_items"}),
    )  # fmt: skip


def admit(item: dict[str, Any], **said: Any) -> Admission:
    (admission,) = Admission.objects.filter(item=item["id"])
    said = {"approve": True, "day": date(2026, 11, 22), **said}
    return admission_decide(actor=gatekeeper(), admission=admission, **said)


def submitted(key: str, **terms: Any) -> dict[str, Any]:
    item = define(key, **terms)
    said(ask(key, "post", f"{item['id']}/targets", rows(FIRST, SECOND, THIRD)))
    return said(ask(key, "post", f"{item['id']}/submit"))


def test_from_the_first_line_to_the_results(key: str, people: list[str], worker: Actor) -> None:
    item = define(key)
    assert item == define(key), "the same again makes no second item"
    handed = rows(FIRST, SECOND, THIRD, STRANGER, SECOND, "420502")
    answer = said(ask(key, "post", f"{item['id']}/targets", handed))["rows"]
    assert [row["state"] for row in answer] == [
        "waiting", "waiting", "waiting", "unknown", "doubled", "malformed",
    ]  # fmt: skip
    assert all(row["reason"] for row in answer[3:])
    assert said(ask(key, "post", f"{item['id']}/targets", handed))["rows"] == answer
    told = said(ask(key, "post", f"{item['id']}/submit"))
    assert [row["state"] for row in told["communities"]] == ["waiting"]
    assert not Task.objects.exists(), "no community has let it in"

    admit(item)
    tasks = Task.objects.order_by("occasion")
    assert {task.subject for task in tasks} == set(people[1:]), "the first is answered from the base"
    assert {(task.origin, task.state, task.asks) for task in tasks} == {("item", "open", TERMS["asks"])}
    second = next(task for task in tasks if task.subject == people[1])
    apply(worker, change("person", people[1], base=1, phone="13900000001", workplace="示例店"))
    apply(worker, change("task", second.pk, base=1, outcome="done", done_at="2026-11-22T02:00:00Z"))
    items_follow()

    told = said(ask(key, "get", item["id"]))
    counts = {state: number for state, number in told["rows"].items() if number}
    assert counts == {"held": 1, "done": 1, "asked": 1, "unknown": 1, "doubled": 1, "malformed": 1}
    page = said(ask(key, "get", f"{item['id']}/results", limit=2))
    assert [row["state"] for row in page["rows"]] == ["held", "done"]
    assert page["rows"][1]["values"] == {"person.phone": "13900000001", "person.workplace": "示例店"}
    rest = said(ask(key, "get", f"{item['id']}/results", after=page["after"]))
    assert rest["after"] is None
    assert [row["values"] for row in rest["rows"]] == [{}] * 4
    read = AuditEntry.objects.filter(action="items.results")
    assert {subject for entry in read for subject in entry.subjects} == set(people[:2])
    assert read[0].purpose == "核对联系方式"


def test_a_long_list_is_carried_out_by_the_task_worker_and_its_progress_is_shown(
    key: str, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letting_in, "_AT_ONCE", 1)
    item = submitted(key)
    decided = admit(item)
    assert (decided.state, decided.carried_at) == ("approved", None)
    assert letting_in.progress_of(decided) == letting_in.Progress(3, 3)
    assert "后台派发中 0/3" in AdmissionAdmin(Admission, site).answered(decided)
    waiting = Target.objects.filter(state="waiting")
    terms = WorkItem.objects.select_related("department").get()
    assert letting_in._chunk_carry_out(terms, waiting, decided.decided_at.date(), decided)
    assert "后台派发中 1/3" in AdmissionAdmin(Admission, site).answered(decided)
    assert letting_in.items_carry_on(date(2026, 11, 22)) == 1
    decided.refresh_from_db()
    assert decided.carried_at is not None
    assert not Target.objects.filter(state="waiting").exists()
    assert "后台" not in AdmissionAdmin(Admission, site).answered(decided)


def test_what_another_visit_brought_ends_the_asking(key: str, people: list[str], worker: Actor) -> None:
    item = submitted(key)
    admit(item)
    apply(worker, change("person", people[2], base=1, phone="13900000002"))
    items_follow()
    assert Task.objects.get(subject=people[2]).state == "open", "the workplace is still to be asked"
    apply(worker, change("person", people[2], base=2, workplace="示例校"))
    items_follow()
    task = Task.objects.get(subject=people[2])
    assert (task.state, task.note) == ("withdrawn", "所需数据已经取得，不必再问")
    assert Target.objects.get(subject=people[2]).state == "held"


def test_the_last_answer_closes_the_item(key: str, people: list[str], worker: Actor) -> None:
    item = submitted(key)
    admit(item)
    for task in Task.objects.all():
        values = {"outcome": "refused", "done_at": "2026-11-22T02:00:00Z"}
        apply(worker, change("task", task.pk, base=1, **values))
    items_follow()
    told = said(ask(key, "get", item["id"]))
    assert (told["state"], told["rows"]["returned"]) == ("finished", 2)
    page = said(ask(key, "get", f"{item['id']}/results", state="returned"))
    assert [(row["outcome"], row["values"]) for row in page["rows"]] == [("refused", {})] * 2


def test_a_refusal_is_told_with_its_reason(key: str, people: list[str]) -> None:
    item = submitted(key)
    admit(item, approve=False, reason="上月刚核对过")
    told = said(ask(key, "get", item["id"]))
    assert told["communities"][0]["reason"] == "上月刚核对过"
    assert (told["state"], told["rows"]["refused"]) == ("finished", 3)
    assert not Task.objects.exists()


def test_what_is_taken_back_is_asked_no_more(key: str, people: list[str]) -> None:
    item = submitted(key)
    admit(item)
    told = said(ask(key, "post", f"{item['id']}/withdraw", {"reason": "口径调整"}))
    assert (told["state"], told["rows"]["withdrawn"], told["rows"]["held"]) == ("withdrawn", 2, 1)
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}
    said(ask(key, "post", f"{item['id']}/submit"), 409)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"due_on": "2026-11-21"}, "due_on"),
        ({"opens_on": "2027-01-01"}, "due_on"),
        ({"due_on": "31.12."}, "due_on"),
        ({"due_on": "9999-12-31"}, "due_on"),
        ({"area": "420503"}, "area"),
        ({"area": "4205"}, "area"),
        ({"asks": "person.birth_date"}, "asks"),
        ({"asks": "person.religion"}, "asks"),
        ({"asks": "person.no_such"}, "asks"),
        ({"asks": ""}, "asks"),
        ({"subject_kind": "household"}, "subject_kind"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"title": "字" * 101}, "title"),
        ({"title": 7}, "title"),
    ],
)
def test_what_is_wrong_is_told_by_field(key: str, terms: dict[str, Any], field: str) -> None:
    told = said(ask(key, "post", body=TERMS | terms), 422)
    assert told["code"] == "invalid"
    assert field in {problem["field"] for problem in told["problems"]}
    assert not WorkItem.objects.exists()


def test_an_item_that_names_nobody_is_not_handed_in(key: str, people: list[str]) -> None:
    item = define(key)
    said(ask(key, "post", f"{item['id']}/targets", rows(STRANGER)))
    assert said(ask(key, "post", f"{item['id']}/submit"), 422)["problems"][0]["field"] == "targets"


def test_terms_stand_once_they_were_handed_in(key: str, people: list[str]) -> None:
    item = submitted(key)
    said(ask(key, "post", body=TERMS | {"title": "另一件事"}), 409)
    said(ask(key, "post", f"{item['id']}/targets", {"rows": [{"key": "new", "citizen_number": FIRST}]}), 409)
    assert define(key)["id"] == item["id"]


def test_names_are_compared_and_double_records_not_guessed(
    key: str, people: list[str], worker: Actor
) -> None:
    factories.person(worker, factories.home(worker)["household"], name="王甲", citizen_number=FIRST)
    item = define(key)
    path = f"{item['id']}/targets"
    answer = said(ask(key, "post", path, rows(FIRST, SECOND, name="王乙")))["rows"]
    assert [row["state"] for row in answer] == ["mismatch", "waiting"]
    answer = said(ask(key, "post", path, {"rows": [{"key": "x", "citizen_number": FIRST}]}))["rows"]
    assert answer[0]["state"] == "ambiguous"
    answer = said(ask(key, "post", path, {"rows": [{"key": "y", "id": people[0]}]}))["rows"]
    assert answer[0]["state"] == "waiting"


def test_a_row_whose_id_and_number_are_of_two_people_is_told(key: str, people: list[str]) -> None:
    item = define(key)
    given = [
        {"key": "two", "id": people[1], "citizen_number": THIRD},
        {"key": "odd", "id": people[1], "citizen_number": "42"},
        {"key": "one", "id": people[1], "citizen_number": SECOND},
    ]
    answer = said(ask(key, "post", f"{item['id']}/targets", {"rows": given}))["rows"]
    assert [row["state"] for row in answer] == ["mismatch", "malformed", "waiting"]


def test_what_is_no_json_is_refused_in_chinese(key: str) -> None:
    client = Client(headers={"Authorization": f"Key {key}"})
    told = said(client.post(BASE, "{", content_type="application/json"), 400)
    assert told["code"] == "malformed"
    assert "JSON" in told["reason"]
    assert told["reason"].startswith("内容")


def test_who_lives_outside_the_area_is_not_told_from_a_stranger(
    key: str, people: list[str], worker: Actor
) -> None:
    item = define(key, area=factories.NEXT)
    answer = said(ask(key, "post", f"{item['id']}/targets", rows(FIRST, STRANGER)))["rows"]
    assert [(row["state"], row["reason"]) for row in answer] == [("unknown", answer[0]["reason"])] * 2


def test_another_department_sees_nothing_of_it(key: str, people: list[str]) -> None:
    item = submitted(key)
    other = key_issue(actor=HUB, department=Department.objects.get(pk="health"))[1]
    for path in ("", "/results"):
        said(ask(other, "get", item["id"] + path), 404)
    said(ask(other, "post", f"{item['id']}/withdraw", {"reason": "x"}), 404)
    assert said(ask(other, "get"))["items"] == []
    assert said(ask("no such key", "get"), 401)["code"] == "key"


def test_values_stop_with_the_agreement(key: str, people: list[str], civil: Department) -> None:
    item = submitted(key)
    admit(item)
    agreement = civil.agreements.get()
    agreement.valid_from = agreement.valid_to = date(2026, 11, 21)
    agreement.save()
    page = said(ask(key, "get", f"{item['id']}/results", state="held"))
    assert [row["values"] for row in page["rows"]] == [{}]


def test_a_long_list_takes_few_statements(key: str, people: list[str]) -> None:
    item = define(key)
    path = f"{item['id']}/targets"
    with CaptureQueriesContext(connection) as few:
        said(ask(key, "post", path, rows(FIRST)))
    many = {"rows": [{"key": f"n{n}", "citizen_number": STRANGER} for n in range(90)]}
    with CaptureQueriesContext(connection) as caught:
        said(ask(key, "post", path, many))
    assert len(caught) <= len(few)


def test_the_day_after_the_deadline_it_counts_as_overdue(
    key: str, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = submitted(key)
    admit(item)
    assert said(ask(key, "get", item["id"]))["overdue"] == 0
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 12, 31) + timedelta(days=1))
    assert said(ask(key, "get", item["id"]))["overdue"] == 2
