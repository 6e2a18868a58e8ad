"""The hub's settings, with one trivial view beside its own routes."""

from governance.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
