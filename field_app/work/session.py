"""The tablet as a whole (会话): enrol, unlock, lock, PIN, sync."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class SessionState(StrEnum):
    """What the app must ask for first."""

    EMPTY = "empty"
    LOCKED = "locked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who works here and for which grids; ``revoked`` once the hub has refused the device."""

    hub: str
    device: str
    device_name: str
    username: str
    name: str
    grids: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    revoked: bool


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: changes by status, records pulled, bytes, refused changes, one Chinese line."""

    pushed: dict[str, int]
    pulled: int
    bytes_up: int
    bytes_down: int
    refused: tuple[dict[str, object], ...]
    text: str
