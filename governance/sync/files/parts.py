"""Unfinished uploads on the hub's disk (未传完的文件): one file each, one writer at a time."""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

from governance.access.errors import Refused
from governance.records.files.storage import folder_sync
from governance.sync.files.tus import Checksum, ChecksumWrong
from governance.sync.http import StorageFull

_PIECE = 64 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Readable(Protocol):
    """What carries bytes: a request, or what a bundle held."""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, none at the end."""


class Locked(Refused):
    """Another request is writing to this upload right now."""

    status = 423
    code = "locked"


def part_path(id_: UUID) -> Path:
    """Give where the bytes of an upload lie."""
    folder: Path = settings.UPLOADS_DIR
    return folder / f"{id_}.part"


@contextmanager
def part_locked(id_: UUID) -> Iterator["Part"]:
    """Open an upload's bytes for this request alone, making them when there are none.

    Raises
    ------
    Locked
        Another request, of any process, holds them.
    """
    path = part_path(id_)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = _taken(path)
    while not _still(path, handle):  # the one before us took it away as it finished
        os.close(handle)
        handle = _taken(path)
    try:
        yield Part(path, handle)
    finally:
        os.close(handle)


def _taken(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Locked("这个文件正在上传，请稍候", wait=1) from None
    return handle


def _still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


class Part:
    """The bytes of one upload, held by one request."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle

    @property
    def size(self) -> int:
        """Bytes on the disk, confirmed or not."""
        return os.fstat(self._handle).st_size

    def append(self, request: Readable, offset: int, room: int, check: Checksum | None) -> int:
        """Write what the request carries behind ``offset`` and have it on the disk; gives the new offset.

        Where the request breaks off, what came counts, unless a check sum was to be right.

        Raises
        ------
        ChecksumWrong
            None of it was kept.
        StorageFull
            The disk is full; the offset is as before.
        """
        os.ftruncate(self._handle, offset)
        os.lseek(self._handle, offset, os.SEEK_SET)
        try:
            written = self._write(request, room, check)
        except OSError as error:
            os.ftruncate(self._handle, offset)
            if error.errno in _FULL:
                raise StorageFull("平台存储空间已满，照片仍在您的设备上，请稍后再传", wait=600) from None
            raise
        if check is not None and not check.right:
            os.ftruncate(self._handle, offset)
            raise ChecksumWrong("这一段传输有误，请重传")
        os.fsync(self._handle)
        if offset == 0:
            folder_sync(self.path.parent)
        return offset + written

    def _write(self, request: Readable, room: int, check: Checksum | None) -> int:
        written = 0
        for piece in _pieces(request, room):
            if check is not None:
                check.add(piece)
            view = memoryview(piece)
            while view:
                view = view[os.write(self._handle, view) :]
            written += len(piece)
        return written

    def sha256(self) -> str:
        """Give the SHA-256 of all bytes, hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def empty(self) -> None:
        """Throw the bytes away, to begin anew."""
        os.ftruncate(self._handle, 0)
        os.fsync(self._handle)

    def remove(self) -> None:
        """Take the bytes away for good."""
        self.path.unlink(missing_ok=True)


def _pieces(request: Readable, room: int) -> Iterator[bytes]:
    """Read the body piece by piece; a connection that breaks simply ends it."""
    while room:
        try:
            piece = request.read(min(_PIECE, room))
        except OSError:  # Django's UnreadablePostError: the client has gone
            return
        if not piece:
            return
        room -= len(piece)
        yield piece
