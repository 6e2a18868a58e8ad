"""A database connection that answered a moment ago is not asked again whether it lives."""

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection

from governance.config import lively as room


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])
    room.lively()
    yield now
    for signal in (request_started, request_finished):
        signal.disconnect(dispatch_uid="lively")
    vars(room._last).clear()


def _asked(clock, *, rest, broken=False):
    """Whether a request ``rest`` seconds after another one asks the connection first."""
    connection.errors_occurred = broken
    request_finished.send(sender=None)
    connection.errors_occurred = False
    clock[0] += rest
    connection.health_check_done = False
    request_started.send(sender=None)
    return not connection.health_check_done


@pytest.mark.django_db
def test_a_connection_is_asked_only_after_a_rest_or_an_error(clock):
    connection.ensure_connection()
    assert not _asked(clock, rest=0.5)
    assert _asked(clock, rest=room.ASK_AFTER)
    vars(room._last).clear()
    assert _asked(clock, rest=0.5, broken=True)
