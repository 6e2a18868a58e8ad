"""The closed sets and limits of the sync protocol (docs/sync-protocol.md)."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from governance.contract.fields import Problem

PROTOCOL = 2
"""Version of the protocol; sent as header ``X-Protocol`` both ways. The hub also speaks the one before."""

MAX_BATCH = 500
"""Changes a push may carry."""

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a push after decompression; more is answered 413."""

MAX_PAGE = 1000
"""Changes a pulled page carries at most."""

MAX_PAGE_BYTES = 1024 * 1024
"""Bytes of a pulled page's changes, unpacked, after which the next page begins."""

CITY = "420500"
"""Stream every tablet follows beside its grids: code lists, switches (宜昌市)."""


class Status(StrEnum):
    """What became of a pushed change; nothing else is ever answered."""

    CREATED = "created"
    UPDATED = "updated"
    MERGED = "merged"
    IDENTICAL = "identical"
    CONTESTED = "contested"
    REJECTED = "rejected"


class Gone(StrEnum):
    """Why a record leaves a tablet."""

    DELETED = "deleted"
    MOVED = "moved"
    REVOKED = "revoked"


@dataclass(slots=True)
class Change:
    """One change of one record as offered by a tablet, an administrator, a file or a rule.

    ``base`` is the version the writer had before him, None for a new record; ``set`` holds
    only the fields he changed (JSON forms); ``captured_at`` and ``position`` say when and
    where, by the writer's own instruments: kept as evidence, never used to order anything.
    ``known`` has the lists of files that he set as he found them, so that his is joined with others'.
    ``overtaken`` names fields that he wrote later than this and that were taken before it.
    ``key`` and ``record`` are the ids of change and record as text.
    """

    change: UUID
    kind: str
    id: UUID
    base: int | None = None
    set: dict[str, object] = field(default_factory=dict)
    delete: bool = False
    captured_at: str | None = None
    position: dict[str, object] | None = None
    known: dict[str, list[str]] | None = None
    overtaken: frozenset[str] = frozenset()
    key: str = field(init=False, repr=False, compare=False)
    record: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep both ids as text: a batch asks for them again and again."""
        self.key, self.record = str(self.change), str(self.id)


@dataclass(slots=True)
class Result:
    """What became of a change.

    ``record`` is given when it is not what the writer offered, ``grid`` where the record lies by it.
    """

    change: UUID
    status: Status
    version: int | None = None
    errors: list[Problem] = field(default_factory=list)
    record: dict[str, object] | None = None
    grid: str | None = None
