"""What SQLite did to its files, in order: the stuff that power cuts are made of."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes handed to the system; on the disk only after a `Sync` of the file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """The file's length was set; on the disk only after a `Sync`."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything handed over for the file until now is on the disk when this has returned."""

    file: str


@dataclass(frozen=True, slots=True)
class Delete:
    """The file's name was removed; ``durable`` when the folder was synced with it."""

    file: str
    durable: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """Someone was told that it is kept; ``number`` counts the promises."""

    number: int


Event = Write | Truncate | Sync | Delete | Promise


@dataclass(slots=True)
class Trace:
    """Events since the shim was put in."""

    events: list[Event] = field(default_factory=list)
    promises: int = 0

    def add(self, event: Event) -> None:
        """Note one event."""
        self.events.append(event)

    def promise(self) -> int:
        """Note that someone was told; gives the promise's number, from 1."""
        self.promises += 1
        self.events.append(Promise(self.promises))
        return self.promises
