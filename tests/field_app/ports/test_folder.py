"""Files that are to outlive a power cut: their bytes are on the disk before their name, and then that too."""

import errno
import os
from pathlib import Path

import pytest

from field_app.ports import folder as folders
from field_app.ports.folder import folder_make
from field_app.ports.secret import SecretFile
from field_app.store.files import Files
from field_app.store.sealing import KEY_SIZE, Sealer
from field_app.sync.bundle_files import file_write, files_write
from field_app.sync.errors import BundleError


class Disk:
    """What was brought to the disk, in order: each file's or folder's number, and its entries then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: list[tuple[int, list[str]]] = []
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._watched)

    def of(self, folder: Path) -> list[list[str]]:
        return [names for number, names in self.synced if number == folder.stat().st_ino]

    def _watched(self, handle: int) -> None:
        self._fsync(handle)
        path = Path(f"/proc/self/fd/{handle}")
        names = sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
        self.synced.append((os.fstat(handle).st_ino, names))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_an_exported_file_has_its_name_for_good(disk: Disk, tmp_path: Path) -> None:
    file_write(tmp_path / "one.bundle", b"whole")
    assert disk.synced[0] == ((tmp_path / "one.bundle").stat().st_ino, [])
    assert disk.of(tmp_path) == [["one.bundle"]]


def test_the_folder_of_the_first_photo_and_of_the_secret_are_there_for_good(
    disk: Disk, tmp_path: Path
) -> None:
    Files(tmp_path / "files", Sealer(bytes(KEY_SIZE))).put("a", b"picture")
    SecretFile(tmp_path / "secret").make("store")
    assert disk.of(tmp_path) == [["files"], ["files", "secret"]]
    assert disk.of(tmp_path / "files") == [["a"]]
    folder_make(tmp_path / "files")
    assert len(disk.of(tmp_path)) == 2


def refusing(monkeypatch: pytest.MonkeyPatch, reason: int) -> None:
    def fsync(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").is_dir():
            raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(folders.os, "fsync", fsync)


def test_a_stick_that_takes_no_such_order_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, errno.EINVAL)
    file_write(tmp_path / "one.bundle", b"whole")
    assert (tmp_path / "one.bundle").read_bytes() == b"whole"


def test_a_stick_that_fails_holds_no_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing(monkeypatch, errno.EIO)
    with pytest.raises(BundleError, match="写不下：读写出错"):
        files_write([tmp_path / "one.bundle"], [b"whole"])
    assert list(tmp_path.iterdir()) == []
