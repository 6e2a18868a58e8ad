"""What a batch of changes is decided against: the records it touches, read in sets."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from governance.contract import KINDS, Change, Kind
from governance.contract.validate import Sound
from governance.records.models import Inbox, is_kept, kept_kinds
from governance.records.rows import Held, rows_below, rows_of
from gridmap.locate import MapNow, map_now

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether a text has the form of a record's id."""
    return _UUID.fullmatch(text) is not None


def carrier(kind: Kind) -> str | None:
    """Give the field that names what a record moves with: its anchor, or else what it first refers to."""
    return kind.anchor or next((item.name for item in kind.references), None)


class State:
    """Records by kind and id; changed in place while a batch is decided, then written back.

    ``sound`` has by kind which values of the batch its one code book was found to allow.
    """

    def __init__(self) -> None:
        self.sound: dict[str, Sound] = defaultdict(set)
        self._held: dict[tuple[str, str], Held] = {}
        self._absent: set[tuple[str, str]] = set()
        self._kept: dict[str, str] = {}

    @cached_property
    def map(self) -> MapNow:
        """The grids' map, read at most once a batch."""
        return map_now()

    def get(self, kind: str, id_: str) -> Held | None:
        """Give a record, reading it if the batch had not foreseen it."""
        key = (kind, id_)
        if key not in self._held and key not in self._absent:
            self.load(kind, [id_])
        return self._held.get(key)

    def add(self, held: Held) -> None:
        """Enter a new record."""
        self._absent.discard((held.kind.name, held.id))
        self._held[held.kind.name, held.id] = held

    def keep(self, id_: str, grid: str) -> None:
        """Note that a new record goes to the inbox, as it is not its writer's."""
        self._kept[id_] = grid

    def kept_in(self, id_: str) -> str:
        """Give the grid of a new record that waits in the inbox as it is not its writer's, or nothing."""
        if id_ not in self._kept:
            waiting = Inbox.objects.filter(record=id_, base=None, settled_at=None).exclude(grid="")
            codes = waiting.values_list("grid", "errors")
            found = (grid for grid, errors in codes if any(each.get("code") == "scope" for each in errors))
            self._kept[id_] = next(found, "")
        return self._kept[id_]

    def load(self, kind: str, ids: Iterable[str]) -> None:
        """Read what is not held yet."""
        self._load({kind: ids})

    def _load(self, wanted: Mapping[str, Iterable[str]]) -> None:
        missing = {
            kind: [id_ for id_ in ids if (kind, id_) not in self._held and (kind, id_) not in self._absent]
            for kind, ids in wanted.items()
        }
        found = {(held.kind.name, held.id): held for held in rows_of(missing)}
        self._held.update(found)
        keys = ((kind, id_) for kind, ids in missing.items() for id_ in ids)
        self._absent.update(key for key in keys if key not in found)

    def load_for(self, changes: Sequence[Change]) -> None:
        """Read the records that the changes name and those they refer to, in one statement."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for change in changes:
            wanted[change.kind].add(change.record)
            for item in KINDS[change.kind].references:
                value = change.set.get(item.name)
                if isinstance(value, str) and is_id(value):
                    wanted[item.target or ""].add(value)
        self._load(wanted)
        self._load_near(changes)

    def _load_near(self, changes: Sequence[Change]) -> None:
        """Read what the steps of these records are held against, one statement a kind."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for change in changes:
            near = KINDS[change.kind].near
            held = self._held.get((change.kind, change.record))
            if near is not None and held is not None:
                for kind, id_ in near({**held.values, **change.set}):
                    wanted[kind].add(id_)
        for kind, ids in wanted.items():
            if is_kept(kind):
                self.load(kind, filter(is_id, ids))

    def children(self, held: Held, *, carried: bool = False) -> list[Held]:
        """Give the records anchored to this one that are not withdrawn, as the batch leaves them.

        With ``carried`` also those that lie where this one lies: the tasks about a household.
        """
        found = []
        for name in kept_kinds():
            anchor = carrier(KINDS[name]) if carried else KINDS[name].anchor
            if anchor is None or KINDS[name].by_name[anchor].target != held.kind.name:
                continue
            for child in rows_below(name, anchor, [held.id]):
                if (name, child.id) not in self._held:
                    self.add(child)
            found += [
                child
                for (kind, _), child in self._held.items()
                if kind == name and child.values.get(anchor) == held.id and not child.deleted
            ]
        return found

    def all(self) -> list[Held]:
        """Give every record read or made so far."""
        return list(self._held.values())

    def dirty(self) -> list[Held]:
        """Give the records that must be written back."""
        return [held for held in self._held.values() if held.dirty]
