"""The locked store (未解锁的存储): one data folder, its lock, its keys."""

import time
from collections.abc import Callable
from pathlib import Path

from field_app.ports.secret import DeviceSecret, SecretError
from field_app.store.database import FILE, connect, plain_errors, transaction
from field_app.store.errors import StoreError
from field_app.store.keyring import Keyring
from field_app.store.lock import FolderLock
from field_app.store.sealing import Sealer
from field_app.store.store import Store


class Vault:
    """A data folder that this process alone has open; close it at the end.

    Raises
    ------
    FolderBusy, StoreError
        From the constructor, when the folder cannot be had.
    """

    def __init__(self, folder: Path, secret: DeviceSecret, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._lock = FolderLock(folder)
        try:
            self._connection = connect(folder)
        except BaseException:
            self._lock.release()
            raise
        self._keyring = Keyring(self._connection, clock)
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            path = folder / name
            if path.exists():
                path.chmod(0o600)

    @property
    def exists(self) -> bool:
        """Whether there is a key, so that a PIN is needed."""
        with plain_errors():
            return self._keyring.exists

    def make(self, pin: str) -> Store:
        """Make a key under a new PIN and open the empty store."""
        secret = self._device_secret(make=True)
        with transaction(self._connection):
            key = self._keyring.make(pin, secret)
        return Store(self._connection, Sealer(key))

    def unlock(self, pin: str) -> Store:
        """Decrypt everything held. Raises NotEnrolled, WrongPin, TooSoon, LockedOut, StoreError."""
        return Store(self._connection, Sealer(self._keyring.unwrap(pin, self._device_secret())))

    def change_pin(self, old: str, new: str) -> None:
        """Wrap the data key under a new PIN. Raises as :meth:`unlock`."""
        secret = self._device_secret()
        self._keyring.rewrap(self._keyring.unwrap(old, secret), new, secret)

    def forgive(self) -> None:
        """Give all tries back; only after the hub has taken the worker's password."""
        self._keyring.forgive()

    def erase(self) -> None:
        """Give up everything in the folder, unsent work too."""
        with transaction(self._connection):
            for table in ("keyring", "meta", "record", "outbox", "draft"):
                self._connection.execute(f"DELETE FROM {table}")
        with plain_errors():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file and free the folder."""
        self._connection.close()
        self._lock.release()

    def _device_secret(self, *, make: bool = False) -> bytes:
        try:
            return self._secret.make() if make else self._secret.read()
        except SecretError as error:
            raise StoreError(str(error)) from error
