"""What a disk holds after the power went: what was synced, and of the rest whatever chance leaves."""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from tests.soak.storage.trace import Delete, Event, Promise, Sync, Truncate, Write

Pending = Write | Truncate
SECTORS = (512, 4096)


@dataclass(slots=True)
class _File:
    """``synced`` is None until the file was synced once: till then even its name may vanish."""

    synced: bytearray | None = None
    pending: list[Pending] = field(default_factory=list)
    deleted: bool = False


class Disk:
    """Follows a trace from its start; at any point `cut` says what a power cut would leave.

    Parameters
    ----------
    events : sequence of Event
    before : mapping
        What lay there safely before the first event, by file name.
    """

    def __init__(self, events: Sequence[Event], before: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._events = events
        self._files = {name: _File(bytearray(content)) for name, content in before.items()}
        self.at = 0
        self.promised = 0

    def advance(self, to: int) -> None:
        """Take the events before ``to``."""
        for event in self._events[self.at : to]:
            if isinstance(event, Promise):
                self.promised = event.number
            else:
                self._take(event)
        self.at = max(self.at, to)

    def _take(self, event: Write | Truncate | Sync | Delete) -> None:
        file = self._files.get(event.file)
        if isinstance(event, Delete):
            if file is not None and not event.durable and file.synced is not None:
                file.deleted = True
            else:
                self._files.pop(event.file, None)
            return
        if file is None or file.deleted:
            file = self._files[event.file] = _File()
        if isinstance(event, Sync):
            if file.synced is None:
                # SQLite syncs the folder with the first sync of a new journal or log.
                file.synced = bytearray()
                self._files = {name: each for name, each in self._files.items() if not each.deleted}
            for item in file.pending:
                _apply(file.synced, item)
            file.pending.clear()
        else:
            file.pending.append(event)

    def cut(self, chance: random.Random) -> dict[str, bytearray]:
        """Give the files after a cut here; each file's unsynced part fares by chance."""
        left: dict[str, bytearray] = {}
        for name, file in self._files.items():
            if file.deleted and chance.random() < 0.5:
                continue
            if file.synced is None and chance.random() < 0.2:
                continue
            image = bytearray(file.synced or b"")
            if file.pending:
                for item in chance.choice(FATES)(file.pending, chance):
                    _apply(image, item)
            left[name] = image
        return left


def fingerprint(left: Mapping[str, bytearray]) -> bytes:
    """Tell what a cut left, names and contents, in a few bytes: many cuts leave the same."""
    whole = hashlib.blake2b(digest_size=16)
    for name, content in sorted(left.items()):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.digest()


def _apply(image: bytearray, item: Pending) -> None:
    if isinstance(item, Truncate):
        del image[item.size :]
        image.extend(bytes(item.size - len(image)))
        return
    image.extend(bytes(max(0, item.offset - len(image))))
    image[item.offset : item.offset + len(item.data)] = item.data


def dropped(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """Nothing had reached the disk."""
    return []


def kept(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """Everything had."""
    return list(pending)


def broken_off(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """What came first had, and the next write was torn at a sector."""
    last = chance.randrange(len(pending))
    torn = _sectors(pending[last], chance.choice(SECTORS))
    return [*pending[:last], *torn[: chance.randrange(len(torn) + 1)]]


def torn(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """Of every write some sectors had."""
    size = chance.choice(SECTORS)
    return [part for item in pending for part in _sectors(item, size) if chance.random() < 0.5]


def reordered(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """Whole writes had, later ones before earlier ones, up to some number."""
    mixed = list(pending)
    chance.shuffle(mixed)
    return mixed[: chance.randrange(len(mixed) + 1)]


def scrambled(pending: Sequence[Pending], chance: random.Random) -> list[Pending]:
    """The sector being written held neither the old nor the new bytes."""
    left = torn(pending, chance)
    for place, item in enumerate(left):
        if isinstance(item, Write) and chance.random() < 0.2:
            left[place] = Write(item.file, item.offset, chance.randbytes(len(item.data)))
    return left


FATES: tuple[Callable[[Sequence[Pending], random.Random], list[Pending]], ...] = (
    dropped, kept, broken_off, torn, reordered, scrambled,
)  # fmt: skip


def _sectors(item: Pending, size: int) -> list[Pending]:
    """Split a write where the disk's sectors end."""
    if isinstance(item, Truncate):
        return [item]
    ends = range(item.offset - item.offset % size + size, item.offset + len(item.data), size)
    cuts = [0, *(end - item.offset for end in ends), len(item.data)]
    return [Write(item.file, item.offset + start, item.data[start:end]) for start, end in pairwise(cuts)]
