"""What workers do on their tablets while the line is bad, and what must be true when it is good again."""

import json
import random
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from field_app.store.state import RecordState
from field_app.sync.errors import SyncError
from tests.soak.tally import Tally
from tests.soak.wire.proxy import CALM
from tests.soak.wire.standing import Rows, Tablet

FIELDS = {"first": "workplace", "second": "occupation", "third": "former_name"}
"""Each worker writes a field of his own, so the last value written must be the hub's in the end."""

_ROUNDS = 5


def act(tablet: Tablet, chance: random.Random) -> None:
    """Register somebody, or write into somebody's record."""
    people = sorted(view.id for view in tablet.session.desk.records.views("person"))
    if not people or chance.random() < 0.4:
        home = tablet.town.homes[chance.choice(tablet.town.scopes[tablet.user])]
        form = tablet.session.desk.collect.form("person", parent=home)
        form.put("name", f"王示{chance.randrange(10**6)}")
        form.put("residence_kind", "1")
    else:
        form = tablet.session.desk.collect.form("person", id=chance.choice(people))
    name = FIELDS[tablet.role]
    value = f"示例{chance.randrange(10**9)}"
    form.put(name, value)
    tablet.session.desk.collect.save(form)
    tablet.wrote[form.id, name] = value
    note(tablet)


def note(tablet: Tablet) -> None:
    """Remember the changes that the tablet has made; they keep their ids for ever."""
    for change, entry in tablet.memory.entries.items():
        tablet.offered[change] = entry.id


def sync(tablet: Tablet) -> bool:
    """Sync if the line lets it; says whether it came to its end."""
    try:
        tablet.session.sync()
    except SyncError as error:
        tablet.wait(error.wait)
        return False
    return True


@dataclass
class Rest:
    """Everything in its place, or what is not; sentences for people in ``said``."""

    tally: Tally = field(default_factory=Tally)
    said: list[str] = field(default_factory=list)

    def fault(self, kind: str, text: str) -> None:
        """Count one fault."""
        setattr(self.tally, kind, getattr(self.tally, kind) + 1)
        self.said.append(f"{kind}: {text}")


def rest(tablets: Sequence[Tablet], rows: Rows) -> Rest:
    """Let the line be good and everybody sync, then look at tablets and hub."""
    found = Rest()
    for tablet in tablets:
        tablet.door.weather = CALM
    network = tablets[0].door.network
    while network.late:
        network.arrive(random.Random(0))
    for _ in range(_ROUNDS):
        quiet = [sync(tablet) for tablet in tablets]
    for tablet, came in zip(tablets, quiet, strict=True):
        counts = tablet.session.desk.outbox.counts()
        if not came or counts.here or counts.sent:
            found.fault("stuck", f"{tablet.user}: {counts}")
    _nothing_lost_or_doubled(found, tablets, rows)
    for tablet in tablets:
        _same_on_both_sides(found, tablet, rows)
    return found


def _nothing_lost_or_doubled(found: Rest, tablets: Sequence[Tablet], rows: Rows) -> None:
    """Every change reached the hub once, under its own id, and the last word written stands."""
    select = "SELECT change, record, status, device FROM"
    answered = rows.all(f"{select} records_history UNION ALL {select} records_inbox")
    at_hub = {str(change): str(status) for change, _, status, _ in answered}
    offered = {change: record for tablet in tablets for change, record in tablet.offered.items()}
    for change in offered.keys() - at_hub.keys():
        found.fault("lost", f"change {change}")
    devices = {str(tablet.session.meta["device"]) for tablet in tablets}
    expected = Counter(offered.values())
    came = Counter(str(record) for _, record, _, device in answered if str(device) in devices)
    for record, times in came.items():
        if times > expected[record]:
            found.fault("doubled", f"record {record} has {times} changes of {expected[record]}")
    values = _people(rows)
    for tablet in tablets:
        for (record, name), value in tablet.wrote.items():
            if values.get(record, {}).get(name) != value:
                found.fault("lost", f"{tablet.user} wrote {name} {value}: {values.get(record)}")
        for entry in tablet.memory.entries.values():
            if entry.status and at_hub.get(entry.change) != entry.status:
                found.fault(
                    "corrupt", f"{entry.change} is {entry.status}, at the hub {at_hub.get(entry.change)}"
                )
            if entry.state is RecordState.REFUSED:
                found.fault("lost", f"{entry.change} refused: {entry.errors}")


def _people(rows: Rows) -> dict[str, dict[str, object]]:
    names = ("id", *FIELDS.values())
    return {
        str(row[0]): dict(zip(names, row, strict=True))
        for row in rows.all(f"SELECT {', '.join(names)} FROM records_person")
    }


def _same_on_both_sides(found: Rest, tablet: Tablet, rows: Rows) -> None:
    """What the tablet holds is what the hub would give it anew, to the letter."""
    told = snapshot(tablet)
    held = {each.id: (each.version, dict(each.values)) for each in tablet.memory.held.values()}
    for id_ in told.keys() | held.keys():
        if told.get(id_) != held.get(id_):
            found.fault("corrupt", f"{tablet.user} holds {held.get(id_)}, hub tells {told.get(id_)}")


def snapshot(tablet: Tablet) -> dict[str, tuple[int, dict[str, object]]]:
    """Ask the hub, past all doors, for everything that the tablet may hold."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{tablet.door.network.port}/api/v1/sync/snapshot",
        headers={"Authorization": f"Token {tablet.session.meta['token']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        lines = [json.loads(line) for line in reply.read().splitlines()]
    return {line["id"]: (line["version"], line["record"]) for line in lines if "record" in line}
