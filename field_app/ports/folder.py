"""Folders whose entries outlive a power cut: a file is there for good only once its folder says so."""

import errno
import os
from pathlib import Path

_CANNOT = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM})


def folder_make(folder: Path) -> None:
    """Make a folder that only its user may open, where there is none; it is on the disk then."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder_sync(folder.parent)


def folder_sync(folder: Path) -> None:
    """Have a folder's entries on the disk, where the system and the medium can be asked to."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:  # some sticks and shared folders take no such order
        if error.errno not in _CANNOT:
            raise
