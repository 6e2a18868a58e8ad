"""Ending the hub's processes."""

import os
import signal
import subprocess
import sys
import threading

import psutil

from governance.console.hub.ending import processes_end

SERVER = """
import signal, subprocess, sys, time
def end(*_):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""


SLOW = """
import signal, sys, time
def end(*_):
    time.sleep(1.5)
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
    processes_end([server])
    left = [one for one in psutil.process_iter(["pid"]) if _group(one.pid) == server.pid]
    _, alive = psutil.wait_procs(left, timeout=5)
    server.stdout.close()
    for one in alive:
        one.kill()
    assert alive == []


def test_a_second_signal_does_not_cut_the_ending_short():
    """As when the hub ends by itself, for a process died, and is told to end meanwhile."""
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        for _ in range(2)
    ]
    for server in servers:
        assert server.stdout.readline() == "up\n"
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    again = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
    again.start()
    try:
        processes_end(servers)
        assert [server.poll() for server in servers] == [0, 0]
        assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    finally:
        again.join()
        signal.signal(signal.SIGTERM, before)
        for server in servers:
            server.kill()
            server.stdout.close()
            server.wait()


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
