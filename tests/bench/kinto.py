"""Kinto on the same PostgreSQL server, in an environment of its own under ``var/bench``."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import say
from tests.bench.hub import ROOT, served

HOME = ROOT / "var" / "bench"
PACKAGES = ("kinto[postgresql]==26.0.0", "granian==2.8.7", "setuptools<81")

_CONFIG = """
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.storage_pool_size = 25
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = bench
kinto.bucket_create_principals = system.Everyone
multiauth.policies = basicauth
multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy
kinto.includes =
"""
_WSGI = """
from pyramid.paster import get_app
application = get_app("kinto.ini")
"""


def environment_make() -> str:
    """Make the peer's environment once; give its Python."""
    python = HOME / "kinto" / "bin" / "python"
    stamp = HOME / "kinto" / "installed"
    wanted = " ".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        say("安装对照系统 Kinto · installing the peer into an environment of its own")
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME / "kinto"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *PACKAGES], check=True)
        stamp.write_text(wanted)
    return str(python)


@contextmanager
def kinto(url: str) -> Iterator[int]:
    """Serve Kinto on an empty database; gives the port."""
    python = environment_make()
    folder = HOME / "kinto"
    (folder / "kinto.ini").write_text(
        _CONFIG.format(url=url.replace("postgres://", "postgresql+psycopg2://"))
    )
    (folder / "kinto_app.py").write_text(_WSGI)
    migrate = [Path(python).with_name("kinto"), "migrate", "--ini", "kinto.ini"]
    done = subprocess.run(migrate, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"}
    with served("kinto_app:application", environment, folder, python, interface="wsgi") as port:
        yield port
