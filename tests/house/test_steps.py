"""What `make test` runs and counts."""

import subprocess
import sys

import psycopg
import pytest

from tests.__main__ import APART, STEPS, Count, counted, run
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
