"""Web entry of the hub: ``granian --interface rsgi governance.config.web:application``."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from governance.config.bridge import Web
from governance.config.limits import files_allow, memory_keep
from governance.config.lively import lively
from governance.console.hub.presence import present

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
application = Web(get_wsgi_application(), threads=settings.HUB_THREADS)
import_module(settings.ROOT_URLCONF)  # every page is there before the first request asks for one
files_allow()
memory_keep()
present()
lively()

# A push makes thousands of short-lived dicts that reference counting frees by itself; looking
# through all modules for circles after every 700 of them costs a tenth of its time. Each request
# leaves some circles; the second collection makes Python forget how much is frozen, or it would
# wait with theirs until a quarter as much has gathered.
gc.collect()
gc.freeze()
gc.collect()
gc.set_threshold(20_000, 5, 4)
