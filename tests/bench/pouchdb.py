"""PouchDB Server (CouchDB's replication protocol over LevelDB) as it is installed, in a folder of its own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench.figures import say
from tests.bench.kinto import HOME
from tests.postgres import free_port

PACKAGES = ("pouchdb-server@4.2.0",)
# Scripts are not run: LevelDB's binding comes built for this platform.
INSTALL = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


def environment_make() -> str:
    """Install the peer once; give the path of its server."""
    folder = HOME / "pouchdb"
    stamp, wanted = folder / "installed", " ".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        say("安装对照系统 PouchDB Server · installing the peer into a folder of its own")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([*INSTALL, *PACKAGES], cwd=folder, check=True)
        stamp.write_text(wanted)
    return str(folder / "node_modules" / "pouchdb-server" / "bin" / "pouchdb-server")


@contextmanager
def pouchdb() -> Iterator[int]:
    """Serve PouchDB on an empty folder, where it leaves its log and settings too; gives the port."""
    server, port = environment_make(), free_port()
    with TemporaryDirectory(prefix="pouchdb-bench-") as folder:
        process = subprocess.Popen(
            ["node", server, "--port", str(port), "--dir", folder],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            _await(port)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _await(port: int) -> None:
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                return
        except URLError:
            time.sleep(0.05)
    raise RuntimeError("PouchDB Server did not start")
