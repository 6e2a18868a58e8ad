"""A department takes over, reads and answers the cases that were filed to it, and no others."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.actor import HUB
from governance.access.models import Department
from governance.audit.models import AuditEntry
from governance.publish.services import key_issue
from tests.tasks.desk import COMMUNITY_DESK, Door, at_station, case_of, clerk, desk_make, state_of

pytestmark = pytest.mark.database
BASE = "/api/v1/publish/cases"


class Office:
    """A department's system."""

    def __init__(self, code: str) -> None:
        self.key = key_issue(actor=HUB, department=Department.objects.get(pk=code))[1]
        self.client = Client(headers={"Authorization": f"Key {self.key}", "X-Purpose": quote("办理代办件")})

    def get(self, path: str = "", **query: object) -> HttpResponse:
        """Ask."""
        return self.client.get(BASE + path, query)

    def post(self, path: str, **body: Any) -> HttpResponse:
        """Say."""
        return self.client.post(BASE + path, json.dumps(body), content_type="application/json")


@pytest.fixture
def door(db: None) -> Door:
    """One door of the town."""
    desk_make()
    return Door.make()


@pytest.fixture
def civil(door: Door) -> Office:
    """The civil affairs department's system."""
    return Office("civil")


@pytest.fixture
def case(door: Door) -> str:
    """A case that was filed to the civil affairs department."""
    made, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, made, "accept")
    at_station(staff, made, "file")
    return made


def test_a_department_lists_what_waits_for_it_without_names(civil: Office, case: str) -> None:
    reply = civil.get().json()
    assert [each["id"] for each in reply["cases"]] == [case]
    assert reply["more"] is False
    assert "王示例" not in json.dumps(reply, ensure_ascii=False)
    assert civil.get(state="approved").json()["cases"] == []
    assert civil.get(after=case).json()["cases"] == []


def test_a_case_comes_with_what_its_service_needs_and_nothing_more(civil: Office, case: str) -> None:
    sheet = civil.get(f"/{case}").json()
    names = {each["name"]: each["value"] for each in sheet["data"]}
    assert names["person.name"] == "王示例"
    assert set(names) == {
        "person.name",
        "person.sex",
        "person.birth_date",
        "person.citizen_number",
        "person.phone",
    }
    assert [(line["code"], bool(line["seen_on"])) for line in sheet["materials"]] == [
        ("01", True),
        ("05", True),
        ("02", False),
    ]
    assert "民政局" in sheet["consent"]
    assert sheet["next"] == ["take", "return", "approve", "refuse"]


def test_every_reading_leaves_a_trace_of_the_person(civil: Office, case: str, door: Door) -> None:
    civil.get(f"/{case}")
    entry = AuditEntry.objects.filter(action="cases.read").get()
    assert (str(entry.subject), entry.username, entry.purpose) == (
        door.person,
        "department:civil",
        "办理代办件",
    )


def test_a_department_takes_over_and_answers(civil: Office, case: str) -> None:
    assert civil.post(f"/{case}/take").json()["state"] == "taken"
    reply = civil.post(f"/{case}/approve", note="已制证", reference="宜优001")
    assert reply.json()["state"] == "approved"
    assert case_of(case).values["reference"] == "宜优001"
    again = civil.post(f"/{case}/approve", note="已制证", reference="宜优001")
    assert again.json() == reply.json()


def test_what_is_sent_back_says_what_is_missing(civil: Office, case: str) -> None:
    assert civil.post(f"/{case}/return", missing=["05"]).status_code == 400
    assert civil.post(f"/{case}/return", note="照片不合格", missing=["05"]).json()["state"] == "returned"
    assert case_of(case).values["missing"] == ["05"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/{case}/fly", {}, 400, "state"),
        ("/{case}/approve", {"colour": 1}, 400, "malformed"),
        ("/{case}/approve", {"note": 5}, 400, "malformed"),
        ("/{case}/return", {"note": "缺", "missing": "05"}, 400, "malformed"),
        ("/01926f5e-0000-7000-8000-0000000000ff/take", {}, 404, "missing"),
    ],
)
def test_what_cannot_be_is_refused(
    civil: Office, case: str, path: str, body: dict[str, object], status: int, code: str
) -> None:
    reply = civil.post(path.format(case=case), **body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert state_of(case) == "filed"


def test_another_department_sees_nothing_of_it(civil: Office, case: str, door: Door) -> None:
    police = Office("police")
    assert police.get().json()["cases"] == []
    for reply in (police.get(f"/{case}"), police.post(f"/{case}/take")):
        assert (reply.status_code, reply.json()["code"]) == (404, "missing")
    file = door_file(case)
    assert police.get(f"/{case}/files/{file}").status_code == 404


def door_file(case: str) -> str:
    """Give the id of the case's signature."""
    signature = case_of(case).values["signature"]
    assert isinstance(signature, list)
    return str(signature[0])


def test_only_files_of_the_case_are_served(civil: Office, case: str) -> None:
    assert civil.get(f"/{case}/files/01926f5e-0000-7000-8000-0000000000aa").json()["code"] == "missing"
    waiting = civil.get(f"/{case}/files/{door_file(case)}")
    assert waiting.status_code != 200  # named, but not arrived
    assert waiting.json()["code"] != "missing"


def test_without_key_or_purpose_nothing_is_told(civil: Office, case: str) -> None:
    assert Client().get(BASE).status_code == 401
    silent = Client(headers={"Authorization": f"Key {civil.key}"})
    assert silent.get(f"{BASE}/{case}").json()["code"] == "malformed"
