"""The hub's processes, started and ended together: web server, open lines (both granian), task worker."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from governance.console.hub.ending import guarded, orders_final, processes_end

HOST = "127.0.0.1"
_PATIENCE = 60.0
_FAILED = 500
_HIGHEST_PORT = 65_535
_GRACE_OF_WORKERS = 5
"""Seconds that a web process has to end its requests; one still arriving is sent again by its tablet."""
_MOST = 1000
"""Requests that a web process holds at a time, most of them still arriving or leaving on weak lines."""


def port_check(port: int) -> None:
    """Make sure that there is such a port, and that nothing listens on it yet.

    Raises
    ------
    CommandError
        In Chinese, naming the port and what to do.
    """
    if not 1 <= port <= _HIGHEST_PORT:
        raise CommandError(f"端口应为1到{_HIGHEST_PORT}，不能是 {port} · there is no port {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise CommandError(f"无权使用端口 {port}，请换一个 · port {port} needs other rights") from error
        except OSError as error:
            raise CommandError(
                f"端口 {port} 已被占用，请换一个，如 PORT={port + 1} · port {port} is in use"
            ) from error


@contextmanager
def hub_running(
    *, host: str, port: int, workers: int, log: Path, say: Callable[[str], None]
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run web server, open lines and task worker, and end them however the block is left.

    Where this process is killed, a guard ends them.

    Parameters
    ----------
    host, port : str, int
        Where the web server listens.
    workers : int
        Web processes.
    log : Path
        File that takes what they print.
    say : callable
        Takes the word that the hub is being ended by order, which ends the block too.

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
    with log.open("ab") as file, guarded(file) as guard_tell:
        try:
            for command in commands:
                process = subprocess.Popen(
                    command,
                    cwd=settings.ROOT,
                    env=environment,
                    stdout=file,
                    stderr=file,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
                processes.append(process)
                guard_tell(process.pid)
            _await(host, port, processes[0], log)
            with orders_final(say):
                yield processes
        finally:
            processes_end(processes)


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
    """Wait until a process ends by itself, which is a failure; give the exit status."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    say("平台进程意外退出，详见日志 · a process of the hub ended by itself")
    return 1


def _await(host: str, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if _answers(host, port):
            return
        time.sleep(0.05)
    raise CommandError(f"平台没有启动，详见 {log} · the hub did not start")


def _answers(host: str, port: int) -> bool:
    """Whether the server works on requests, be it to refuse this one."""
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", "/admin/login/", headers={"Host": next(iter(settings.ALLOWED_HOSTS), host)})
        return line.getresponse().status < _FAILED
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
