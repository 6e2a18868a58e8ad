"""Where a change, and so a record, stands between tablet and hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from governance.contract import Problem

Values = Mapping[str, object]


class RecordState(StrEnum):
    """Where the worker's latest word on a record is (同步状态).

    ``here`` is only on this tablet; ``sent`` went out without an answer yet (the hub may hold it);
    ``hub`` is at the hub; ``refused`` was not applied; ``contested`` was applied but for the
    fields that went to review.
    """

    HUB = "hub"
    HERE = "here"
    SENT = "sent"
    REFUSED = "refused"
    CONTESTED = "contested"


UNANSWERED = frozenset({RecordState.HERE, RecordState.SENT})
"""States of changes that the hub has not answered."""

OPEN = frozenset({RecordState.HERE, RecordState.SENT, RecordState.REFUSED})
"""States of changes that are laid over what the hub says."""


LOST = "lost"
"""`Held.leaving` of a record of the worker's own grids that a snapshot did not bring."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the hub last told it.

    Parameters
    ----------
    id, kind, grid : str
        ``grid`` is the code of the grid it lies in, empty while the hub has not said.
    version : int
    values : mapping
        Field name to JSON value.
    seen : int
        Number of the snapshot that last brought it.
    leaving : str
        Why it has left the scope (deleted, moved, revoked) while unanswered changes keep it here;
        `LOST` when the hub lacks it.
    """

    id: str
    kind: str
    grid: str
    version: int
    values: Values
    seen: int = 0
    leaving: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change in the outbox.

    Parameters
    ----------
    seq : int
        Order in which changes were made; 0 until it is stored.
    change, id, kind : str
        Change id, record id, record kind.
    base : int or None
        Version the change was made on, None for a new record.
    set : mapping
        Only what the worker changed.
    delete : bool
        Withdraws the record.
    captured_at : str
        Device time, UTC.
    position : mapping or None
        Where it was made.
    state : RecordState
    status : str
        The hub's status, empty while unanswered.
    version : int or None
        The record's version after the hub's answer.
    errors : tuple of Problem
        The hub's reasons or remarks.
    deferred : bool
        Waits until the record is back after the hub was restored from a backup.
    dismissed : bool
        Contested, and the worker has taken note.
    exported : int
        Number of the last bundle that carries it, 0 for none; unanswered until the receipt.
    known : mapping
        The lists of files in ``set`` as the worker found them, of a record that was there.
    answered_on : str
        The day of the hub's last answer, by the hub's time as the tablet knew it.
    """

    seq: int
    change: str
    id: str
    kind: str
    base: int | None
    set: Values
    delete: bool
    captured_at: str
    position: Values | None
    state: RecordState
    status: str = ""
    version: int | None = None
    errors: tuple[Problem, ...] = ()
    deferred: bool = False
    dismissed: bool = False
    exported: int = 0
    known: Values = field(default_factory=dict)
    answered_on: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what became of a record's changes (经过): made here, answered by the hub, or put aside.

    Parameters
    ----------
    at : str
        The hub's time as the tablet knew it, UTC.
    change : str
    what : str
        ``made``, ``aside`` or the hub's status.
    fields : tuple of str
        What the change set, or what went to review.
    reasons : tuple of str
        The hub's, Chinese.
    """

    at: str
    change: str
    what: str
    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished form: ``body`` is what the form needs to come back."""

    id: str
    saved_at: str
    body: Values


@dataclass(frozen=True, slots=True)
class View:
    """A record as the worker sees it: the hub's word with his own open changes laid over.

    Parameters
    ----------
    id, kind, grid : str
    version : int or None
        The hub's version, None when the hub has not stored it.
    values : mapping
    state : RecordState
    entries : tuple of Entry
        Open and contested changes, oldest first.
    withdrawn : bool
        An open change withdraws the record.
    whole : bool
        False when only an edit of a record that is no longer held is left.
    contested : frozenset of str
        Fields that went to review.
    """

    id: str
    kind: str
    grid: str
    version: int | None
    values: Values
    state: RecordState
    entries: tuple[Entry, ...] = ()
    withdrawn: bool = False
    whole: bool = True
    contested: frozenset[str] = frozenset()


class PhotoState(StrEnum):
    """Where a photo is: ``here`` only on this tablet, ``hub`` stored there, ``refused`` for its content."""

    HERE = "here"
    HUB = "hub"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo taken on this tablet.

    Parameters
    ----------
    id : str
        UUIDv7; also the name of its sealed file.
    kind, record, field : str
        The record it was taken for, and the field that names it.
    name, media_type : str
        File name and type, for people.
    size : int
        Bytes.
    sha256 : str
        Of the whole, hex.
    taken_at : str
        UTC, by the device's knowledge of the hub's time.
    state : PhotoState
    sent : int
        Bytes the hub has confirmed.
    bound : bool
        Its record was saved with it when changes went out: from then on it is sent whatever happens.
    copy : bool
        The sealed original is still on this tablet.
    reason : str
        Why it was refused, or why it was put aside the last time; Chinese.
    exported : int
        Number of the last bundle that carries it, 0 for none or where the hub did not take it from there.
    """

    id: str
    kind: str
    record: str
    field: str
    name: str
    media_type: str
    size: int
    sha256: str
    taken_at: str
    state: PhotoState = PhotoState.HERE
    sent: int = 0
    bound: bool = False
    copy: bool = True
    reason: str = ""
    exported: int = 0
