"""``manage.py serve`` prepares the database, serves, and ends without leaving anything behind."""

import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import psutil
import pytest

from tests.hub_process import ROOT, Hub, fresh_database, prepared_hub
from tests.postgres import free_port

PATIENCE = 60
HEEDING = ("env", "--default-signal=INT,HUP")
"""Whoever runs the tests in the background may have them ignore what a terminal sends."""


@pytest.fixture
def served_from_nothing(tmp_path):
    """The hub served from an empty folder and database."""
    with fresh_database(tmp_path) as database, serving(Hub(tmp_path, database)) as running:
        yield running


@pytest.fixture
def served(tmp_path):
    """The hub served again, from a database that was prepared before."""
    with prepared_hub(tmp_path) as hub, serving(hub) as running:
        yield running


@contextmanager
def serving(hub, *arguments, **environment):
    port = free_port()
    process = subprocess.Popen(
        [
            *HEEDING,
            sys.executable,
            "-u",
            "manage.py",
            "serve",
            "--port",
            str(port),
            "--workers",
            "1",
            *arguments,
        ],
        cwd=ROOT,
        env=hub.environment | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    family = []
    try:
        for line in process.stdout:
            if f":{port}/admin/" in line:
                break
        family = psutil.Process(process.pid).children(recursive=True)
        yield process, port, family, hub.environment
    finally:
        if process.poll() is None:
            family += psutil.Process(process.pid).children(recursive=True)  # one may have replaced another
        for one in family:
            if one.is_running():
                one.kill()
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def test_it_serves_and_ends_with_all_its_processes(served_from_nothing):
    process, port, family, _ = served_from_nothing
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=PATIENCE) as reply:
        assert reply.status == 200
    commands = [" ".join(one.cmdline()) for one in family]
    for part in ("web:application", "asgi:application", "tasks_run"):
        assert any(part in command for command in commands), part
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def test_it_serves_at_another_address_and_under_its_own_name_alone(tmp_path):
    with (
        prepared_hub(tmp_path) as hub,
        serving(hub, "--host", "127.0.0.2", ALLOWED_HOSTS="hub.example") as (process, port, *_),
    ):
        assert process.poll() is None
        page = f"http://127.0.0.2:{port}/admin/login/"
        named = urllib.request.Request(page, headers={"Host": "hub.example"})
        with urllib.request.urlopen(named, timeout=PATIENCE) as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_it_ends_when_its_terminal_is_closed(served):
    process, _, family, _ = served
    process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE) == 0
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def test_killed_on_the_spot_it_leaves_no_process_that_keeps_its_port(served):
    process, _, family, _ = served
    process.kill()
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def test_broken_off_while_it_prepares_it_says_so(tmp_path):
    with fresh_database(tmp_path) as database:
        process = subprocess.Popen(
            [*HEEDING, sys.executable, "-u", "manage.py", "serve", "--port", str(free_port())],
            cwd=ROOT, env=Hub(tmp_path, database).environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "已中断" in told
    assert "Traceback" not in told


def test_a_web_worker_that_dies_is_replaced(served):
    process, port, _, _ = served
    (server,) = [one for one in _serving(process) if one.ppid() == process.pid]
    (worker,) = server.children()
    worker.kill()
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert process.poll() is None


def _serving(process):
    children = psutil.Process(process.pid).children(recursive=True)
    return [one for one in children if "web:application" in " ".join(one.cmdline())]


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def test_a_taken_port_is_named(served):
    _, port, _, environment = served
    again = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 1
    assert str(port) in again.stderr
    assert "Traceback" not in again.stderr
