"""A desk stores photos for a task at the moment at which its grid's tablet pushes."""

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
from tests.waiting import meanwhile

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

        with transaction.atomic():
            traced(clerk)
        meanwhile(lambda: traced(clerk), late=keep)
        assert StoredFile.objects.count() == 1
