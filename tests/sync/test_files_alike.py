"""Two tablets send one picture at once, as after it was passed on: stored once, a file for each."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from governance.contract import uuid7
from governance.records.models import Content, StoredFile
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
