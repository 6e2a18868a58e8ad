"""A device's requests are limited over all processes together, and counted only when there are many."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import Actor
from governance.access.errors import Throttled
from governance.access.models import Throttle
from governance.contract import uuid7
from governance.sync import http, throttle
from governance.sync.throttle import DeviceThrottle
from tests.sync.tablet import Tablet

MOMENT = 1_795_305_600.0


@pytest.fixture(autouse=True)
def few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten a minute in blocks of five, three uncounted, at a moment that stands still."""
    settings.DEVICE_PER_MINUTE = 10
    monkeypatch.setattr(throttle, "BLOCK", 5)
    monkeypatch.setattr(throttle, "UNCOUNTED", 3)
    monkeypatch.setattr("time.time", lambda: MOMENT)


def let_through(throttles: list[DeviceThrottle], device: object, asked: int) -> int:
    done = 0
    for number in range(asked):
        try:
            throttles[number % len(throttles)].hit(device)  # type: ignore[arg-type]
        except Throttled:
            continue
        else:
            done += 1
    return done


@pytest.mark.django_db
def test_all_processes_together_let_through_the_limit() -> None:
    processes = [DeviceThrottle() for _ in range(3)]
    assert let_through(processes, uuid7(), 200) == 10 + 3 * 3
    assert let_through(processes[:1], uuid7(), 200) == 10 + 3  # another device is not concerned


@pytest.mark.django_db
def test_the_next_minute_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    process, device = DeviceThrottle(), uuid7()
    assert let_through([process], device, 50) == 13
    monkeypatch.setattr("time.time", lambda: MOMENT + 60)
    assert let_through([process], device, 50) == 13


@pytest.mark.django_db
def test_an_ordinary_tablet_is_never_counted() -> None:
    process = DeviceThrottle()
    with CaptureQueriesContext(connection) as captured:
        assert let_through([process], uuid7(), 3) == 3
    assert not captured.captured_queries
    assert not Throttle.objects.exists()


def test_the_tablet_is_told_how_long(worker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "THROTTLE", DeviceThrottle())
    replies = [Tablet().client.get("/api/v1/sync/pull") for _ in range(14)]
    assert [reply.status_code for reply in replies] == [200] * 13 + [429]
    assert replies[-1].json()["code"] == "throttled"
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 60
