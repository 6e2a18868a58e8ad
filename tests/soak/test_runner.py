"""The runner of the proofs: what it prints, its exit status, its options."""

import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tests.house.tree import ROOT
from tests.soak import __main__ as runner
from tests.soak import proofs
from tests.soak.tally import Tally

KEYS = ["test", "tried", "lost", "doubled", "corrupt", "stuck", "controls_caught", "controls", "seconds"]
GOOD = {"controls": 2, "controls_caught": 2}


@pytest.fixture
def only_proof(monkeypatch):
    """Let the one proof be `fair`; its tally and what it was asked for can be set and read."""
    asked = SimpleNamespace(tally={}, tried=None, seed=None)

    def prove(tried, seed, say):
        asked.tried, asked.seed = tried, seed
        say("under way")
        return Tally(**{"tried": tried, **GOOD, **asked.tally})

    monkeypatch.setattr(proofs, "NAMES", ("fair",))
    module = SimpleNamespace(FIRST=3, SOAK=30, prove=prove)
    monkeypatch.setattr(proofs, "proof", {"fair": module}.__getitem__)
    return asked


def test_a_line_has_these_keys_in_this_order(only_proof, capsys):
    assert runner.main(["fair"]) == 0
    out, err = capsys.readouterr()
    assert list(json.loads(out)) == KEYS
    assert "fair: under way" in err


@pytest.mark.parametrize(
    ("tally", "status"),
    [
        ({}, 0),
        ({"lost": 1}, 1),
        ({"doubled": 1}, 1),
        ({"corrupt": 1}, 1),
        ({"stuck": 1}, 1),
        ({"controls_caught": 1}, 1),
        ({"controls": 0, "controls_caught": 0}, 1),
        ({"tried": 0}, 1),
    ],
)
def test_any_fault_and_any_control_that_passes_is_a_failure(only_proof, tally, status):
    only_proof.tally = tally
    assert runner.main(["fair"]) == status


@pytest.mark.parametrize(
    ("options", "tried", "seed"),
    [
        ([], 30, 1),
        (["--first"], 3, 1),
        (["--tried", "7", "--seed", "41"], 7, 41),
        (["--first", "--tried", "7"], 7, 1),
    ],
)
def test_how_many_and_from_which_seed(only_proof, options, tried, seed):
    assert runner.main(["fair", *options]) == 0
    assert (only_proof.tried, only_proof.seed) == (tried, seed)


@pytest.mark.parametrize("arguments", [["fare"], ["fair", "--tried", "0"], ["fair", "--tried", "some"]])
def test_what_cannot_be_meant_is_refused(only_proof, arguments):
    with pytest.raises(SystemExit) as stop:
        runner.main(arguments)
    assert stop.value.code == 2


def test_one_proof_that_fails_fails_them_all_and_hides_no_line(monkeypatch, capsys):
    monkeypatch.setattr(proofs, "NAMES", ("fair", "foul"))
    script = 'import sys; print(\'{"test": "%s"}\'); sys.exit(%d)'
    real = subprocess.run

    def child(command, **options):
        name = command[3]
        return real([sys.executable, "-c", script % (name, name == "foul")], **options)

    monkeypatch.setattr(subprocess, "run", child)
    assert runner.main(["--first"]) == 1
    out, err = capsys.readouterr()
    assert sorted(json.loads(line)["test"] for line in out.splitlines()) == ["fair", "foul"]
    assert "failed: foul" in err


SLOW = """
import signal, sys, time
from types import SimpleNamespace
from tests.soak import __main__ as runner, proofs
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background was told to ignore it
proofs.NAMES = ("slow",)
def prove(tried, seed, say):
    say("begun")
    time.sleep(600)
proofs.proof = lambda name: SimpleNamespace(FIRST=1, SOAK=1, prove=prove)
sys.exit(runner.main(["slow"]))
"""


def test_an_interrupt_ends_it_without_a_traceback():
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "begun" not in process.stderr.readline():
            time.sleep(0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "")
