"""Where photos lie: a folder by default, a bucket by setting, any storage of Django's."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from governance.records.files import storage as place
from governance.records.models import StoredFile
from tests.hub_process import ROOT
from tests.pictures import picture
from tests.sync.files import Sender, sha256
from tests.sync.tablet import Tablet, offer

_SHOW = """
import django; django.setup()
from django.core.files.storage import storages
kept = storages["files"]
print(type(kept).__name__, kept.bucket_name, kept.endpoint_url, kept.location, kept.file_overwrite)
"""


class Elsewhere(Storage):
    """A storage without folders or paths, as a bucket is; a name that is taken is written over."""

    kept: ClassVar[dict[str, bytes]] = {}

    def get_available_name(self, name, max_length=None):
        return name

    def exists(self, name):
        return name in self.kept

    def _save(self, name, content):
        self.kept[name] = content.read()
        return name

    def _open(self, name, mode="rb"):
        return ContentFile(self.kept[name])


def test_photos_are_kept_and_read_wherever_the_settings_say(worker, settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "files": {"BACKEND": f"{__name__}.Elsewhere"}}
    sender = Sender()
    made, again = sender.whole(picture()), sender.whole(picture())
    Tablet().push(offer("building", name="1号楼", lon=111.285, lat=30.695, crs="4490", photos=[made, again]))
    for id_ in (made, again):
        assert sender.get(id_).status_code == sender.get(id_, "/thumb").status_code == 200
    assert set(Elsewhere.kept) == {place.content_name(sha256(picture())), place.thumb_name(sha256(picture()))}
    assert StoredFile.objects.count() == 2


def test_a_bucket_is_named_in_the_environment(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
        "FILES_S3_BUCKET": "photos",
        "FILES_S3_ENDPOINT": "https://s3.example",
        "FILES_S3_KEY": "key",
        "FILES_S3_SECRET": "secret",
    }
    done = subprocess.run(
        [sys.executable, "-c", _SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["S3Storage", "photos", "https://s3.example", "files", "True"]


def test_a_share_that_takes_no_order_for_folders_is_written_all_the_same(file_folders: Path, monkeypatch):
    fsync = os.fsync

    def fussy(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(place.os, "fsync", fussy)
    place.storage().save("ab/abc", ContentFile(b"bytes"))
    assert place.stored_read("ab/abc") == b"bytes"


def test_a_file_has_its_name_only_when_it_is_whole(file_folders: Path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        place.storage().save("ab/abc", ContentFile(b"bytes"))
    assert [path for path in (file_folders / "files").rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    assert place.storage().save("ab/abc", ContentFile(b"bytes")) == "ab/abc"
    assert place.storage().save("ab/abc", ContentFile(b"bytes")) == "ab/abc"
    assert place.stored_read("ab/abc") == b"bytes"
