"""The locked store (未解锁的存储): one data folder, its lock, its keys."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from field_app.ports.clock import DeviceClock
from field_app.ports.secret import DeviceSecret, SecretError
from field_app.store.database import FILE, checkpoint, connect, plain_errors, transaction
from field_app.store.errors import StoreError
from field_app.store.files import Files
from field_app.store.keyring import Keyring
from field_app.store.lock import LOCK, FolderLock
from field_app.store.photos import strays_remove
from field_app.store.sealing import Sealer
from field_app.store.state import RecordState
from field_app.store.store import Store

DEVICE = DeviceClock()


class Vault:
    """A data folder that this process alone has open; close it at the end.

    Parameters
    ----------
    folder : Path
    secret : DeviceSecret
    clock : DeviceClock, optional

    Raises
    ------
    FolderBusy, StoreError
        From the constructor, when the folder cannot be had.
    """

    def __init__(self, folder: Path, secret: DeviceSecret, clock: DeviceClock = DEVICE) -> None:
        self.clock = clock
        self.folder = folder
        self._files = folder / "files"
        self._lock = FolderLock(folder)
        try:
            self._connection = connect(folder)
        except BaseException:
            self._lock.release()
            raise
        self._keyring = Keyring(self._connection, secret, clock.uptime)
        try:
            self._wipe_finish()
        except BaseException:
            self.close()
            raise
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            path = folder / name
            if path.exists():
                path.chmod(0o600)

    @property
    def exists(self) -> bool:
        """Whether there is a key and something under it, so that a PIN is needed.

        A key with nothing under it is what a first enrolment left that was cut short.
        """
        with plain_errors():
            held = self._connection.execute("SELECT 1 FROM meta LIMIT 1").fetchone()
            return held is not None and self._keyring.exists

    def make(self, pin: str) -> Store:
        """Make a key under a new PIN and open the empty store. Raises StoreError where something is held."""
        if self.exists:
            raise StoreError("本机已有资料，请先解锁或清空")
        with _plain_secrets():
            self._keyring.destroy()
            with transaction(self._connection):
                key = self._keyring.make(pin)
        return self._opened(key)

    def unlock(self, pin: str) -> Store:
        """Decrypt everything held. Raises NotEnrolled, WrongPin, TooSoon, LockedOut, StoreError."""
        self._wipe_finish()
        with _plain_secrets():
            key = self._keyring.unwrap(pin)
        store = self._opened(key)
        with suppress(StoreError), _plain_secrets():  # where the disk is full it opens all the same
            if self._keyring.behind:
                _copy_mind(store)
            self._keyring.opening_count()
        return store

    def check(self, pin: str) -> None:
        """Take a PIN as :meth:`unlock` does, for a store that is still open. Raises as that."""
        with _plain_secrets():
            self._keyring.unwrap(pin)

    def _opened(self, key: bytes) -> Store:
        sealer = Sealer(key)
        store = Store(self._connection, sealer, self.clock, Files(self._files, sealer))
        if store.damage.records:
            with suppress(StoreError):  # where the disk is full it opens all the same
                _records_again(store)
        if not store.damage.lost:  # or what cannot be read may name photos that nothing else does
            strays_remove(store)
        return store

    def change_pin(self, old: str, new: str) -> None:
        """Wrap the data key under a new PIN. Raises as :meth:`unlock`."""
        with _plain_secrets():
            self._keyring.rewrap(self._keyring.unwrap(old), new)

    def forgive(self) -> None:
        """Give all tries back; only after the hub has taken the worker's password."""
        with _plain_secrets():
            self._keyring.forgive()

    def erase(self) -> None:
        """Give up everything in the folder, unsent work too; no copy of the folder opens again either."""
        with _plain_secrets():
            self._keyring.destroy()
        with transaction(self._connection):
            for table in ("keyring", "meta", "record", "outbox", "draft", "trail", "photo"):
                self._connection.execute(f"DELETE FROM {table}")
        with plain_errors():
            self._connection.execute("VACUUM")
        checkpoint(self._connection)
        self._sweep()

    def _wipe_finish(self) -> None:
        """Go on with a wipe that was cut short."""
        if self._keyring.doomed:
            self.erase()

    def _sweep(self) -> None:
        """Remove whatever else lies in the folder: pictures, parts of files."""
        kept = {FILE, f"{FILE}-wal", f"{FILE}-shm", LOCK}
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in kept:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file and free the folder."""
        self._connection.close()
        self._lock.release()


def _records_again(store: Store) -> None:
    """Ask the hub for everything: it tells a record that cannot be read here as it told it before."""
    with store.write() as unit:
        for id in store.damage.records:
            unit.drop_held(id)
        unit.ask_anew()


def _copy_mind(store: Store) -> None:
    """Mind that the folder is an older copy of what this tablet held.

    The next sync takes a snapshot: the hub does not tell a tablet by itself what this one pushed. And what
    waits may have gone out since the copy was made: the hub knows it by its id and would not look at what is
    added to it now.
    """
    with store.write() as unit:
        unit.ask_anew()
        for entry in store.memory.entries.values():
            if entry.state is RecordState.HERE:
                unit.put_entry(replace(entry, state=RecordState.SENT))


@contextmanager
def _plain_secrets() -> Iterator[None]:
    """Tell of a device secret that cannot be had as of any other trouble of the store."""
    try:
        yield
    except SecretError as error:
        raise StoreError(str(error)) from error
