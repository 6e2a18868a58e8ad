"""WSGI entry of the hub: ``granian --interface wsgi governance.config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
application = get_wsgi_application()
