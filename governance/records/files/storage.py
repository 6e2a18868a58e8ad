"""Where contents lie (文件存放): the storage named ``files`` in settings, by default a local folder."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages


class DurableStorage(FileSystemStorage):
    """A local folder whose files are whole and on the disk before they have their name.

    Names are made from the content, so that a name taken already means the same bytes.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Give the name itself."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        for folder in (target.parent, target.parent.parent, Path(self.location)):
            folder_sync(folder)
        return name


def file_write(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole or not at all, in the place of one that is there; it is on the disk then."""
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    folder_sync(path.parent)


def folder_sync(folder: Path) -> None:
    """Have a folder's entries on the disk, where its medium takes such an order: some shares do not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def storage() -> Storage:
    """Give the storage of photos and files."""
    return storages["files"]


def content_name(sha256: str) -> str:
    """Give the name a content is stored under, as it came."""
    return f"{sha256[:2]}/{sha256}"


def thumb_name(sha256: str) -> str:
    """Give the name of its thumbnail."""
    return f"{sha256[:2]}/{sha256}.thumb.jpg"


def content_write(sha256: str, path: Path, thumb: bytes | None) -> None:
    """Store a content and its thumbnail; harmless where they are there already."""
    place = storage()
    if thumb is not None:
        place.save(thumb_name(sha256), ContentFile(thumb))
    with path.open("rb") as file:
        place.save(content_name(sha256), File(file))


def stored_read(name: str) -> bytes:
    """Read what is stored under a name. Raises FileNotFoundError where nothing is."""
    with storage().open(name, "rb") as file:
        data: bytes = file.read()
    return data
