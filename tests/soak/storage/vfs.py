"""The shim: an apsw VFS that passes everything to the real files, records it, and can run out of space."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import apsw

from tests.soak.storage.trace import Delete, Sync, Trace, Truncate, Write

_numbers = count(1)


class Space:
    """How much all files together may hold, in bytes; no limit while ``limit`` is None."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.sizes: dict[str, int] = {}
        self.refused = 0

    @property
    def used(self) -> int:
        """Bytes that all files hold."""
        return sum(self.sizes.values())

    def room(self, file: str, end: int) -> int:
        """Bytes of a write up to ``end`` that do not fit; takes what fits."""
        grows = max(0, end - self.sizes.get(file, 0))
        short = 0 if self.limit is None else max(0, min(grows, self.used + grows - self.limit))
        self.sizes[file] = max(self.sizes.get(file, 0), end - short)
        self.refused += bool(short)
        return short


class _File(apsw.VFSFile):
    def __init__(self, shim: "Shim", name: str | apsw.URIFilename, flags: list[int]) -> None:
        self._shim = shim
        self._file = shim.short(name)
        super().__init__("", name, flags)
        shim.space.sizes.setdefault(self._file, super().xFileSize())

    def xWrite(self, data: bytes, offset: int) -> None:
        short = self._shim.space.room(self._file, offset + len(data))
        kept = bytes(data[: len(data) - short])
        if kept:
            self._shim.trace.add(Write(self._file, offset, kept))
            super().xWrite(kept, offset)
        if short:
            raise apsw.FullError("no space left")

    def xTruncate(self, size: int) -> None:
        self._shim.trace.add(Truncate(self._file, size))
        self._shim.space.sizes[self._file] = size
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self._shim.trace.add(Sync(self._file))  # the real disk need not be waited for

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False if op == apsw.SQLITE_FCNTL_SIZE_HINT else super().xFileControl(op, pointer)


class Shim(apsw.VFS):
    """Registered under ``name`` while it is in use; its files lie in one folder."""

    def __init__(self) -> None:
        self.name = f"shim{next(_numbers)}"
        self.trace = Trace()
        self.space = Space()
        super().__init__(self.name, "")

    def short(self, name: str | apsw.URIFilename | None) -> str:
        """Give a file's name without its folder."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return Path(path).name if path else "unnamed"

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        if name is None:  # a temporary file: of no account after a power cut
            return apsw.VFSFile("", name, flags)
        return _File(self, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:
        super().xDelete(name, syncdir)
        self.space.sizes.pop(self.short(name), None)
        self.trace.add(Delete(self.short(name), bool(syncdir)))


@contextmanager
def shim() -> Iterator[Shim]:
    """Give a shim that is registered while the block runs."""
    made = Shim()
    try:
        yield made
    finally:
        made.unregister()
