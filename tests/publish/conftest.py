"""The small town, a department with an agreement on people and a key."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.actor import HUB
from governance.access.models import Department
from governance.access.services.roles import roles_sync
from governance.publish.models import Agreement
from governance.publish.services import agreement_save, key_issue
from tests import factories

BASE = "/api/v1/publish/"
PURPOSE = quote("高龄津贴核对")
FIELDS = ("name", "phone", "birth_date")

Pull = Callable[..., dict[str, Any]]


def town_make() -> None:
    """Make two grids, the code lists and the departments."""
    factories.town()
    roles_sync()


def agree(kind: str = "person", fields: tuple[str, ...] = FIELDS, **terms: Any) -> Agreement:
    """Make an agreement with the civil affairs department, on the whole community unless said otherwise."""
    terms = {"area": factories.COMMUNITY, "purpose": "高龄津贴核对", **terms}
    department = terms.pop("department", None) or Department.objects.get(pk="civil")
    return agreement_save(actor=HUB, department=department, kind=kind, fields=fields, **terms)


def fetch(key: str, path: str = "person", purpose: str | None = PURPOSE, **query: object) -> HttpResponse:
    """Ask the interface."""
    headers = {"Authorization": f"Key {key}"}
    if purpose is not None:
        headers["X-Purpose"] = purpose
    return Client(headers=headers).get(BASE + path, query)


@pytest.fixture
def town(db: None) -> None:
    """The town."""
    town_make()


@pytest.fixture
def civil(town: None) -> Department:
    """The civil affairs department."""
    return Department.objects.get(pk="civil")


@pytest.fixture
def key(civil: Department) -> str:
    """Its key, with an agreement on people."""
    agree()
    return key_issue(actor=HUB, department=civil, name="津贴系统")[1]


@pytest.fixture
def pull(key: str) -> Pull:
    """Pull with the key; gives the reply's JSON."""

    def pulled(path: str = "person", **query: object) -> dict[str, Any]:
        reply = fetch(key, path, **query)
        assert reply.status_code == 200, reply.content.decode()
        found: dict[str, Any] = reply.json()
        return found

    return pulled
