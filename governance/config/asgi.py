"""ASGI entry of the hub, for open lines: ``granian --interface asgi governance.config.asgi:application``.

Everything else is served by :mod:`governance.config.web`.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
django.setup()

from governance.config.limits import files_allow  # noqa: E402 - Django had to be set up first
from governance.sync.poke.app import PokeApp  # noqa: E402

application = PokeApp()
files_allow()
