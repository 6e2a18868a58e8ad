"""The same alarm from several at once: one alarm, one task, one answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from governance.access.actor import HUB
from governance.tasks.alarms.keys import alarm_key_issue, device_bind
from governance.tasks.models import Alarm, Task
from tests import factories
from tests.tasks.alarms.conftest import NUMBER, send, source

AT_ONCE = 6


def spoken(key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    try:
        reply = send(key, body)
        return reply.status_code, reply.json()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_call_centre_that_repeats_itself_at_once_sends_one_worker() -> None:
    factories.town()
    hub = factories.hub_in()
    factories.person(hub, factories.home(hub)["household"], citizen_number=NUMBER)
    button = source()
    device_bind(actor=HUB, source=button, number="HJ-001", citizen_number=NUMBER)
    key = alarm_key_issue(actor=HUB, source=button)[1]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        calls = [pool.submit(spoken, key, {"id": "A1", "device": "HJ-001"}) for _ in range(AT_ONCE)]
        replies = [call.result() for call in calls]
    assert sorted(status for status, _ in replies) == [200] * (AT_ONCE - 1) + [201]
    assert len({told["alarm"] for _, told in replies}) == 1
    assert Alarm.objects.count() == Task.objects.count() == 1
