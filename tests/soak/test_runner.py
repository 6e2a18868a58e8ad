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
from tests.soak import parts, proofs
from tests.soak.tally import Tally

KEYS = ["test", "tried", "lost", "doubled", "corrupt", "stuck", "controls_caught", "controls", "seconds"]
PATIENCE = 20
GOOD = {"controls": 2, "controls_caught": 2}


@pytest.fixture
def only_proof(monkeypatch):
    """Let the one proof be `fair`; its tally and what it was asked for can be set and read."""
    asked = SimpleNamespace(tally={}, tried=None, seed=None)

    def prove(tried, seed, say):
        asked.tried, asked.seed = tried, seed
        say("under way")
        return Tally(**{"tried": tried, **GOOD, **asked.tally})

    monkeypatch.setattr(proofs, "NAMES", {"fair": proofs.Figures(3, 30, 100)})
    module = SimpleNamespace(prove=prove)
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


@pytest.fixture
def children(monkeypatch, tmp_path):
    """Let parts find what is said of their seeds (nothing: they break off); gives the commands that ran."""
    ran = []
    say = SimpleNamespace(ran=ran, found={})

    def run(command, **_):
        name, tried, seed = command[3], int(command[5]), int(command[7])
        ran.append((name, tried, seed))
        told = say.found.get((name, seed), {})
        line = {"test": name, "tried": tried, **GOOD, **(told or {}), "seconds": 0.1}
        return SimpleNamespace(stdout="" if told is None else json.dumps(line) + "\n")

    monkeypatch.setattr(parts.subprocess, "run", run)
    monkeypatch.setattr(parts, "VAR", tmp_path)
    return say


def lines(capsys):
    """Give the results printed so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_proof_that_fails_fails_them_all_and_hides_no_line(monkeypatch, capsys, children):
    monkeypatch.setattr(proofs, "NAMES", dict.fromkeys(("fair", "foul"), proofs.Figures(1, 1, 1)))
    children.found["foul", 1] = {"lost": 1}
    assert runner.main(["--first"]) == 1
    out, err = capsys.readouterr()
    assert sorted(json.loads(line)["test"] for line in out.splitlines()) == ["fair", "foul"]
    assert "failed: foul" in err


@pytest.fixture
def long_proof(monkeypatch):
    """Let the one proof be of three parts."""
    monkeypatch.setattr(proofs, "NAMES", {"long": proofs.Figures(5, 5, 2)})


def test_a_proof_in_parts_tries_every_seed_once_and_adds_up(long_proof, children, capsys):
    children.found["long", 3] = {"lost": 1, "stuck": 1}
    assert runner.main(["long"]) == 1
    assert sorted(children.ran) == [("long", 1, 5), ("long", 2, 1), ("long", 2, 3)]
    (line,) = lines(capsys)
    assert list(line) == KEYS
    assert (line["tried"], line["lost"], line["stuck"], line["controls"]) == (5, 1, 1, 2)


def test_a_control_that_one_part_did_not_catch_is_not_caught(long_proof, children, capsys):
    children.found["long", 5] = {"controls_caught": 1}
    assert runner.main(["long"]) == 1
    assert lines(capsys)[0]["controls_caught"] == 1


def test_a_run_that_was_cut_goes_on_with_what_is_missing(long_proof, children, capsys):
    children.found["long", 3] = None
    assert runner.main(["long"]) == 1
    assert lines(capsys) == []
    children.ran.clear()
    children.found.clear()
    assert runner.main(["long"]) == 0
    assert children.ran == [("long", 2, 3)]
    assert lines(capsys)[0]["tried"] == 5
    children.ran.clear()
    assert runner.main(["long"]) == 0
    assert len(children.ran) == 3, "what has been told is not kept"


@pytest.mark.parametrize("option", ["--anew", "--first"])
def test_a_cut_run_may_be_forgotten_and_never_counts_for_make_test(long_proof, children, option):
    children.found["long", 3] = None
    runner.main(["long"])
    children.ran.clear()
    runner.main(["long", option])
    assert len(children.ran) == 3


def test_what_was_found_counts_no_more_when_a_source_file_changes(long_proof, children, monkeypatch):
    children.found["long", 3] = None
    runner.main(["long"])
    children.ran.clear()
    monkeypatch.setattr(parts, "digest", lambda: "another")
    runner.main(["long"])
    assert len(children.ran) == 3


SLOW = """
import signal, sys, time
from types import SimpleNamespace
from tests.soak import __main__ as runner, proofs
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background was told to ignore it
proofs.NAMES = {"slow": proofs.Figures(1, 1, 1)}
def prove(tried, seed, say):
    say("begun")
    time.sleep(600)
proofs.proof = lambda name: SimpleNamespace(prove=prove)
sys.exit(runner.main(["slow"]))
"""


def test_an_interrupt_ends_it_without_a_traceback():
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "begun" not in process.stderr.readline():
            time.sleep(0)
        while True:
            process.send_signal(signal.SIGINT)
            try:
                out, err = process.communicate(timeout=PATIENCE)
                break
            except subprocess.TimeoutExpired:
                pass  # it came while Python ran something whose errors it passes over
    assert (process.returncode, out, err) == (130, "", "")
