"""``manage.py demo``: the day on the real street succeeds from an empty folder."""

import json
import os
import subprocess
import sys

from tests.hub_process import ROOT, Hub, fresh_database
from tests.postgres import free_port

SMALL = ("--small",) if "TEST_DATABASE_URL" in os.environ else ()
"""The whole street on SQLite; on PostgreSQL one community, where the day is the same."""

ACCOUNTS = {"admin", "worker", "staff", "clerk", "department"}


def test_the_day_succeeds_from_nothing_and_leaves_the_logins(tmp_path):
    with fresh_database(tmp_path) as database:
        hub = Hub(tmp_path, database)
        port = free_port()
        played = subprocess.run(
            [sys.executable, "manage.py", "demo", "--exit", *SMALL, "--port", str(port)],
            cwd=ROOT,
            env=hub.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "受理编号 number 2" in played.stdout
    assert "公安办结 approved by the police" in played.stdout
    assert "回执 receipt" in played.stdout
    note = json.loads((tmp_path / "var" / "demo.json").read_text(encoding="utf-8"))
    assert note["base"] == f"http://127.0.0.1:{port}"
    assert note.keys() >= ACCOUNTS
    assert all(note[who]["username"] and note[who]["password"] for who in ACCOUNTS)
    assert len(note["worker"]["grid"]) == 15
