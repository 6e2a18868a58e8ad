"""Settings of the tests: the hub's own, with data in a folder that goes away.

The database is SQLite in a file, as the hub runs it, or the PostgreSQL server that
``TEST_DATABASE_URL`` names (see `tests.postgres`); a developer's ``.env`` has no say in it.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# The process that pytest was started in makes the folder; its xdist workers use a part of it.
if "TEST_HOME" not in os.environ:
    os.environ["TEST_HOME"] = tempfile.mkdtemp(prefix="hub-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_HOME"], ignore_errors=True)
HOME = Path(os.environ["TEST_HOME"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")

os.environ["VAR_DIR"] = str(HOME)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{HOME / 'hub.sqlite3'}")

from governance.config.settings import *  # noqa: E402, F403  the environment had to be set first
from governance.config.settings import DATABASES, VAR  # noqa: E402

if "TEST_DATABASE_URL" not in os.environ:
    # A file, not memory: only there do two connections wait for each other as they do at the hub.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    # Nobody pulls its plug: that the hub's own settings withstand it is proven in tests/soak/power_loss.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # accounts by the dozen, not safety
WHITENOISE_AUTOREFRESH = True  # each test client would look through all static files at its first request
