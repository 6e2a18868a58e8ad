"""Bundles and receipts on a stick or in a folder (文件): read whole, written whole or not at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from field_app.errors import reason_of
from field_app.ports.folder import folder_sync
from field_app.sync.errors import BundleError

BUNDLE_SUFFIX, RECEIPT_SUFFIX = ".bundle", ".receipt"


def file_read(path: Path, most: int) -> bytes:
    """Read a file of at most so many bytes. Raises BundleError."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise BundleError(f"读不出：{reason_of(error)}") from error
    if len(data) > most:
        raise BundleError("太大，不是数据包或回执")
    return data


def file_write(path: Path, data: bytes) -> None:
    """Write a file; a broken-off write leaves none of this name. Raises BundleError."""
    part, begun = path.with_name(f".{path.name}.part"), False
    try:
        with _told(path):
            with part.open("wb") as file:
                begun = True
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            folder_sync(path.parent)
    except BundleError as error:
        error.untaken = _removed(part) or not begun
        raise


def files_write(paths: Sequence[Path], contents: Sequence[bytes]) -> None:
    """Write several new files, all or none. Raises BundleError, also where one is there already."""
    for path in paths:
        with _told(path):
            if path.exists():
                raise BundleError(f"{path.name} 已存在，请换一个文件名")
    written: list[Path] = []
    try:
        for path, data in zip(paths, contents, strict=True):
            file_write(path, data)
            written.append(path)
    except BundleError as error:
        error.untaken = error.untaken or _removed(paths[len(written)])
        for path in written:
            error.untaken &= _removed(path)
        raise


def _removed(path: Path) -> bool:
    """Remove a file; says whether the medium took that, as a stick that was pulled out does not."""
    try:
        path.unlink()
        folder_sync(path.parent)
    except OSError:
        return False
    return True


def bundle_paths(out: Path, name: str, parts: int) -> list[Path]:
    """Give the files that an export goes to: ``out`` itself, or ``name`` in it where it is a folder.

    Raises BundleError where that cannot be told.
    """
    with _told(out):
        whole = out / f"{name}{BUNDLE_SUFFIX}" if out.is_dir() else out
    if parts == 1:
        return [whole]
    digits = len(str(parts))
    return [whole.with_name(f"{whole.stem}-{part:0{digits}}{whole.suffix}") for part in range(1, parts + 1)]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in Chinese why the system does not let a file be written."""
    try:
        yield
    except OSError as error:
        raise BundleError(f"{path.name} 写不下：{reason_of(error)}；数据仍在本机") from error
