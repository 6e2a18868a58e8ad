"""Clearing away bytes that no upload speaks of, while tablets go on sending."""

import os
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import call_command

from governance.access.actor import Actor
from governance.contract import uuid7
from governance.sync.files import uploads
from governance.sync.files.parts import part_locked
from governance.sync.files.sweep import uploads_sweep
from governance.sync.models import Upload
from tests.pictures import picture
from tests.sync.files import Sender

LONG_AGO = time.time() - 30 * 86400
PHOTO = picture()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("file_folders")]


def orphan() -> str:
    """Leave old bytes of an upload that the database does not know; gives its id."""
    made = uuid7()
    with part_locked(made) as part:
        part.path.write_bytes(b"x")
    os.utime(part.path, (LONG_AGO, LONG_AGO))
    return str(made)


def test_a_file_that_goes_meanwhile_stops_nothing() -> None:
    """Between the listing and the look at it a tablet's last bytes may have come."""
    left = [orphan() for _ in range(3)]
    gone = settings.UPLOADS_DIR / f"{uuid7()}.part"
    gone.symlink_to(settings.UPLOADS_DIR / "nowhere")
    call_command("files_tidy")
    assert not any((settings.UPLOADS_DIR / f"{id_}.part").exists() for id_ in left)


def test_what_somebody_is_at_again_is_left() -> None:
    held, left = uuid7(), orphan()
    with part_locked(held) as part:
        os.utime(part.path, (LONG_AGO, LONG_AGO))
        call_command("files_tidy")
        assert part.path.exists()
    assert not (settings.UPLOADS_DIR / f"{left}.part").exists()


def test_an_upload_that_is_cleared_away_as_it_is_taken_up_again_begins_anew(
    worker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sender = str(uuid7()), Sender()
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])
    known = uploads.timezone.now
    turns = iter([True])

    def now() -> datetime:
        """Clear away between the look at the upload and the note that somebody is back at it."""
        if next(turns, False):
            Upload.objects.update(touched_at=known() - timedelta(days=30))
            assert uploads_sweep() == 1
        return known()

    monkeypatch.setattr(uploads, "timezone", SimpleNamespace(now=now))
    again = sender.begin(PHOTO, made)
    assert (again.status_code, again["Upload-Offset"]) == (201, "0")
    assert Upload.objects.filter(pk=made).exists()
