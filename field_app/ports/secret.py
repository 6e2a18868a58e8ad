"""The device secret (设备密钥): without it the PIN alone opens nothing."""

import os
import secrets
from pathlib import Path
from typing import Protocol

from field_app.errors import TabletError

SIZE = 32


class SecretError(TabletError):
    """The secret is missing or cannot be used; the message is Chinese."""


class DeviceSecret(Protocol):
    """32 bytes that never leave the device; one for all stores of this device."""

    def make(self) -> bytes:
        """Give the secret, making it when there is none yet. Raises SecretError."""

    def read(self) -> bytes:
        """Give the secret. Raises SecretError when it is not there."""


class SecretFile:
    """Desktop: a file ``device.secret`` that only the user may read (mode 0600)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "device.secret"

    def make(self) -> bytes:
        """Give the secret; a new one is on the disk before this returns."""
        if not self._path.exists():
            self._write()
        return self.read()

    def read(self) -> bytes:
        """Read the file."""
        try:
            value = self._path.read_bytes()
        except FileNotFoundError:
            raise SecretError(f"找不到设备密钥 {self._path.name}，本机数据无法打开") from None
        except OSError as error:
            raise SecretError(f"设备密钥读不出：{error.strerror}") from error
        if len(value) != SIZE:
            raise SecretError("设备密钥已损坏，本机数据无法打开")
        return value

    def _write(self) -> None:
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(SIZE))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise SecretError(f"设备密钥写不下：{error.strerror}") from error
