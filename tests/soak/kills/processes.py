"""A hub with two web workers and a task worker on a PostgreSQL of its own, all of which can be killed."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.hub_process import PATIENCE, ROOT, SERVER, Hub, HubError
from tests.postgres import Server

WORKERS = 2
_SETTLED = 7.0
"""Seconds after which a web worker's death is no longer part of a loop of them."""

_RESPAWN = ("--workers", str(WORKERS), "--respawn-failed-workers", "--respawn-interval", "0.1")


class Processes(Hub):
    """The hub's processes; a web worker that died is replaced, the others are started again here.

    Parameters
    ----------
    home : Path
    server : Server
        Its database.
    """

    def __init__(self, home: Path, server: Server) -> None:
        super().__init__(home, server.url)
        self.server = server
        self._tasks: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Serve as always, with workers that are replaced."""
        options = list(SERVER)
        at = options.index("--workers")
        return [*options[:at], *_RESPAWN, *options[at + 2 :]]

    def start(self) -> None:
        """Start web server and task worker."""
        super().start()
        self._start_tasks()

    def stop(self) -> None:
        """Stop both."""
        if self._tasks is not None:
            self._tasks.kill()
            self._tasks.wait(PATIENCE)
        super().stop()

    def strike(self, chance: random.Random) -> str:
        """Kill a `web` worker, the worker for `tasks` or the `database`, and see that it comes back.

        A web worker that was replaced a moment ago is spared: the server would take its death for a
        fault of the program, and end.

        Returns
        -------
        str
            What was killed.
        """
        settled = [each for each in self._workers() if time.time() - each.create_time() > _SETTLED]
        what = chance.choice(("web", "web", "tasks", "database") if settled else ("tasks", "database"))
        if what == "tasks":
            assert self._tasks is not None
            self._tasks.kill()
            self._tasks.wait(PATIENCE)
            self._start_tasks()
        elif what == "database":
            self.server.crash()
            self.server.start()
        else:
            chance.choice(settled).send_signal(signal.SIGKILL)
        return what

    def ready(self) -> None:
        """Wait until the hub answers.

        Raises
        ------
        HubError
            When it does not within a minute.
        """
        end = time.monotonic() + PATIENCE
        while not self._serves():
            if time.monotonic() > end:
                raise HubError((self.home / "server.log").read_text()[-3000:])
            time.sleep(0.02)

    def _workers(self) -> list[psutil.Process]:
        assert self.process is not None
        found = psutil.Process(self.process.pid).children()
        return [each for each in found if "resource_tracker" not in " ".join(each.cmdline())]

    def _serves(self) -> bool:
        """Whether it answers a sync, with the database behind it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/v1/sync/pull")
            return connection.getresponse().status == http.HTTPStatus.UNAUTHORIZED
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _start_tasks(self) -> None:
        with (self.home / "tasks.log").open("ab") as log:
            self._tasks = subprocess.Popen(
                [sys.executable, "manage.py", "tasks_run", "--follow", "--every", "0.2"],
                cwd=ROOT, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
