"""Two tablets send one picture at once, as after it was passed on: stored once, a file for each."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from governance.access.actor import Actor
from governance.contract import uuid7
from governance.records.models import Content, StoredFile
from governance.records.services.files import Arrived, file_enter
from governance.sync.files import uploads
from governance.sync.models import Upload
from tests import factories
from tests.pictures import picture
from tests.sync.files import Sender, sha256

PHOTO = picture()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("file_folders")
def test_one_content_of_two_tablets_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.town()
    factories.device(factories.worker("wang"), "wang")
    factories.device(factories.worker("li", factories.NEXT), "li")
    keep, both = uploads.content_keep, threading.Barrier(2, timeout=20)

    def kept(*args: object) -> Content:
        content = keep(*args)  # type: ignore[arg-type]
        both.wait()  # neither finds it in the database
        return content

    monkeypatch.setattr(uploads, "content_keep", kept)

    def send(token: str) -> int:
        try:
            made = str(uuid7())
            sender = Sender(token)
            assert sender.begin(PHOTO, made).status_code == 201
            return int(sender.patch(made, 0, PHOTO).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, ["wang", "li"])) == [204, 204]
    assert Content.objects.get().pk == sha256(PHOTO)
    assert StoredFile.objects.count() == 2
    assert not Upload.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("file_folders")
@pytest.mark.parametrize("ended", [False, True], ids=["stored", "given up"])
def test_what_a_killed_process_had_sent_the_database_counts(
    worker: Actor, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """Its lock on the upload is gone at once, while the database still does what it was told."""
    made, sender, keep = str(uuid7()), Sender(), uploads.content_keep

    def kept(arrived: Arrived) -> Content:
        content = keep(arrived)
        Upload.objects.filter(pk=made).delete()
        if not ended:
            file_enter(actor=worker, arrived=arrived, content=content)
        return content

    monkeypatch.setattr(uploads, "content_keep", kept)
    sender.begin(PHOTO, made)
    assert sender.patch(made, 0, PHOTO).status_code == (404 if ended else 204)
    assert StoredFile.objects.filter(pk=made).count() == (0 if ended else 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("file_folders", "worker")
def test_a_photo_that_is_stored_as_it_is_begun_again_is_whole() -> None:
    """A bundle brings it, say, in the moment the tablet has sent it by network."""
    made, sender = str(uuid7()), Sender()
    sender.begin(PHOTO, made)
    left = [PHOTO]

    def once_looked_for(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if left and sql.startswith("SELECT") and ("sync_upload" in sql or "records_storedfile" in sql):
            assert sender.patch(made, 0, left.pop()).status_code == 204
        return found

    with connection.execute_wrapper(once_looked_for):
        told = Sender().begin(PHOTO, made)
    assert (told.status_code, told["Upload-Offset"]) == (201, str(len(PHOTO)))
    assert not Upload.objects.exists()
