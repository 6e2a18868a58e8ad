"""ASGI entry of the hub, for open lines: ``granian --interface asgi governance.config.asgi:application``.

Everything else is served by :mod:`governance.config.wsgi`.
"""

import os
import resource

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
django.setup()

from governance.sync.poke.app import PokeApp  # noqa: E402 - Django had to be set up first

application = PokeApp()

# Every open line is an open file.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))
