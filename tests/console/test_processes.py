"""Ending the hub's processes."""

import os
import subprocess
import sys

import psutil

from governance.console.hub.processes import _end

SERVER = """
import signal, subprocess, sys, time
def end(*_):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""


def test_a_worker_that_a_server_makes_while_it_ends_does_not_outlive_it():
    """A worker killed just before is replaced by one that the signal did not reach."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert server.stdout.readline() == "up\n"
    _end([server])
    left = [one for one in psutil.process_iter(["pid"]) if _group(one.pid) == server.pid]
    _, alive = psutil.wait_procs(left, timeout=5)
    server.stdout.close()
    for one in alive:
        one.kill()
    assert alive == []


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
