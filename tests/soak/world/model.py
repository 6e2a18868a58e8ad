"""What every accepted change should yield: a small model of the hub, written from the protocol's page.

It is told each push in the order in which the hub took it, who sent it and whom he serves, and
answers for itself. Of the hub it shares only the contract: which field is whose, what hangs on what.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from governance.contract import KINDS, Field, Kind, Owner
from governance.contract.kinds.photos import MOST_PHOTOS
from tests.soak.world import life
from tests.soak.world.strips import Strips
from tests.soak.world.terms import Answer, Late, Origin, Row, Who, Wire

_OWN_EYES = {"worker", "resident"}


def _no(code: str) -> Answer:
    return Answer("rejected", None, frozenset({code}))


class Model:
    """The records as they should be, and every answer given; who serves which grids, with which tablet.

    ``map`` has the grids, ``inbox`` what was refused and not decided since, ``retired`` codes out of use
    with their lists, ``posts`` has grids by account, ``barred`` care registers that one has no right to,
    ``devices`` account and device by token of those that may push, ``owners`` accounts by device of all,
    ``followed`` how often each record went to another grid with the map.
    """

    def __init__(self, map_: Strips) -> None:
        self.map = map_
        self.rows: dict[str, Row] = {}
        self.answers: dict[str, Answer] = {}
        self.inbox: dict[str, Late] = {}
        self.retired: set[tuple[str | None, object]] = set()
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
        other.inbox = dict(self.inbox)
        other.retired = set(self.retired)
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
        parent = self.rows.get(row.values.get(_carrier(row.kind), ""))
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
                came = change.get("came", len(self.answers))
                self.answers[key] = answer = self._decide(replace(who, came=came), change)
                if answer.status == "rejected":
                    self.inbox[key] = Late(who, change, answer.codes, came)
                if row is not None and row.grid != was:
                    moved.append(row)
            answers.append(self.answers[key])
        for row in moved:
            self._follow(row)
        return answers

    def take(self, keys: Collection[str]) -> set[str]:
        """Let staff take kept changes as their senders' own work; gives those that can be taken."""
        order = list(KINDS)
        late = sorted(
            ((key, self.inbox[key]) for key in keys),
            key=lambda each: (_sender(each[1].who), order.index(each[1].change["kind"]), each[1].came),
        )
        taken: set[str] = set()
        for sender in {_sender(each.who): each.who for _, each in late}.values():
            left = [(key, each) for key, each in late if _sender(each.who) == _sender(sender)]
            while left:
                trial = self.copy()
                offers = [
                    {**each.change, "change": str(uuid5(UUID(key), "inbox")), "came": each.came}
                    for key, each in left
                ]
                answers = trial.push(replace(sender, grids=None, barred=frozenset(), by_hub=False), offers)
                refused = [answer.status == "rejected" for answer in answers]
                if not any(refused):
                    vars(self).update(vars(trial))
                    taken |= {key for key, _ in left}
                    break
                left = [each for each, no in zip(left, refused, strict=True) if not no]
        self.settle(taken)
        return taken

    def settle(self, keys: Iterable[str]) -> None:
        """Let kept changes be decided."""
        for key in keys:
            del self.inbox[key]

    def _kept(self, id_: str) -> bool:
        """Whether a new record waits in the inbox as it is not its writer's."""
        return any(
            str(late.change["id"]) == id_ and late.change["base"] is None and "scope" in late.codes
            for late in self.inbox.values()
        )

    def children(self, parent: Row, *, carried: bool = False) -> Iterator[Row]:
        """Give the records anchored to one, withdrawn ones left out; or those that lie where it lies."""
        for row in list(self.rows.values()):
            anchor = _carrier(row.kind) if carried else row.kind.anchor
            if anchor and row.values.get(anchor) == parent.id and not row.deleted:
                yield row

    def _follow(self, parent: Row) -> None:
        for child in self.children(parent, carried=True):
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
            return _no("scope" if self._kept(str(change["id"])) else "missing")
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
        life.implied(kind, {}, values)
        odd = self._retired(kind, values)
        if any(item.name not in values for item in kind.required):
            odd |= {"required"}  # in a bundle a further change may stand on one that was refused
        if odd:
            return Answer("rejected", None, frozenset(odd))
        named = values.pop("grid", None)
        refusal = self._reference_problem(who, kind, values)
        grid = None if refusal else self._grid(kind, values, named, None)
        if refusal or grid is None or not who.covers(grid):
            return refusal or _no("scope")
        made = Origin(1, who.user, who.device, who.source, who.came)
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
        if odd := self._retired(row.kind, offered) or life.implied(row.kind, row.values, offered):
            return Answer("rejected", None, frozenset(odd))
        taken, contested = _parted(who, row, change, offered)
        if not taken and not contested and named in (None, row.grid):
            return Answer("identical", row.version)
        whole = {**row.values, **taken}
        refusal = self._reference_problem(who, row.kind, taken) or self._life_problem(
            who, row, taken, contested
        )
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
            row.origins[name] = Origin(row.version, who.user, who.device, who.source, who.came)
            if value is None:
                row.values.pop(name, None)
            else:
                row.values[name] = value

    def _retired(self, kind: Kind, values: Mapping[str, Any]) -> set[str]:
        found = ((kind.by_name[name].codes, value) for name, value in values.items())
        return {"code"} if any(isinstance(each[1], str) and each in self.retired for each in found) else set()

    def _life_problem(
        self, who: Who, row: Row, taken: Mapping[str, Any], contested: Set[str]
    ) -> Answer | None:
        def near(_: str, id_: str) -> tuple[Kind, Mapping[str, Any]] | None:
            found = self.rows.get(id_)
            return (found.kind, found.values) if found else None

        codes = life.broken(row.kind, {**row.values, **taken}) if contested else set()
        codes = codes or (set() if who.by_hub else life.step_codes(row.kind, row.values, taken, near))
        return Answer("rejected", None, frozenset(codes)) if codes else None

    def _reference_problem(self, who: Who, kind: Kind, values: Mapping[str, Any]) -> Answer | None:
        codes = set()
        for item in kind.references:
            if (value := values.get(item.name)) is None:
                continue
            found = self.rows.get(value)
            if self._kept(value) if found is None else not who.covers(found.grid):
                codes.add("scope")
            elif found is None or not (found.open or who.by_hub or item.past):
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
    lost: set[str] = set()
    for name, value in offered.items():
        joined = None if who.by_hub else _joined(row, change, name, value)
        meant = value if joined is None else joined or None
        if row.values.get(name) == meant:
            continue
        item = row.kind.by_name[name]
        sure = who.by_hub or joined is not None or item.owner is Owner.HUB
        reason = None if sure else _contest(who, row, item, change["base"] or 0)
        if joined is not None and len(joined) > MOST_PHOTOS:
            reason = "clash"
        if reason:
            contested.add(reason)
            lost.add(name)
        else:
            taken[name] = meant
    if life.report_kept_whole(row.kind, change["set"], taken, lost):
        contested.add("clash")
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
    mine = (origin.user, origin.device) == (who.user, who.device) and origin.came <= who.came
    return "clash" if origin.version > base and not mine else None


def _sender(who: Who) -> tuple[str, int, str]:
    return who.source, who.user or 0, who.device or ""


def _carrier(kind: Kind) -> str:
    """Give the field that names what a record lies with."""
    return kind.anchor or next((item.name for item in kind.references), "")


def codes_of(errors: Sequence[Wire]) -> frozenset[str]:
    """Give the codes of a hub's answer that the model foresees."""
    return frozenset(str(error["code"]) for error in errors) - {"duplicate"}
