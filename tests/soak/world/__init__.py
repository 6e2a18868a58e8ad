"""A small world for proofs: the real hub and real tablets in one process, a bad network, an oracle."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.pop("TEST_DATABASE_URL", None)
django.setup()
