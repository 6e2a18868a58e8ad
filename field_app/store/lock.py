"""One process at a time: a lock of the operating system on the data folder."""

import os
import sys
from pathlib import Path

from field_app.errors import reason_of
from field_app.ports.folder import folder_make
from field_app.store.errors import FolderBusy, StoreError

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


LOCK = "tablet.lock"


class FolderLock:
    """Held while this object is open; the system frees it when the process dies."""

    def __init__(self, folder: Path) -> None:
        """Take the lock, making the folder when needed.

        Raises
        ------
        FolderBusy
            Another process holds it.
        StoreError
            The folder cannot be written.
        """
        try:
            folder_make(folder)
            self._handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"数据目录不能写：{reason_of(error)}") from error
        try:
            _take(self._handle)
        except OSError:
            os.close(self._handle)
            raise FolderBusy("另一个社区e通程序正在使用这个数据目录，请先关闭它") from None

    def release(self) -> None:
        """Free the lock; harmless when it is free already."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
