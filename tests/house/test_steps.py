"""What `make test` runs and counts."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.__main__ import APART, STEPS, Beside, Count, counted, run, run_all
from tests.__main__ import Step as CheckStep
from tests.house.tree import ROOT
from tests.postgres import running

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="9" failures="2" errors="1" skipped="1"/></testsuites>
"""


def test_a_report_is_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert counted(report) == Count(passed=5, failed=3)


@pytest.mark.parametrize(("status", "failed"), [(0, 0), (1, 1)])
def test_a_failed_check_counts_as_one_failed_test(status, failed):
    check = CheckStep("check", "a check", (sys.executable, "-c", f"raise SystemExit({status})"))
    assert run(check) == Count(failed=failed)


def test_a_run_without_any_test_fails(tmp_path):
    empty = CheckStep("empty", "no test", (sys.executable, "-m", "pytest", "-q", str(tmp_path)), tests=True)
    assert run(empty).failed == 1


def test_steps_beside_others_run_meanwhile_and_are_shown_whole(tmp_path, capfd):
    here, there = tmp_path / "here", tmp_path / "there"
    steps = (
        _meeting("first", here, there),
        _check("broken", "print('what it said'); raise SystemExit(3)", beside=True),
        _meeting("second", there, here, beside=True),
        _check("last", "print('said at once')"),
    )
    counts = run_all(steps)
    assert list(counts) == ["first", "broken", "second", "last"]
    assert counts["broken"] == Count(failed=1)
    assert sum(count.failed for count in counts.values()) == 1
    lines = [line for line in capfd.readouterr().out.splitlines() if line]
    block = lines.index("== broken: broken")
    assert lines[block + 1] == "what it said"
    assert lines[block + 2].startswith("-- broken: FAILED, ")
    assert lines.index("said at once") == lines.index("== last: last") + 1


def test_when_others_are_interrupted_no_further_step_begins_beside_them(tmp_path):
    begun, marked = tmp_path / "begun", tmp_path / "marked"
    one = _check("one", f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(1)")
    two = _check("two", f"import pathlib; pathlib.Path({str(marked)!r}).touch()")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(begun, one, two)
    assert not marked.exists()


def _interrupted(begun: Path, *beside: CheckStep) -> None:
    with Beside(beside):
        while not begun.exists():
            time.sleep(0.01)
        raise KeyboardInterrupt


def _check(name: str, code: str, *, beside: bool = False) -> CheckStep:
    return CheckStep(name, name, (sys.executable, "-c", code), beside=beside)


def _meeting(name: str, mine: Path, other: Path, *, beside: bool = False) -> CheckStep:
    """Give a step that succeeds only while the other one runs."""
    code = f"""
import pathlib, time
pathlib.Path({str(mine)!r}).touch()
end = time.monotonic() + 60
while not pathlib.Path({str(other)!r}).exists():
    assert time.monotonic() < end
    time.sleep(0.01)
"""
    return _check(name, code, beside=beside)


def test_an_unknown_step_is_named():
    done = subprocess.run(
        [sys.executable, "-m", "tests", "styl"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "styl" in done.stderr


def test_what_the_main_run_leaves_out_has_a_step_of_its_own():
    last_arguments = {str(step.command[-1]) for step in STEPS if step.tests}
    assert set(APART) <= last_arguments
    assert all((ROOT / folder).is_dir() for folder in APART)


def test_the_postgresql_server_is_real_and_goes_away():
    with running() as url:
        with psycopg.connect(url) as connection:
            query = "SELECT current_setting('server_encoding'), datcollate FROM pg_database"
            shown = connection.execute(f"{query} WHERE datname = 'postgres'").fetchone()
        assert shown == ("UTF8", "C")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_the_command_run_beside_postgresql_gives_the_exit_status():
    command = [sys.executable, "-m", "tests.postgres", sys.executable, "-c", "raise SystemExit(7)"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 7
