"""PouchDB Server (CouchDB's replication protocol over LevelDB), in a folder of its own."""

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

PACKAGES = (
    "express@4.22.3",
    "express-pouchdb@4.2.0",
    "pouchdb-core@9.0.0",
    "pouchdb-adapter-leveldb@9.0.0",
    "pouchdb-mapreduce@9.0.0",
    "pouchdb-replication@9.0.0",
)
# Scripts are not run: LevelDB's binding comes built for this platform.
INSTALL = ("npm", "install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent")

_SERVER = """
const [, , port, folder] = process.argv;
const PouchDB = require("pouchdb-core")
  .plugin(require("pouchdb-adapter-leveldb"))
  .plugin(require("pouchdb-mapreduce"))
  .plugin(require("pouchdb-replication"))
  .defaults({ prefix: folder + "/" });
const app = require("express")();
app.use("/", require("express-pouchdb")(PouchDB, { mode: "minimumForPouchDB", inMemoryConfig: true }));
app.listen(Number(port), "127.0.0.1");
"""


def environment_make() -> str:
    """Install the peer once; give the path of its server."""
    folder = HOME / "pouchdb"
    stamp, wanted = folder / "installed", " ".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        say("安装对照系统 PouchDB Server · installing the peer into a folder of its own")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([*INSTALL, *PACKAGES], cwd=folder, check=True)
        stamp.write_text(wanted)
    server = folder / "server.js"
    server.write_text(_SERVER)
    return str(server)


@contextmanager
def pouchdb() -> Iterator[int]:
    """Serve PouchDB on an empty folder; gives the port."""
    server, port = environment_make(), free_port()
    with TemporaryDirectory(prefix="pouchdb-bench-") as folder:
        process = subprocess.Popen(
            ["node", server, str(port), folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
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
