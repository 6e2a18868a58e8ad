"""The device secret (设备密钥): without it the PIN alone opens nothing; beside it wrong tries are counted.

Both lie outside the data folder, so that a folder taken away holds neither, and an older copy of the
folder put back gives no tries back and is known for one.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from field_app.errors import TabletError, reason_of
from field_app.ports.folder import folder_make, folder_sync

SIZE = 32
_LINE = 64
_MOST_OPENED = 2**40
"""More than a store is ever opened, and fewer than its database can hold."""


class SecretError(TabletError):
    """The secret is missing or cannot be used; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries so far, and when the last one was, in seconds since the device was started.

    ``opened`` numbers the times the store was opened: an older copy of it is behind.
    """

    count: int = 0
    at: float = 0.0
    opened: int = 0


class DeviceSecret(Protocol):
    """32 bytes a store that never leave the device, and the store's wrong tries.

    ``store`` names the store; it is empty for one made before stores had names.
    """

    def make(self, store: str) -> bytes:
        """Give the secret, making it when there is none yet. Raises SecretError."""

    def read(self, store: str) -> bytes:
        """Give the secret. Raises SecretError when it is not there."""

    def destroy(self, store: str) -> None:
        """Destroy the secret, so that no copy of the store opens ever again. Raises SecretError."""

    def tries(self, store: str) -> Tries | None:
        """Give the wrong tries so far; None when they cannot be read."""

    def count(self, store: str, tries: Tries) -> None:
        """Keep the wrong tries; they are on the disk before this returns. Raises SecretError."""


class TriesFile:
    """Wrong tries in a file of one line, written over in place: a full disk has room for it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Tries | None:
        """Give the tries; None for a file that is missing or was tampered with."""
        try:
            count, at, *opened = self._path.read_text(encoding="ascii").split()
            tries = Tries(int(count), float(at), *map(int, opened))
        except (OSError, ValueError, TypeError):
            return None
        return tries if 0 <= tries.opened < _MOST_OPENED else None

    def write(self, tries: Tries) -> None:
        """Write the line and wait until it is on the disk."""
        line = f"{tries.count} {tries.at:.2f} {tries.opened}".ljust(_LINE - 1) + "\n"
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(handle, line.encode("ascii"), 0)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise SecretError(f"输错次数记不下：{reason_of(error)}；本机数据不受影响") from error


class SecretFile:
    """Desktop: files in a folder that only the user may read (mode 0600).

    Parameters
    ----------
    folder : Path
        Not the data folder, or a copy of that opens with the PIN alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, store: str) -> bytes:
        """Give the secret; a new one is on the disk before this returns."""
        if not self._path(store).exists():
            self._write(store)
            self.count(store, Tries())
        return self.read(store)

    def read(self, store: str) -> bytes:
        """Read the file."""
        path = self._path(store)
        try:
            value = path.read_bytes()
        except FileNotFoundError:
            raise SecretError(f"找不到设备密钥 {path.name}，本机数据无法打开") from None
        except OSError as error:
            raise SecretError(f"设备密钥读不出：{reason_of(error)}") from error
        if len(value) != SIZE:
            raise SecretError("设备密钥已损坏，本机数据无法打开")
        return value

    def destroy(self, store: str) -> None:
        """Write over the secret and remove it; a nameless one may serve other stores too, and stays."""
        if not store:
            return
        path = self._path(store)
        try:
            with path.open("r+b") as file:
                file.write(bytes(SIZE))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._folder.joinpath(f"{store}.tries").unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise SecretError(f"设备密钥清不掉：{reason_of(error)}") from error

    def tries(self, store: str) -> Tries | None:
        """Read the tries; a store without a name had them elsewhere before and begins at none."""
        return self._tries(store).read() or (None if store else Tries())

    def count(self, store: str, tries: Tries) -> None:
        """Write the tries."""
        self._tries(store).write(tries)

    def _path(self, store: str) -> Path:
        return self._folder / f"{store or 'device'}.secret"

    def _tries(self, store: str) -> TriesFile:
        return TriesFile(self._folder / f"{store or 'device'}.tries")

    def _write(self, store: str) -> None:
        path = self._path(store)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            folder_make(path.parent)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(SIZE))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            folder_sync(path.parent)
        except OSError as error:
            raise SecretError(f"设备密钥写不下：{reason_of(error)}") from error
