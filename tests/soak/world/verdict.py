"""What must hold at rest, and what it is called when it does not."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from field_app.store.state import LOST, OPEN, Entry
from field_app.sync.queue import references
from governance.access.actor import CARE_KINDS
from governance.contract import KINDS
from governance.records.models import kept_kinds, model_of
from governance.records.rows import record_sql
from tests.soak.world import forms
from tests.soak.world.errands import Photo
from tests.soak.world.model import Model
from tests.soak.world.tablet import OFFERED_AGAIN, Tablet

_SHOWN = {"rejected": "refused", "contested": "contested"}
_HANDED_OVER = {"scope", "right"}
_APPLIED = {"created", "updated", "merged", "identical"}


@dataclass
class Faults:
    """What is wrong, in sentences, by what it is called."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.corrupt or self.stuck)

    def __str__(self) -> str:
        return "; ".join(
            f"{name}: {text}"
            for name in ("lost", "doubled", "corrupt", "stuck")
            for text in getattr(self, name)
        )


@dataclass(frozen=True)
class Row:
    """A record as the hub has it."""

    kind: str
    grid: str
    version: int
    deleted: bool
    values: dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """A value that the hub keeps as offered by someone: in the history, inbox or under review."""

    change: str
    user: int | None
    value: object
    status: str


@dataclass(frozen=True)
class Sight:
    """What a worker may see: his grids, without the registers that he has no right to and what names them."""

    grids: set[str]
    barred: set[str]

    def covers(self, row: Row) -> bool:
        """Whether a record may be on his tablet."""
        named = row.values.get(KINDS[row.kind].veil or "")
        return row.grid in self.grids and not row.deleted and not {row.kind, named} & self.barred


class Hub:
    """Everything the hub holds, read once."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        for kind, id_, grid, version, deleted, record in _select(_all()):
            self.rows[str(UUID(str(id_)))] = Row(kind, grid, version, bool(deleted), _json(record))
        self.changes: list[str] = []
        self.statuses: dict[str, str] = {}
        self.followed: Counter[str] = Counter()
        self.traces: dict[tuple[str, str], list[Trace]] = defaultdict(list)
        offers = 'SELECT change, record, "user", device, status, {} FROM {}'
        for table, column in (("records_history", '"set"'), ("records_inbox", "offered")):
            for change, record, user, device, status, values in _select(offers.format(column, table)):
                offered = _json(values)
                if user is None and offered.keys() == {"grid"}:  # it followed the map; nobody offered that
                    self.followed[str(record)] += 1
                    continue
                self.changes.append(str(change))
                self.statuses[str(change)] = status
                if device is None:  # staff, or a difference that they accepted in its writer's name
                    continue
                for name, value in offered.items():
                    self.traces[str(record), name].append(Trace(str(change), user, value, status))
        sql = 'SELECT change, record, "user", field, offered FROM records_contested'
        for change, record, user, name, offered in _select(sql):
            if not any(trace.change == str(change) for trace in self.traces[str(record), name]):
                self.traces[str(record), name].append(Trace(str(change), user, _json(offered), "contested"))


@cache
def _all() -> str:
    """Give the statement that reads every record."""
    select = "SELECT '{}', t.id, t.grid, t.version, t.deleted, {} FROM \"{}\" t"
    return " UNION ALL ".join(
        select.format(kind, record_sql(kind, connection.vendor), model_of(kind)._meta.db_table)
        for kind in kept_kinds()
    )


def verdict(hub: Hub, model: Model, tablets: Mapping[int, Tablet], acknowledged: set[str]) -> Faults:
    """Hold everything against the model and each other.

    Parameters
    ----------
    hub : Hub
    model : Model
    tablets : mapping
        By their worker's account.
    acknowledged : set of str
        Changes that a tablet was told to be taken, be it before a restore.
    """
    faults = Faults()
    _records(faults, hub, model)
    _changes(faults, hub, model, acknowledged)
    for user, tablet in tablets.items():
        sight = Sight(model.posts[user], model.barred[user])
        _scope(faults, hub, sight, tablet)
        _waiting(faults, hub, sight, tablet)
        _ledger(faults, hub, user, tablet)
    return faults


def photos_judge(faults: Faults, hub: Hub, photos: Sequence[tuple[Tablet, Photo]]) -> None:
    """Each photo whose record names it at the hub is there, whole; none waits."""
    stored = dict(_select("SELECT id, content_id FROM records_storedfile"))
    stored = {str(UUID(str(key))): content for key, content in stored.items()}
    for tablet, photo in photos:
        if tablet.erased or tablet.replaced or tablet.older:
            continue
        row = hub.rows.get(photo.record)
        named = row is not None and photo.id in row.values.get("photos", ())
        if row is not None and not named and _taken(tablet, photo):
            faults.lost.append(f"{tablet.user}: {photo} was taken and its record names it no more")
        if named and stored.get(photo.id) != photo.sha256:
            faults.lost.append(f"{tablet.user}: {photo} at the hub is {stored.get(photo.id)}")
    for tablet in {id(tablet): tablet for tablet, _ in photos}.values():
        if not tablet.erased:
            faults.stuck += [f"{tablet.user}: photo {each.id} waits" for each in tablet.photos_waiting()]


def _taken(tablet: Tablet, photo: Photo) -> bool:
    """Whether the hub told the tablet that the change which names a photo was applied whole."""
    answers = [entry for entry in tablet.memory.entries_of(photo.record) if photo.id in str(entry.set)]
    return any(entry.status in _APPLIED for entry in answers)


def _records(faults: Faults, hub: Hub, model: Model) -> None:
    """The hub holds what the model holds."""
    for id_ in sorted(hub.rows.keys() | model.rows.keys()):
        mine, told = hub.rows.get(id_), model.rows.get(id_)
        if mine is None or told is None:
            (faults.lost if mine is None else faults.doubled).append(f"record {id_} at the hub")
            continue
        if not told.deleted and told.grid not in model.map.boxes:
            faults.stuck.append(f"{told.kind.name} {id_} lies in the closed grid {told.grid}")
        derived = forms.DERIVED if told.kind.step is None else ()
        values = {name: value for name, value in mine.values.items() if name not in derived}
        expected = {name: value for name, value in told.values.items() if name not in derived}
        if (mine.grid, mine.deleted, values) != (told.grid, told.deleted, expected):
            faults.corrupt.append(f"{mine.kind} {id_}: {mine}, expected {told}")
        elif mine.version != told.version:
            faults.doubled.append(f"{mine.kind} {id_} is version {mine.version}, expected {told.version}")


def _changes(faults: Faults, hub: Hub, model: Model, acknowledged: set[str]) -> None:
    """Each change that was taken, or answered, is kept exactly once."""
    kept = set(hub.changes)
    if len(kept) != len(hub.changes):
        faults.doubled.append("a change is in history and inbox")
    if hub.followed != model.followed:
        faults.corrupt.append(f"followed the map: {hub.followed}, expected {model.followed}")
    for change in sorted((model.answers.keys() | acknowledged - OFFERED_AGAIN) - kept):
        faults.lost.append(f"change {change} has no trace")
    for change in sorted(kept - model.answers.keys()):
        faults.doubled.append(f"change {change} was never taken")


def _scope(faults: Faults, hub: Hub, sight: Sight, tablet: Tablet) -> None:
    """A tablet holds the open records that its worker may see, as the hub has them, and none of others."""
    held = {id_: each for id_, each in tablet.memory.held.items() if each.kind in KINDS}
    for id_, row in hub.rows.items():
        mine = held.pop(id_, None)
        here = sight.covers(row)
        if mine is None:
            if here and row.values.get("closed_on") is None:
                faults.lost.append(f"{tablet.user} lacks {row.kind} {id_}")
        elif not here:
            faults.corrupt.append(f"{tablet.user} holds {row.kind} {id_} of {row.grid}")
        elif (mine.version, dict(mine.values), mine.grid) != (row.version, row.values, row.grid):
            faults.corrupt.append(f"{tablet.user} holds {mine}, the hub {row}")
    for id_, mine in held.items():
        if mine.leaving != LOST or not tablet.memory.unanswered(id_):  # waits with what stands on it
            faults.corrupt.append(f"{tablet.user} holds {id_}, which the hub does not know")
    kinds = tablet.memory.meta["kinds"]
    if not isinstance(kinds, list) or CARE_KINDS - set(kinds) != sight.barred:
        faults.corrupt.append(f"{tablet.user} may write {kinds}, has no right to {sight.barred}")


def _waiting(faults: Faults, hub: Hub, sight: Sight, tablet: Tablet) -> None:
    """Nothing waits, but what stands on a record that the hub lost for good; the rest shows as it is."""
    for entry in tablet.memory.entries.values():
        if entry.state not in OPEN or entry.state == "refused":
            shown = _SHOWN.get(hub.statuses.get(entry.change, "rejected"), "hub")
            codes = {problem.code for problem in entry.errors}
            handed_over = entry.state == "hub" and (codes <= _HANDED_OVER or tablet.replaced)
            if entry.state != shown and not (shown == "refused" and handed_over):
                faults.corrupt.append(f"{tablet.user} shows {entry} as {entry.state}, not {shown}")
            continue
        if not entry.deferred or all(_there(hub, sight, id_) for id_ in _awaited(entry)):
            faults.stuck.append(f"{tablet.user} still has {entry}")


def _awaited(entry: Entry) -> list[str]:
    return [entry.id] if entry.base is not None else references(entry)


def _there(hub: Hub, sight: Sight, id_: str) -> bool:
    row = hub.rows.get(id_)
    return row is not None and sight.covers(row)


def _ledger(faults: Faults, hub: Hub, user: int, tablet: Tablet) -> None:
    """What the worker saved is at the hub once, or still in his hands."""
    mine = {(entry.id, name, value) for entry, name, value in _open_values(tablet)}
    last = {(record, name): value for record, name, value in tablet.saved}
    for record, name, value in tablet.saved:
        traces = [trace for trace in hub.traces[record, name] if trace.user == user and trace.value == value]
        taken = [trace for trace in traces if trace.status != "rejected"]
        if len(taken) > 1 and record not in OFFERED_AGAIN:
            faults.doubled.append(f"{tablet.user}: {name} of {record} came as {traces}")
        elif not traces and (record, name, value) not in mine and (record, name, value) not in tablet.dropped:
            superseded = last[record, name] != value or record in tablet.withdrawn
            if not superseded:
                faults.lost.append(f"{tablet.user}: {name} of {record}, {value}")


def _open_values(tablet: Tablet) -> Iterator[tuple[Entry, str, object]]:
    for entry in tablet.memory.entries.values():
        if entry.state in OPEN:
            for name, value in entry.set.items():
                if isinstance(value, str) and value.startswith(forms.MARK):
                    yield entry, name, value


def _select(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
