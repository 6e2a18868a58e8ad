"""What every accepted change should yield: a small model of the hub, written from the protocol's page.

It is told each push in the order in which the hub took it, who sent it and whom he serves, and
answers for itself. Of the hub it shares only the contract: which field is whose, what hangs on what.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from governance.contract import KINDS, Field, Kind
from governance.contract.kinds.photos import MOST_PHOTOS
from tests.soak.world.strips import Strips

Wire = Mapping[str, Any]
_OWN_EYES = {"worker", "resident"}


@dataclass(frozen=True)
class Who:
    """A writer: ``grids`` is None for one who serves the whole city, ``barred`` what he has no right to."""

    user: int | None
    device: str | None
    source: str
    grids: frozenset[str] | None
    by_hub: bool = False
    barred: frozenset[str] = frozenset()

    def covers(self, grid: str) -> bool:
        """Whether a grid is his."""
        return self.grids is None or grid in self.grids


@dataclass(frozen=True)
class Origin:
    """Who set a value, in which version."""

    version: int
    user: int | None
    device: str | None
    source: str


@dataclass
class Row:
    """A record: ``made`` speaks for all fields that ``origins`` does not name."""

    kind: Kind
    id: str
    grid: str
    values: dict[str, Any]
    made: Origin
    version: int = 1
    origins: dict[str, Origin] = field(default_factory=dict)
    deleted: bool = False

    @property
    def open(self) -> bool:
        """Whether it is neither withdrawn nor closed."""
        return not self.deleted and self.values.get("closed_on") is None

    def copy(self) -> "Row":
        """Give one that changes by itself."""
        return replace(self, values=dict(self.values), origins=dict(self.origins))


@dataclass(frozen=True)
class Answer:
    """What a change should be answered with."""

    status: str
    version: int | None = None
    codes: frozenset[str] = frozenset()


def _no(code: str) -> Answer:
    return Answer("rejected", None, frozenset({code}))


class Model:
    """The records as they should be, and every answer given; who serves which grids, with which tablet.

    ``map`` has the grids, ``kept`` names new records that wait in the inbox, ``posts`` has grids by account,
    ``barred`` the care registers that an account has no right to,
    ``devices`` account and device by token of those that may push, ``owners`` accounts by device of all,
    ``followed`` how often each record went to another grid with the map.
    """

    def __init__(self, map_: Strips) -> None:
        self.map = map_
        self.rows: dict[str, Row] = {}
        self.answers: dict[str, Answer] = {}
        self.kept: set[str] = set()
        self.posts: dict[int, set[str]] = {}
        self.barred: defaultdict[int, set[str]] = defaultdict(set)
        self.devices: dict[str, tuple[int, str]] = {}
        self.owners: dict[str, int] = {}
        self.followed: Counter[str] = Counter()

    def copy(self) -> "Model":
        """Give a model that goes on by itself."""
        other = Model(self.map.copy())
        other.rows = {key: row.copy() for key, row in self.rows.items()}
        other.answers = dict(self.answers)
        other.kept = set(self.kept)
        other.posts = {user: set(grids) for user, grids in self.posts.items()}
        other.barred.update((user, set(kinds)) for user, kinds in self.barred.items())
        other.devices = dict(self.devices)
        other.owners = dict(self.owners)
        other.followed = self.followed.copy()
        return other

    def who(self, token: str) -> Who | None:
        """Give the writer behind a tablet's token; None for one that is to be turned away."""
        if token not in self.devices:
            return None
        user, device = self.devices[token]
        return self._worker(user, device, self.posts[user])

    def sender(self, device: str) -> Who | None:
        """Give the writer whose device sealed a bundle; one reported lost serves no grid any more."""
        if device not in self.owners:
            return None
        user = self.owners[device]
        serves = (user, device) in self.devices.values()
        return self._worker(user, device, self.posts[user] if serves else ())

    def _worker(self, user: int, device: str, grids: Iterable[str]) -> Who:
        return Who(user, device, "worker", frozenset(grids), barred=frozenset(self.barred[user]))

    def hand_over(self) -> None:
        """Let the posts at closed grids be passed on to those that took over from them."""
        for code in self.map.unpassed():
            for grids in self.posts.values():
                grids.update(self.map.heirs(code) if code in grids else ())
            self.map.passed.add(code)

    def follow(self, ids: Iterable[str]) -> None:
        """Let records of closed grids, parents first, go where they belong."""
        for row in map(self.rows.__getitem__, ids):
            self.followed[row.id] += 1
            row.grid = self._belongs(row)
            row.version += 1

    def _belongs(self, row: Row) -> str:
        """Give where a record of a closed grid belongs: where it lies with another, at its point, or most."""
        named = row.kind.anchor or next((item.name for item in row.kind.references), "")
        parent = self.rows.get(row.values.get(named, ""))
        if parent is not None and parent.grid in self.map.boxes:
            return parent.grid
        here = self.map.at(row.values["lon"], row.values["lat"]) if "lon" in row.values else None
        return here or self.map.heirs(row.grid)[0]

    def push(self, who: Who, changes: Iterable[Wire]) -> list[Answer]:
        """Take a push, and say what each change should be answered with."""
        answers, moved = [], []
        for change in changes:
            key = str(change["change"])
            if key not in self.answers:
                row = self.rows.get(str(change["id"]))
                was = row.grid if row else None
                self.answers[key] = answer = self._decide(who, change)
                if row is None and "scope" in answer.codes:
                    self.kept.add(str(change["id"]))
                if row is not None and row.grid != was:
                    moved.append(row)
            answers.append(self.answers[key])
        for row in moved:
            self._follow(row)
        return answers

    def children(self, parent: Row) -> Iterator[Row]:
        """Give the records anchored to one, withdrawn ones left out."""
        for row in list(self.rows.values()):
            anchor = row.kind.anchor
            if anchor and row.values.get(anchor) == parent.id and not row.deleted:
                yield row

    def _follow(self, parent: Row) -> None:
        for child in self.children(parent):
            if child.grid != parent.grid:
                child.grid = parent.grid
                child.version += 1
                self._follow(child)

    def _decide(self, who: Who, change: Wire) -> Answer:
        row = self.rows.get(str(change["id"]))
        base, delete = change["base"], change.get("delete", False)
        if change["kind"] in who.barred:
            return _no("right")
        if row is None and (base is not None or delete):
            return _no("scope" if str(change["id"]) in self.kept else "missing")
        if row is None:
            return self._create(who, change)
        if not who.covers(row.grid):
            return _no("scope")
        if row.deleted:
            return _no("closed")
        if base is not None and base > row.version:
            return _no("base_future")
        if delete:
            return self._withdraw(row)
        return self._update(who, change, row)

    def _create(self, who: Who, change: Wire) -> Answer:
        kind = KINDS[change["kind"]]
        values = {name: value for name, value in change["set"].items() if value is not None}
        if any(item.name not in values for item in kind.required):
            return _no("required")  # in a bundle a further change may stand on one that was refused
        named = values.pop("grid", None)
        refusal = self._reference_problem(who, kind, values)
        grid = None if refusal else self._grid(kind, values, named, None)
        if refusal or grid is None or not who.covers(grid):
            return refusal or _no("scope")
        made = Origin(1, who.user, who.device, who.source)
        self.rows[str(change["id"])] = Row(kind, str(change["id"]), grid, values, made)
        return Answer("created", 1)

    def _withdraw(self, row: Row) -> Answer:
        if any(child.open for child in self.children(row)):
            return _no("state")
        row.deleted = True
        row.version += 1
        return Answer("updated", row.version)

    def _update(self, who: Who, change: Wire, row: Row) -> Answer:
        offered = dict(change["set"])
        named = offered.pop("grid", None)
        base = change["base"]
        stale = base is None or base < row.version
        taken, contested = _parted(who, row, change, offered)
        if not taken and not contested and named in (None, row.grid):
            return Answer("identical", row.version)
        whole = {**row.values, **taken}
        refusal = self._reference_problem(who, row.kind, taken)
        kept_by = (child for child in self.children(row) if child.open and not child.kind.lasting)
        if taken.get("closed_on") is not None and any(kept_by):
            refusal = refusal or _no("state")
        placing = {"lon", "lat", *(item.name for item in row.kind.references)}
        grid: str | None = row.grid
        if named not in (None, row.grid) or placing & taken.keys():
            grid = None if refusal else self._grid(row.kind, whole, named, row.grid)
        if refusal or grid is None or not who.covers(grid):
            return refusal or _no("scope")
        if taken or grid != row.grid:
            self._take(who, row, grid, taken)
        status = "contested" if contested else "merged" if stale else "updated"
        return Answer(status, row.version, frozenset(contested))

    @staticmethod
    def _take(who: Who, row: Row, grid: str, taken: Mapping[str, Any]) -> None:
        row.version += 1
        row.grid = grid
        for name, value in taken.items():
            row.origins[name] = Origin(row.version, who.user, who.device, who.source)
            if value is None:
                row.values.pop(name, None)
            else:
                row.values[name] = value

    def _reference_problem(self, who: Who, kind: Kind, values: Mapping[str, Any]) -> Answer | None:
        codes = set()
        for item in kind.references:
            if (value := values.get(item.name)) is None:
                continue
            found = self.rows.get(value)
            if value in self.kept if found is None else not who.covers(found.grid):
                codes.add("scope")
            elif found is None or not (found.open or who.by_hub):
                codes.add("reference" if found is None else "closed")
        return Answer("rejected", None, frozenset(codes)) if codes else None

    def _grid(self, kind: Kind, values: Mapping[str, Any], named: str | None, held: str | None) -> str | None:
        if kind.anchor is not None:
            names = [kind.anchor, *(item.name for item in kind.references)]
            parent = next((self.rows[values[name]] for name in names if values.get(name)), None)
            return parent.grid if parent else None
        grid = named or held
        if grid in self.map.closed:
            grid = None if "lon" in values else self.map.heirs(grid)[0]
            named = None
        here = self.map.at(values["lon"], values["lat"]) if "lon" in values else None
        if here is None:
            return grid
        return here if named in (None, here) else None


def _parted(who: Who, row: Row, change: Wire, offered: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Part what is offered into values that are taken and reasons for review."""
    taken: dict[str, Any] = {}
    contested: set[str] = set()
    for name, value in offered.items():
        joined = None if who.by_hub else _joined(row, change, name, value)
        meant = value if joined is None else joined or None
        if row.values.get(name) == meant:
            continue
        item = row.kind.by_name[name]
        reason = None if who.by_hub or joined is not None else _contest(who, row, item, change["base"] or 0)
        if joined is not None and len(joined) > MOST_PHOTOS:
            reason = "clash"
        if reason:
            contested.add(reason)
        else:
            taken[name] = meant
    return taken, contested


def _joined(row: Row, change: Wire, name: str, value: Any) -> list[str] | None:
    """Give a list of photos as it is to be after a change; None for what is no list, or stands as offered."""
    if name != "photos":
        return None
    known = change.get("known", {}).get(name)
    if known is None and row.origins.get(name, row.made).version <= (change["base"] or 0):
        return None
    held, gone = row.values.get(name) or [], set(known or ()) - set(value or ())
    return [*(file for file in held if file not in gone),
            *(file for file in value or () if file not in held and file not in (known or ()))]  # fmt: skip


def _contest(who: Who, row: Row, item: Field, base: int) -> str | None:
    """Say why a value goes to review instead of overwriting the one held."""
    if row.values.get(item.name) is None and item.name not in row.origins:
        return None
    origin = row.origins.get(item.name, row.made)
    if origin.source == item.owner.value and origin.source not in _OWN_EYES and who.source != origin.source:
        return "source"
    if origin.version > base and (origin.user, origin.device) != (who.user, who.device):
        return "clash"
    return None


def codes_of(errors: Sequence[Wire]) -> frozenset[str]:
    """Give the codes of a hub's answer that the model foresees."""
    return frozenset(str(error["code"]) for error in errors) - {"duplicate"}
