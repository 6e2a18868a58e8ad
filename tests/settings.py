"""Settings of the tests: the hub's own, with data in a folder that goes away.

The database is SQLite in a file, as the hub runs it, or the PostgreSQL server that
``TEST_DATABASE_URL`` names (see `tests.postgres`); a developer's ``.env`` has no say in it.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.soak.storage.place import SHARED_MEMORY

# The process that pytest was started in makes the folder, in memory where there is such a place: no test
# waits for a disk, though the hub's settings for one hold. Its xdist workers use a part of it.
if "TEST_HOME" not in os.environ:
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    os.environ["TEST_HOME"] = tempfile.mkdtemp(prefix="hub-tests-", dir=place)
    atexit.register(shutil.rmtree, os.environ["TEST_HOME"], ignore_errors=True)
HOME = Path(os.environ["TEST_HOME"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")

os.environ["VAR_DIR"] = str(HOME)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{HOME / 'hub.sqlite3'}")

from governance.config.settings import *  # noqa: E402, F403  the environment had to be set first
from governance.config.settings import DATABASES, VAR  # noqa: E402

if "TEST_DATABASE_URL" not in os.environ:
    # A file, not memory: only there do two connections wait for each other as they do at the hub.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # accounts by the dozen, not safety
WHITENOISE_AUTOREFRESH = True  # each test client would look through all static files at its first request
