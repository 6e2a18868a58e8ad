"""A schedule replays from its seed, step by step."""

import json
import subprocess
import sys

from tests.house.tree import ROOT

COMMAND = [sys.executable, "-m", "tests.soak", "schedules", "--tried", "1", "--seed", "10"]


def test_a_seed_alone_tells_the_same_steps_again():
    first, second = (
        subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=True) for _ in range(2)
    )
    steps = [line for line in first.stderr.splitlines() if " sync: " in line or " edit: " in line]
    assert len(steps) > 2
    assert first.stderr == second.stderr
    line = json.loads(first.stdout)
    assert (line["tried"], line["controls"]) == (1, line["controls_caught"])
