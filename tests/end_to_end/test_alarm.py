"""An alarm from outside reaches the tablet: real hub, real process for open lines, real sockets."""

import json
from pathlib import Path

import requests

from tests.end_to_end.test_listen import PATIENCE, done, tablet, town
from tests.hub_process import Hub
from tests.sync.poke_side import PokeSide

__all__ = ["town"]

_SOURCE = """
from governance.access.actor import HUB
from governance.access.models import User
from governance.tasks.alarms.keys import alarm_key_issue, device_bind
from tests import factories
from tests.tasks.alarms.conftest import NUMBER, source
worker = factories.tablet(User.objects.get(username="worker"), "first")
factories.person(worker, factories.home(worker)["household"], citizen_number=NUMBER)
button = source()
device_bind(actor=HUB, source=button, number="HJ-001", citizen_number=NUMBER)
User.objects.update(max_devices=9)
print(alarm_key_issue(actor=HUB, source=button)[1])
"""


def test_a_pressed_button_calls_the_tablet(town: tuple[Hub, PokeSide], tmp_path: Path) -> None:
    hub, _ = town
    key = hub.manage("shell", "-v", "0", "-c", _SOURCE).split()[-1]
    login = ("--username", "worker", "--password", "Wangge-2026-e", "--device", "平板")
    done(tablet(tmp_path, "enrol", "--hub", hub.base, *login))
    done(tablet(tmp_path, "sync", "--quiet"))
    listening = tablet(tmp_path, "listen", "--once", "--seconds", str(PATIENCE))
    assert json.loads(listening.stdout.readline()) == {"event": "open"}
    reply = requests.post(
        f"{hub.base}/api/v1/alarms",
        json={"id": "A1", "device": "HJ-001", "signal": "跌倒"},
        headers={"Authorization": f"Key {key}"},
        timeout=PATIENCE,
    )
    assert (reply.status_code, reply.json()["attended"]) == (201, True)
    poke, *_, sync = done(listening)
    assert poke["event"] == "poke"
    assert sync["pulled"] == 1
    (task,) = done(tablet(tmp_path, "tasks"))
    assert (task["title"], task["when"], task["urgent"]) == ("居家呼叫器告警", "today", True)
