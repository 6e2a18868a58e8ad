"""A tablet's command line hears of a task: real hub, real process for open lines, real sockets."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_process import PATIENCE, ROOT, Hub, HubError, running_hub
from tests.sync.poke_side import PokeSide

PIN = "271828"
_TOWN = """
from tests import factories
factories.codes()
factories.grid()
factories.worker()
"""
_TASK = """
from tests import factories
category = factories.codes_of("event_category")[0]
made = factories.change("event", category=category, description="x", grid=factories.GRID)
(result,) = factories.apply(factories.hub_in(), made)
assert result.status == "created", result
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, PokeSide]]:
    """A hub with one worker, and its process for open lines at the next port."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.manage("shell", "-c", _TOWN)
        side = PokeSide(hub, port=hub.port + 1)
        try:
            side.start()
        except HubError:  # somebody has that port
            hub.stop()
            raise
        yield hub, side
        side.stop()


def tablet(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a command of the tablet."""
    return subprocess.Popen(
        [sys.executable, "-m", "field_app", "--data", str(folder), "--pin", PIN, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def done(process: "subprocess.Popen[str]") -> list[dict]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_a_listening_tablet_is_called_and_syncs(town: tuple[Hub, PokeSide], tmp_path: Path) -> None:
    hub, _ = town
    login = ("--username", "worker", "--password", "Wangge-2026-e", "--device", "平板")
    done(tablet(tmp_path, "enrol", "--hub", hub.base, *login))
    done(tablet(tmp_path, "sync", "--quiet"))
    listening = tablet(tmp_path, "listen", "--once", "--seconds", str(PATIENCE))
    assert json.loads(listening.stdout.readline()) == {"event": "open"}
    hub.manage("shell", "-c", _TASK)
    poke, *_, sync = done(listening)
    assert poke["event"] == "poke"
    assert sync["event"] == "sync"
    assert sync["pulled"] == 1
    (event,) = done(tablet(tmp_path, "list", "event"))
    assert event["kind"] == "event"


def test_without_a_line_it_syncs_at_its_intervals(town: tuple[Hub, PokeSide], tmp_path: Path) -> None:
    hub, side = town
    side.stop()
    hub.manage("shell", "-c", "from governance.access.models import User; User.objects.update(max_devices=9)")
    login = ("--username", "worker", "--password", "Wangge-2026-e", "--device", "平板")
    done(tablet(tmp_path, "enrol", "--hub", hub.base, *login))
    told = done(tablet(tmp_path, "listen", "--seconds", "4", "--every", "1"))
    assert {"off", "sync"} <= {line["event"] for line in told}
