"""The small town, a button and a hotline with their keys, a person with a call device."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.actor import HUB, Actor
from governance.tasks.alarms.keys import alarm_key_issue, device_bind, source_save
from governance.tasks.models import AlarmSource
from tests import factories

ROUTE = "/api/v1/alarms"
NUMBER = "420502193001010019"
CARER = {"name": "呼叫中心", "title": "居家呼叫器告警", "text": "请立即联系本人并上门查看"}

Call = Callable[..., dict[str, Any]]


def source(code: str = "button", **values: Any) -> AlarmSource:
    """Make a source."""
    given: dict[str, Any] = {"kind": "button", "makes": "task", "area": factories.COMMUNITY, **CARER}
    return source_save(actor=HUB, source=AlarmSource(code=code, **given | values))


def send(key: str, body: Any, method: str = "post") -> HttpResponse:
    """Speak to the intake."""
    client = Client(headers={"Authorization": f"Key {key}"})
    if method == "get":
        return client.get(ROUTE, body)
    return client.post(ROUTE, body, content_type="application/json")


@pytest.fixture
def button(town: None) -> AlarmSource:
    """Call buttons."""
    return source()


@pytest.fixture
def key(button: AlarmSource) -> str:
    """Their key."""
    return alarm_key_issue(actor=HUB, source=button)[1]


@pytest.fixture
def elder(worker: Actor, home: dict[str, str], button: AlarmSource) -> str:
    """Someone with a call button."""
    id_ = factories.person(worker, home["household"], citizen_number=NUMBER)
    device_bind(actor=HUB, source=button, number="HJ-001", citizen_number=NUMBER)
    return id_


@pytest.fixture
def hotline(town: None) -> str:
    """Key of a hotline whose calls become events."""
    category = factories.codes_of("event_category")[0]
    made = source("hotline", kind="hotline", makes="event", event_category=category, name="12345热线")
    return alarm_key_issue(actor=HUB, source=made)[1]


@pytest.fixture
def call(key: str) -> Call:
    """Send an alarm of the button's; gives the reply's JSON."""

    def called(status: int = 201, **body: Any) -> dict[str, Any]:
        reply = send(key, {"id": "A1", "device": "HJ-001", **body})
        assert reply.status_code == status, reply.content.decode()
        found: dict[str, Any] = reply.json()
        return found

    return called
