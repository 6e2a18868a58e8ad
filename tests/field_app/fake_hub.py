"""A hub in memory that keeps to docs/sync-protocol.md: scope, versions, merge, replay, feeds, epochs.

It is small enough to be read at a glance and strict enough that a tablet which loses or doubles
something is found out. Faults are the transport's business (`faulty.py`), not its own.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from field_app.sync.transport import Reply, Request
from governance.contract import KINDS, check, code_book, read_code_lists, uuid7
from tests.field_app.fake_bundles import FakeBundles
from tests.field_app.fake_files import FakeFiles
from tests.field_app.fake_grids import grid_id, grid_values
from tests.field_app.fake_wire import gone_line, rejected, unforeseen

Json = dict[str, object]
CITY = "420500"
GRID, NEXT = "420502001001001", "420502001001002"
LISTS = read_code_lists(Path(__file__).parents[2] / "fixtures" / "codes")
BOOK = code_book(LISTS)
PASSWORD = "Wangge-2026-e"


@dataclass
class Record:
    """A record as the hub has it; ``writers`` says who last set each field, and in which version."""

    kind: str
    id: str
    grid: str
    version: int = 1
    values: Json = field(default_factory=dict)
    writers: dict[str, tuple[int, str]] = field(default_factory=dict)
    deleted: bool = False


@dataclass
class Device:
    """A tablet known to the hub."""

    id: str
    worker: str
    revoked: bool = False
    heard: bool = False


class FakeHub:
    """One city with two neighbouring grids; ``posts`` says which grids a worker has."""

    def __init__(self) -> None:
        self.epoch = "epoch-1"
        self.records: dict[str, Record] = {}
        self.feed: list[tuple[str, str, str, int, str, str]] = []  # …, version, gone, by
        self.results: dict[str, Json] = {}
        self.inbox: dict[str, Json] = {}
        self.applied: list[str] = []
        self.devices: dict[str, Device] = {}
        self.posts: dict[str, list[str]] = {"wang": [GRID], "li": [GRID, NEXT]}
        self.rights = [*KINDS]
        self.owned: set[tuple[str, str]] = set()
        self.files = FakeFiles()
        self.now_codes: tuple[str, ...] | None = None
        self.bundles = FakeBundles()
        for shift, code in enumerate((GRID, NEXT)):
            self._put(Record("grid", grid_id(code), code, values=grid_values(code, shift)))
        for number, (name, held) in enumerate(LISTS.items()):
            items = [[item.code, item.label, item.retired] for item in held.items.values()]
            values = {"list": name, "label": held.label, "standard": held.standard, "items": items}
            self._put(Record("codelist", f"00000000-0000-7000-8000-{number:012d}", CITY, values=values))

    # -- what the hub itself does ----------------------------------------------------------------

    def add(self, kind: str, values: Mapping[str, object], *, grid: str = GRID, id: str | None = None) -> str:
        """Store a record as if another worker or a rule had made it."""
        record = Record(kind, id or str(uuid7()), grid, values=dict(values))
        record.writers = dict.fromkeys(values, (1, "hub"))
        self._put(record)
        return record.id

    def edit(self, id: str, **values: object) -> None:
        """Change a record as another worker would."""
        record = self.records[id]
        record.version += 1
        for name, value in values.items():
            record.values[name] = value
            record.writers[name] = (record.version, "hub")
        self._tell(record)

    def move(self, id: str, grid: str) -> None:
        """Move a record into another grid."""
        record = self.records[id]
        record.version += 1
        self._tell(record, "moved")
        record.grid = grid
        self._tell(record)

    def delete(self, id: str, by: str = "") -> None:
        """Withdraw a record."""
        record = self.records[id]
        record.version += 1
        record.deleted = True
        self._tell(record, "deleted", by)

    def backup(self) -> "FakeHub":
        """Give a copy to restore later."""
        return copy.deepcopy(self)

    def restore(self, old: "FakeHub") -> None:
        """Go back to an old copy, under a new epoch."""
        epoch = f"{self.epoch}+"
        devices = self.devices
        self.__dict__ = copy.deepcopy(old.__dict__)
        self.epoch, self.devices = epoch, devices

    def open_records(self, kind: str) -> dict[str, Json]:
        """Give the values of a kind's records, without those withdrawn."""
        found = (record for record in self.records.values() if record.kind == kind and not record.deleted)
        return {record.id: record.values for record in found}

    # -- routes ------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Answer a request that has one JSON body."""
        if request.route == "devices/enrol":
            return self._enrol(request.body or {})
        device = self._known(request.token)
        if device is None or device.revoked:
            return self._error(401, "token", "本机已停用，请重新登记")
        if request.route.startswith("files/"):
            return self.files.answer(request, self.epoch)
        if request.route == "sync/push":
            return self._push(device, request.body or {})
        if request.route == "sync/pull":
            return self._pull(device, request.query)
        if request.route == "devices/keys":
            self.bundles.devices[device.id] = dict(request.body or {})
            return self._reply(200, self.bundles.public())
        if request.route == "sync/bundle":
            receipt = self.bundles.take(request.content or b"", self.epoch, self._carried)
            return replace(self._reply(200, None), content=receipt)
        return self._error(400, "malformed", "没有这个地址")

    def _carried(self, sender: str, changes: list[Json]) -> list[Json]:
        device = next(device for device in self.devices.values() if device.id == sender)
        return [self._settled(device, change) for change in changes]

    def stream(self, request: Request) -> tuple[Reply, list[Json]]:
        """Answer a snapshot request: its head and its lines."""
        device = self._known(request.token)
        if device is None or device.revoked:
            return self._error(401, "token", "本机已停用，请重新登记"), []
        return self._reply(200, None), list(self._snapshot(device, request.query.get("cursor")))

    def _known(self, token: str) -> Device | None:
        device = self.devices.get(token)
        if device is not None:
            device.heard = True
        return device

    def _enrol(self, body: Mapping[str, object]) -> Reply:
        username = str(body["username"])
        if username not in self.posts or body["password"] != PASSWORD:
            return self._error(401, "credentials", "用户名或密码不对")
        mine = [
            device for device in self.devices.values() if device.worker == username and not device.revoked
        ]
        if any(device.heard for device in mine):
            return self._error(409, "device_limit", "您已有一台在用的平板，请先停用旧的")
        for device in mine:
            device.revoked = True
        token, device = f"token-{len(self.devices)}", Device(str(uuid7()), username)
        self.devices[token] = device
        self.bundles.devices[device.id] = body["keys"]
        grids = [
            {
                "code": code,
                "name": f"第{code[-3:]}网格",
                "post": "stand_in" if place else "main",
                "until": None,
            }
            for place, code in enumerate(self.posts[username])
        ]
        worker = {"username": username, "name": "王秀英" if username == "wang" else "李志强"}
        data = {"token": token, "device": device.id, "epoch": self.epoch, "worker": worker}
        return self._reply(
            201, {**data, "grids": grids, "kinds": self.rights, "hub_key": self.bundles.public()}
        )

    def _push(self, device: Device, body: Mapping[str, object]) -> Reply:
        changes = body["changes"]
        if len(changes) > 500:
            return self._error(413, "too_large", "一次最多500条")
        return self._reply(200, {"results": [self._settled(device, change) for change in changes]})

    def _settled(self, device: Device, change: Json) -> Json:
        known = self.results.get(change["change"])
        if known is None:
            known = {"change": change["change"], "version": None, "errors": [], "record": None}
            known |= self._decide(device, change)
            self.results[change["change"]] = known
            if known["status"] == "rejected":
                self.inbox[change["change"]] = change
            elif known["status"] != "identical":
                self.applied.append(change["change"])
        record = self.records.get(change["id"])
        return copy.deepcopy(known) | {"grid": record.grid if record else None}

    def _decide(self, device: Device, change: Json) -> Json:
        kind, record = KINDS.get(change["kind"]), self.records.get(change["id"])
        if kind is None:
            return rejected("kind", "unknown_kind", "没有这种记录")
        if record is None:
            return self._create(device, change)
        if record.grid not in self.posts[device.worker]:
            return rejected("", "scope", "这条记录不在您的网格内")
        if record.deleted:
            return rejected("", "closed", "这条记录已作废")
        if change["base"] is not None and change["base"] > record.version:
            return rejected("", "base_future", "依据的版本比平台的还新")
        if change["delete"]:
            self.delete(record.id, device.id)
            return {"status": "updated", "version": record.version}
        return self._update(device, record, change)

    def _create(self, device: Device, change: Json) -> Json:
        kind = KINDS[change["kind"]]
        if change["base"] is not None or change["delete"]:
            return rejected("", "missing", "平台上没有这条记录")
        checked = check(kind, change["set"], BOOK)
        problems = [problem.as_json() for problem in checked.problems] or self._references(
            kind, checked.values
        )
        if problems:
            return {"status": "rejected", "errors": problems}
        values = {name: value for name, value in checked.values.items() if value is not None}
        grid = self._grid(kind, values)
        if grid not in self.posts[device.worker]:
            return rejected("lon", "scope", "不在您的网格内")
        record = Record(kind.name, change["id"], grid, values=values)
        record.writers = dict.fromkeys(values, (1, device.id))
        self._put(record, device.id)
        return {"status": "created", "version": 1, "record": unforeseen(change["set"], checked.values)}

    def _update(self, device: Device, record: Record, change: Json) -> Json:
        kind = KINDS[record.kind]
        current = {**record.values, "grid": record.grid}
        checked = check(kind, change["set"], BOOK, current=current)
        problems = [problem.as_json() for problem in checked.problems] or self._references(
            kind, checked.values
        )
        if problems:
            return {"status": "rejected", "errors": problems}
        offered = {name: value for name, value in checked.values.items() if name != "grid"}
        differing = {name: value for name, value in offered.items() if record.values.get(name) != value}
        stale = change["base"] is None or change["base"] < record.version
        if not differing:
            whole = copy.deepcopy(record.values) if stale else None
            return {"status": "identical", "version": record.version, "record": whole}
        errors = [
            problem
            for name in differing
            if (problem := self._contest(device, record, change["base"] or 0, name)) is not None
        ]
        lost = {problem["field"] for problem in errors}
        taken = {name: value for name, value in differing.items() if name not in lost}
        if taken:
            record.version += 1
            record.values |= taken
            record.values = {name: value for name, value in record.values.items() if value is not None}
            record.writers |= dict.fromkeys(taken, (record.version, device.id))
            self._tell(record, by=device.id)
        status = "contested" if errors else "merged" if stale else "updated"
        foreseen = not (stale or errors) and unforeseen(change["set"], taken) is None
        whole = None if foreseen else copy.deepcopy(record.values)
        return {"status": status, "version": record.version, "errors": errors, "record": whole}

    def _contest(self, device: Device, record: Record, base: int, name: str) -> Json | None:
        if (record.kind, name) in self.owned and record.values.get(name) is not None:
            return {"field": name, "code": "source", "reason": "现有值来自主管部门，您报的值已送核"}
        version, writer = record.writers.get(name, (0, ""))
        if version > base and writer != device.id:
            return {"field": name, "code": "clash", "reason": "期间已有他人改过，您报的值已送核"}
        return None

    def _references(self, kind, values: Json) -> list[Json]:
        found = []
        for item in kind.references:
            target = self.records.get(str(values.get(item.name)))
            if values.get(item.name) is None:
                continue
            if target is None:
                found.append(
                    {"field": item.name, "code": "reference", "reason": f"{item.label}：没有这条记录"}
                )
            elif target.deleted or target.values.get("closed_on") is not None:
                found.append(
                    {"field": item.name, "code": "closed", "reason": f"{item.label}：这条记录已注销"}
                )
        return found

    def _grid(self, kind, values: Json) -> str:
        if kind.anchor is not None:
            return self.records[str(values[kind.anchor])].grid
        if values.get("lon") is not None:
            return GRID if values["lon"] < 111.29 else NEXT
        return str(values["grid"])

    # -- telling -----------------------------------------------------------------------------------

    def _snapshot(self, device: Device, cursor: str | None) -> Iterator[Json]:
        seen = self._cursor(cursor) or {"epoch": self.epoch, "seqs": {}, "joins": {}}
        for grid in [CITY, *sorted(self.posts[device.worker])]:
            if grid in seen["seqs"]:
                continue
            for record in sorted(self.records.values(), key=lambda record: list(ORDER).index(record.kind)):
                if record.grid == grid and not record.deleted and record.values.get("closed_on") is None:
                    yield _told(record)
            seen["seqs"][grid] = len(self.feed)
            yield {"cursor": json.dumps(seen)}
        yield {"cursor": json.dumps(seen), "end": True}

    def _pull(self, device: Device, query: Mapping[str, str]) -> Reply:
        seen = self._cursor(query.get("cursor"))
        if seen is None:
            return self._reply(200, {"changes": [], "cursor": None, "more": False, "resync": True})
        changes: list[Json] = []
        grids = [CITY, *sorted(self.posts[device.worker])]
        for grid in [grid for grid in seen["seqs"] if grid not in grids]:
            del seen["seqs"][grid]
            changes.append(gone_line("grid", grid_id(grid), 1, grid, "revoked"))
        more = False
        for grid in grids:
            if grid not in seen["seqs"]:  # what it wrote itself before it begins here is told as well
                seen["joins"][grid] = len(self.feed)
            start = seen["seqs"].get(grid, 0)
            latest = {entry[2]: number for number, entry in enumerate(self.feed) if entry[0] == grid}
            entries = sorted(number for number in latest.values() if number >= start)
            room = int(query["limit"]) - len(changes)
            for number in entries[: max(0, room)]:
                _, kind, id, version, gone, by = self.feed[number]
                record = self.records[id]
                if by == device.id and number >= seen["joins"].get(grid, 0):
                    continue  # the answer to its push said so
                if gone:
                    changes.append(gone_line(kind, id, version, grid, gone))
                elif record.grid == grid and not record.deleted:
                    changes.append(_told(record))
            if len(entries) > max(0, room):
                more = True
                seen["seqs"][grid] = entries[max(0, room)]
                break
            seen["seqs"][grid] = len(self.feed)
        return self._reply(
            200, {"changes": changes, "cursor": json.dumps(seen), "more": more, "resync": False}
        )

    def _cursor(self, text: str | None) -> Json | None:
        seen = json.loads(text) if text else None
        return seen if seen and seen["epoch"] == self.epoch else None

    def _put(self, record: Record, by: str = "") -> None:
        self.records[record.id] = record
        self._tell(record, by=by)

    def _tell(self, record: Record, gone: str = "", by: str = "") -> None:
        self.feed.append((record.grid, record.kind, record.id, record.version, gone, by))

    def _reply(self, status: int, data: object) -> Reply:
        return Reply(status, copy.deepcopy(data), self.epoch)

    def _error(self, status: int, code: str, reason: str) -> Reply:
        return Reply(status, {"code": code, "reason": reason, "problems": []}, self.epoch)


ORDER = dict.fromkeys(("grid", "codelist", "switch", "service", *KINDS))


def _told(record: Record) -> Json:
    values = {name: value for name, value in record.values.items() if value is not None and name != "grid"}
    return {
        "kind": record.kind,
        "id": record.id,
        "version": record.version,
        "grid": record.grid,
        "record": copy.deepcopy(values),
    }
