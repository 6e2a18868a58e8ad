"""离线数据包: the outbox out as a file, another tablet's file in, the receipt back."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from field_app.errors import reason_of
from field_app.store.state import UNANSWERED
from field_app.store.store import Store
from field_app.sync.bundle import Bundle, Receipt, bundle_drop, bundle_make, bundle_note, receipt_take
from field_app.sync.bundle_files import (
    BUNDLE_SUFFIX,
    RECEIPT_SUFFIX,
    bundle_paths,
    file_read,
    file_write,
    files_write,
)
from field_app.sync.client import HubClient
from field_app.sync.errors import BundleError, Offline, SyncError
from field_app.sync.photos import photos_waiting
from governance.contract.envelope import (
    BUNDLE,
    MAX_FILE,
    MAX_RECEIPT,
    EnvelopeError,
    Header,
    envelope_read,
    order_key,
)

__all__ = ["Carry", "Exported", "HandedIn", "Receipt"]

_DEVICE_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written: its id, its files, how many changes and photos are in it.

    ``photos_left`` counts photos that found no room in it; a further export carries them.
    """

    bundle: str
    files: tuple[Path, ...]
    changes: int
    photos: int = 0
    photos_left: int = 0

    @property
    def text(self) -> str:
        """One Chinese line for people."""
        photos = f"、照片{self.photos}张" if self.photos else ""
        left = f"；还有{self.photos_left}张照片装不下，请再导出一次" if self.photos_left else ""
        return f"已导出{self.changes}条{photos}，待回执{left}；在读入回执之前都还留在本机"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A bundle's file that the hub took, and where its receipt lies."""

    file: Path
    receipt: Path
    device: str
    bundle: str
    part: int
    parts: int


class Carry:
    """Got as ``session.carry``.

    Parameters
    ----------
    store : Store
    client : callable
        Gives the client of this tablet's hub.
    alone : callable
        Keeps a sync from running meanwhile.
    """

    def __init__(
        self, store: Store, client: Callable[[], HubClient], alone: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._store = store
        self._client = client
        self._alone = alone

    def export(self, out: Path) -> Exported:
        """Write everything the hub has not answered to ``out``, a new file or a folder; it stays here too.

        Raises
        ------
        BundleError
            Nothing waits, or it cannot be written.
        """
        with self._alone():
            bundle = bundle_make(store=self._store)
            device = str(self._store.memory.meta.get("device"))
            name = f"outbox-{device[-_DEVICE_SHOWN:]}-{bundle.counter}"
            paths = self._written(bundle, out, name)
            bundle_note(store=self._store, bundle=bundle)
        return Exported(bundle.id, tuple(paths), len(bundle.changes), len(bundle.photos), bundle.photos_left)

    def _written(self, bundle: Bundle, out: Path, name: str) -> list[Path]:
        """Write a bundle's files; where nothing of it is left behind, its changes are only here as before."""
        try:
            paths = bundle_paths(out, name, len(bundle.files))
            files_write(paths, bundle.files)
        except BundleError as error:
            if error.untaken:
                bundle_drop(store=self._store, bundle=bundle)
            raise
        return paths

    def hand_in(self, file: Path) -> HandedIn:
        """Hand a bundle's file in, one's own or another tablet's; the receipt is put beside it.

        Raises
        ------
        BundleError, SyncError
            Not a bundle, refused by the hub, or the hub cannot be reached; it can be tried again.
        """
        data = file_read(file, MAX_FILE)
        header = _header(data)
        try:
            receipt = self._client().hand_in(data)
        except Offline as error:
            raise type(error)(f"{error}；没有拿到回执；数据包还在原处，有网络时再交一次") from error
        beside = file.with_name(file.name + RECEIPT_SUFFIX)
        file_write(beside, receipt)
        return HandedIn(file, beside, header.device, header.bundle, header.part, header.parts)

    def receipt(self, file: Path) -> Receipt:
        """Take a receipt in and settle what it answers. Raises BundleError, StoreError."""
        data = file_read(file, MAX_RECEIPT)
        with self._alone():
            return receipt_take(store=self._store, data=data)

    def waiting(self) -> int:
        """How many changes and photos were exported and wait for their receipt."""
        with self._store.lock:
            entries = list(self._store.memory.entries.values())
            photos = photos_waiting(self._store)
        changes = sum(entry.exported > 0 and entry.state in UNANSWERED for entry in entries)
        return changes + sum(photo.exported > 0 for photo in photos)

    def hand_in_found(self, folder: Path) -> list[str]:
        """Hand in each bundle in a folder that has no receipt beside it; gives a line for people each.

        Raises BundleError where there is none.
        """
        bundles, receipts = self._found(folder)
        answered = {path.name.removesuffix(RECEIPT_SUFFIX) for path in receipts}
        waiting = [path for path in bundles if path.name not in answered]
        if not waiting:
            raise BundleError("这个目录里没有要代交的数据包")
        return [self._line(path, self._handed) for path in in_order(waiting)]

    def receipts_found(self, folder: Path) -> list[str]:
        """Take in each receipt in a folder; gives a line for people each. Raises BundleError for none."""
        _, receipts = self._found(folder)
        if not receipts:
            raise BundleError("这个目录里没有回执")
        return [self._line(path, lambda path: self.receipt(path).text) for path in receipts]

    def _handed(self, path: Path) -> str:
        return f"已交到平台，请把 {self.hand_in(path).receipt.name} 带回给导出它的平板"

    @staticmethod
    def _line(path: Path, act: Callable[[Path], str]) -> str:
        try:
            return f"{path.name}：{act(path)}"
        except SyncError as error:
            return f"{path.name}：{error}"

    @staticmethod
    def _found(folder: Path) -> tuple[Sequence[Path], Sequence[Path]]:
        """Give the bundles and the receipts that lie in a folder, by name. Raises BundleError."""
        try:
            paths = sorted(path for path in folder.iterdir() if path.is_file())
        except OSError as error:
            raise BundleError(f"{folder} 打不开：{reason_of(error)}") from error
        return (
            [path for path in paths if path.suffix == BUNDLE_SUFFIX],
            [path for path in paths if path.suffix == RECEIPT_SUFFIX],
        )


def in_order(files: Sequence[Path]) -> list[Path]:
    """Sort files so that each bundle's parts come one after another."""
    return sorted(files, key=_place)


def _place(file: Path) -> tuple[bool, str, int, int]:
    try:
        return order_key(file_read(file, MAX_FILE))
    except BundleError:  # said when its turn comes
        return order_key(b"")


def _header(data: bytes) -> Header:
    try:
        header = envelope_read(data).header
    except EnvelopeError as error:
        raise BundleError(str(error)) from error
    if header.type != BUNDLE:
        raise BundleError("这是回执，请交还给导出数据包的终端")
    return header
