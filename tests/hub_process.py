"""The hub as a process of its own, for tests that talk to it over HTTP."""

import fcntl
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
SERVER = (
    *("-m", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--log-level", "warning"),
    *("--workers", "1", "--backpressure", "1000", "--workers-kill-timeout", "5"),
)
PREPARE = "from governance.console.hub.prepare import hub_prepare; hub_prepare(print)"
DATABASE_NAME = "database"
ENTRY = "governance.config.web:application"


class HubError(RuntimeError):
    """A command failed or the server did not come up; the message holds what it said."""


@dataclass
class Hub:
    """A hub with its own folder, database and port.

    Parameters
    ----------
    home : Path
        Folder of its data (``VAR_DIR``) and of the server's log.
    database : str
        URL of its database.
    port : int
    entry : str
        The application it serves.
    """

    home: Path
    database: str
    port: int = field(default_factory=free_port)
    entry: str = ENTRY
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see: this test's folder and database, nobody's settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "VAR_DIR": str(self.home / "var"),
            "DATABASE_URL": self.database,
            "PYTHONUTF8": "1",
            "HUB_THREADS": "8",
        }

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run ``manage.py`` and give its standard output.

        Raises
        ------
        HubError
            When it ends with another status than 0.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise HubError(f"manage.py {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def command(self) -> list[str]:
        """Give the server's module and options, but for port and application."""
        return list(SERVER)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command(), "--port", str(self.port), self.entry],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise HubError((self.home / "server.log").read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/admin/login/")
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server as an administrator does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill the server and its workers as a power cut would: no clean-up at all."""
        if self.process:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)


@contextmanager
def running_hub(home: Path) -> Iterator[Hub]:
    """Give a served hub in `home` with its standing data, on SQLite or the tests' PostgreSQL server."""
    with prepared_hub(home) as hub:
        hub.start()
        try:
            yield hub
        finally:
            hub.stop()


@contextmanager
def prepared_hub(home: Path) -> Iterator[Hub]:
    """Give a hub in `home` with its standing data that is not served yet."""
    template = hub_template()
    shutil.copytree(template, home, dirs_exist_ok=True)
    name = template / DATABASE_NAME
    with fresh_database(home, name.read_text() if name.exists() else None) as database:
        yield Hub(home, database)


@contextmanager
def fresh_database(home: Path, template: str | None = None) -> Iterator[str]:
    """Give the URL of a database: a file in `home`, or one of the tests' server, empty or like a template."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield f"sqlite:///{home / 'hub.sqlite3'}"
        return
    name = f"hub_{secrets.token_hex(6)}"
    like = sql.SQL("TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), like))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def hub_template() -> Path:
    """Give the folder of a prepared hub that nobody serves; the first to ask in a run of pytest makes it.

    Every hub of the run is a copy of it: preparing one anew costs ten seconds. It goes with the run.
    """
    folder = Path(os.environ["TEST_HOME"]) / "hub-template"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            making.mkdir()
            _prepare(making)
            making.rename(folder)
    return folder


def _prepare(home: Path) -> None:
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        database = f"sqlite:///{home / 'hub.sqlite3'}"
    else:
        name = f"hub_template_{secrets.token_hex(6)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        database = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        (home / DATABASE_NAME).write_text(name)
    Hub(home, database).manage("shell", "-c", PREPARE)


def hub_template_drop() -> None:
    """Drop the template's database, where the run made one on a server."""
    home = os.environ.get("TEST_HOME")
    if home is None:  # no settings were read, so no hub was made either
        return
    name = Path(home) / "hub-template" / DATABASE_NAME
    if name.exists():
        with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name.read_text())))
