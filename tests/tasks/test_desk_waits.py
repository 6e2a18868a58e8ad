"""A desk stores photos for a task at the moment at which its grid's tablet pushes."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from governance.access.actor import Actor
from governance.audit.services import audit_append
from governance.feed.services import heads_lock
from governance.records.models import StoredFile
from governance.tasks.centres.pictures import photos_keep
from tests import factories
from tests.factories import GRID
from tests.pictures import picture
from tests.records.test_inbox_waits import PATIENCE, waiting

if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_a_desk_with_a_photo_and_a_push_wait_in_no_circle() -> None:
        """Both take the grid's stream, then its audit chain."""
        factories.town()
        clerk = factories.hub_in(GRID)
        row = SimpleNamespace(pk=None, grid=GRID, photos=None)

        def traced(actor: Actor) -> None:
            audit_append(actor=actor, action="push", scope=GRID, chain=GRID)

        @transaction.atomic
        def keep() -> None:
            photos_keep(clerk, row, [SimpleUploadedFile("a.jpg", picture())])
            heads_lock([GRID])

        def done() -> None:
            try:
                keep()
            finally:
                connection.close()

        with transaction.atomic():
            traced(clerk)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                heads_lock([GRID])
                kept = pool.submit(done)
                until = time.monotonic() + PATIENCE
                while not waiting() and time.monotonic() < until:
                    time.sleep(0.02)
                traced(clerk)
            kept.result()
        assert StoredFile.objects.count() == 1
