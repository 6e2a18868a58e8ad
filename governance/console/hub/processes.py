"""The hub's processes, started and ended together: web server, open lines (both granian), task worker."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

HOST = "127.0.0.1"
_PATIENCE = 60.0
_GRACE = 10.0
_GRACE_OF_WORKERS = 5
"""Seconds that a web process has to end its requests; one still arriving is sent again by its tablet."""
_MOST = 1000
"""Requests that a web process holds at a time, most of them still arriving or leaving on weak lines."""


def port_check(port: int) -> None:
    """Make sure that nothing listens on the port yet.

    Raises
    ------
    CommandError
        In Chinese, naming the port and what to do.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"端口 {port} 已被占用，请换一个，如 PORT={port + 1} · port {port} is in use"
            ) from error


@contextmanager
def hub_running(
    *, host: str, port: int, workers: int, log: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run web server, open lines and task worker, and end them however the block is left.

    Parameters
    ----------
    host, port : str, int
        Where the web server listens.
    workers : int
        Web processes.
    log : Path
        File that takes what both print.

    Raises
    ------
    CommandError
        When the server does not answer within a minute; names the log.
    """
    lines = port_for_lines(port)
    commands = (
        _granian("rsgi", "web", host, port, workers, most=_MOST),
        _granian("asgi", "asgi", host, lines, 1, most=settings.POKE_MOST + 1000),
        [sys.executable, "manage.py", "tasks_run", "--follow"],
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
        "POKE_PORT": str(lines),
    }
    processes: list[subprocess.Popen[bytes]] = []
    with log.open("ab") as file:
        try:
            for command in commands:
                processes.append(
                    subprocess.Popen(
                        command,
                        cwd=settings.ROOT,
                        env=environment,
                        stdout=file,
                        stderr=file,
                        stdin=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                )
            _await(f"http://{HOST}:{port}/admin/login/", processes[0], log)
            yield processes
        finally:
            _end(processes)


def port_for_lines(port: int) -> int:
    """Give the port for open lines: ``settings.POKE_PORT``, else one above the web server's.

    Where that one is taken it is any free one; tablets are sent there by the web server.

    Raises
    ------
    CommandError
        The port that was set is taken.
    """
    if settings.POKE_PORT:
        port_check(settings.POKE_PORT)
        return int(settings.POKE_PORT)
    for wanted in (port + 1, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, wanted))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise CommandError("没有空闲的端口 · no free port")


def _granian(interface: str, entry: str, host: str, port: int, workers: int, *, most: int) -> list[str]:
    """Give the command that serves one of the hub's two entries; ``most`` requests at a time a process."""
    return [
        *(sys.executable, "-m", "granian", "--interface", interface, "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--backpressure", str(most)),
        *("--runtime-mode", "st", "--http", "1", "--no-ws", "--log-level", "warning"),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(_GRACE_OF_WORKERS)),
        f"governance.config.{entry}:application",
    ]


def hub_wait(processes: list["subprocess.Popen[bytes]"], say: Callable[[str], None]) -> int:
    """Wait until a process ends by itself or the user presses Ctrl-C; give the exit status."""
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        # make hands the same signal on once more; ending takes its time and must not be cut short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        say("正在停止 · stopping")
        return 0
    say("平台进程意外退出，详见日志 · a process of the hub ended by itself")
    return 1


def _await(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address, http
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise CommandError(f"平台没有启动，详见 {log} · the hub did not start")


def _end(processes: list["subprocess.Popen[bytes]"]) -> None:
    with _undisturbed():
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            # A web server told to end while it replaces a worker that died may leave the new one behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no further signal cut the ending short: what is left then keeps the port and the database."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
