"""Sealed files on the disk (加密文件): photos in pieces, apart from the records' database.

A file is a row of pieces, each sealed by itself and bound to the file's name, its own place and the
number of pieces: one cut short, put together anew or renamed does not open.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from field_app.errors import reason_of
from field_app.ports.folder import folder_make, folder_sync
from field_app.store.errors import StoreError
from field_app.store.sealing import SEAL, Sealer

PIECE = 64 * 1024
"""Plain bytes of a piece; the last one is shorter."""

_STRIDE = PIECE + SEAL
_TABLE = "file"
_NAME = re.compile(r"[0-9a-z.-]{1,80}")


class Files:
    """The folder ``files`` of a data folder, while the tablet is unlocked."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def write(self, name: str, source: Path, most: int) -> tuple[int, str]:
        """Seal a plain file under a name; gives its length and SHA-256 (hex). It is on the disk then.

        Parameters
        ----------
        name : str
        source : Path
        most : int
            Bytes it may have.

        Raises
        ------
        StoreError
            It cannot be read or written, is empty or too large; nothing is left of it here.
        """
        try:
            length = source.stat().st_size
            if not 0 < length <= most:
                raise StoreError(f"文件是空的，或超过{most // 1024 // 1024}MB")
            digest = hashlib.sha256()
            with source.open("rb") as plain:
                self._write(name, _read(plain.fileno(), digest), _pieces(length))
            return length, digest.hexdigest()
        except OSError as error:
            raise StoreError(f"文件存不下：{reason_of(error)}") from error

    def put(self, name: str, data: bytes) -> None:
        """Seal bytes under a name. Raises StoreError."""
        parts = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        try:
            self._write(name, iter(parts), len(parts))
        except OSError as error:
            raise StoreError(f"文件存不下：{reason_of(error)}") from error

    def read(self, name: str, length: int, start: int, size: int) -> bytes:
        """Give ``size`` bytes from ``start`` of a file of ``length`` bytes, less at its end.

        Raises
        ------
        StoreError
            It is not there, or was altered.
        """
        end, pieces = min(start + size, length), _pieces(length)
        if start >= end:
            return b""
        first, last = start // PIECE, (end - 1) // PIECE
        try:
            with self._path(name).open("rb") as file:
                file.seek(first * _STRIDE)
                plain = b"".join(
                    self._sealer.open_bytes(_TABLE, _bound(name, place, pieces), file.read(_STRIDE))
                    for place in range(first, last + 1)
                )
        except OSError as error:
            raise StoreError(f"照片读不出：{reason_of(error)}") from error
        return plain[start - first * PIECE : end - first * PIECE]

    def whole(self, name: str) -> bytes | None:
        """Give all of a file, None where there is none. Raises StoreError where it was altered."""
        path = self._path(name)
        if not path.exists():
            return None
        sealed = path.stat().st_size
        length = sealed - -(-sealed // _STRIDE) * SEAL
        return self.read(name, length, 0, length)

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return self._path(name).exists()

    def remove(self, name: str) -> None:
        """Take a file away, if it is there. Raises StoreError."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"照片删不掉：{reason_of(error)}") from error

    def names(self) -> list[str]:
        """Names of all files, unfinished ones too."""
        return [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []

    def _write(self, name: str, plain: Iterator[bytes], pieces: int) -> None:
        folder_make(self._folder)
        part = self._path(f"{name}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                count = 0
                for place, piece in enumerate(plain):
                    file.write(self._sealer.seal_bytes(_TABLE, _bound(name, place, pieces), piece))
                    count += 1
                if count != pieces:
                    raise StoreError("文件正在变化，请再拍一次")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path(name))
            folder_sync(self._folder)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise StoreError("文件名不对")
        return self._folder / name


def _read(handle: int, digest: "hashlib._Hash") -> Iterator[bytes]:
    while piece := os.read(handle, PIECE):
        while len(piece) < PIECE and (more := os.read(handle, PIECE - len(piece))):
            piece += more
        digest.update(piece)
        yield piece


def _pieces(length: int) -> int:
    return -(-length // PIECE)


def _bound(name: str, place: int, pieces: int) -> str:
    return f"{name}\0{place}\0{pieces}"
