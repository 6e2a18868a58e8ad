"""Agreements and keys in the console."""

import re
from typing import Any

import pytest
from django.test import Client

from governance.access.models import Department
from governance.publish.models import Agreement, DepartmentKey
from tests import factories
from tests.publish.conftest import agree, fetch

AGREEMENTS = "/admin/publish/agreement/"
KEYS = "/admin/publish/departmentkey/"
TERMS: dict[str, Any] = {
    "department": "civil",
    "kind": "person",
    "items": ["person.name", "person.sex"],
    "area": "420502",
    "purpose": "津贴核对",
    "legal_basis": "",
    "valid_from": "2026-01-01",
    "enabled": "on",
}


@pytest.fixture
def system(civil: Department, client: Client) -> Client:
    """A browser of the system administrator."""
    client.force_login(factories.user("system", "system_admin"))
    return client


def test_an_agreement_is_made_and_changed(system: Client) -> None:
    assert system.post(AGREEMENTS + "add/", TERMS).status_code == 302
    made = Agreement.objects.get()
    assert (made.fields, made.area, made.version) == (["name", "sex"], "420502", 1)
    page = f"{AGREEMENTS}{made.pk}/change/"
    assert re.search(r'value="person.name"\s+selected', system.get(page).content.decode())
    assert system.post(page, {**TERMS, "items": ["person.name"]}).status_code == 302
    made.refresh_from_db()
    assert (made.fields, made.version) == (["name"], 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"items": ["building.name"]}, "只能选人员的数据项"),
        ({"items": ["person.citizen_number"]}, "须写明法律依据"),
        ({"area": "42"}, "应为4、6、9、12位"),
        ({"valid_to": "2025-01-01"}, "不能早于生效日期"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(system: Client, change: dict[str, Any], reason: str) -> None:
    reply = system.post(AGREEMENTS + "add/", {**TERMS, **change})
    assert reply.status_code == 200
    assert reason in reply.content.decode()
    assert not Agreement.objects.exists()


def test_a_key_is_shown_once_and_revoked(system: Client) -> None:
    agree()
    shown = system.post(
        KEYS + "add/", {"department": "civil", "name": "津贴系统"}, follow=True
    ).content.decode()
    text = re.search(r"请立即抄存：([\w-]{43})", shown)
    assert text is not None
    assert fetch(text[1]).status_code == 200
    made = DepartmentKey.objects.get()
    for page in (KEYS, f"{KEYS}{made.pk}/change/"):
        again = system.get(page).content.decode()
        assert text[1] not in again
        assert made.key_hash not in again
    system.post(KEYS, {"action": "revoke", "_selected_action": [made.pk]})
    assert fetch(text[1]).status_code == 401


def test_a_department_sees_its_own_and_changes_nothing(civil: Department, client: Client) -> None:
    mine = agree()
    theirs = agree(department=Department.objects.get(pk="police"))
    client.force_login(factories.user("clerk", "department", department=civil))
    page = client.get(f"{AGREEMENTS}{mine.pk}/change/")
    assert "姓名、出生日期、联系方式" in page.content.decode()
    assert client.get(f"{AGREEMENTS}{theirs.pk}/change/").status_code == 302
    assert client.post(f"{AGREEMENTS}{mine.pk}/change/", TERMS).status_code == 403
    assert client.get(KEYS + "add/").status_code == 403
