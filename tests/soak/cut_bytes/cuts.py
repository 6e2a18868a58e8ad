"""One cut each of a push, a pull or a snapshot, and what must be true of both sides after it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from field_app.store.state import UNANSWERED, Entry
from field_app.store.store import Store
from tests.soak.wire.proxy import CutDoor
from tests.soak.wire.standing import Rows, Tablet
from tests.soak.wire.work import act, snapshot, sync

Fault = str
"""`lost`, `doubled`, `corrupt` or `stuck`; empty for none."""

PUSH, PULL, SNAPSHOT = "sync/push", "sync/pull", "sync/snapshot"
_REACH = 40
"""Bytes by which replies to different pushes may differ in length."""

_FRESH_AFTER = 50
_COARSE, _FINE = (1024, 8), (64, 1)
"""Bytes between two cuts of a whole snapshot, most of which are code lists, and of its last stream."""

_WITHIN_LAST = 200
"""So many bytes before its end a snapshot is surely in its last stream."""

Cut = Callable[[int], Fault]


class Cuts:
    """Cuts the line of one tablet; another one works beside it.

    Parameters
    ----------
    tablet : Tablet
        Behind ``door``; it tries each request once.
    other : Tablet
    rows : Rows
        The hub's database.
    """

    def __init__(self, tablet: Tablet, door: CutDoor, other: Tablet, rows: Rows) -> None:
        self.tablet, self.door, self.other, self.rows = tablet, door, other, rows
        self._chance = random.Random(1)
        self._page: tuple[object, object] | None = None
        self._whole = snapshot(tablet)
        self._city: object = None

    def every(self, *, fine: bool = False) -> Iterator[tuple[str, int, Cut]]:
        """Give every cut there is: what is cut, how many bytes pass, and how to do it.

        Snapshots are cut here and there, and everywhere only when ``fine``.
        """
        steps = dict(zip(("snapshot_whole", "snapshot_part"), _FINE if fine else _COARSE, strict=True))
        exchanges = (
            self.snapshot_whole,
            self.snapshot_part,
            self.pull_reply,
            self.push_request,
            self.push_reply,
        )
        for exchange in exchanges:
            exchange(0)
            reach = _REACH if exchange == self.push_reply else 0
            length = self.door.length + reach
            for at in (*range(0, length - 1, steps.get(exchange.__name__, 1)), length - 1):
                yield exchange.__name__, at, exchange

    # -- one cut each ----------------------------------------------------------------------------

    def push_request(self, at: int) -> Fault:
        """The hub gets part of a push: it takes nothing, and the tablet keeps everything."""
        entry = self._waiting()
        if self._cut(PUSH, "request", at):
            return "lost"
        if at >= self.door.length:  # this one was shorter: it came whole, and its answer is lost
            return self._settled(entry)
        if self._at_hub(entry):
            return "corrupt"
        now = self.tablet.memory.entries.get(entry.change)
        if now is None or now.state not in UNANSWERED:
            return "lost"
        return self._settled(entry) if at % _FRESH_AFTER == 0 else ""

    def push_reply(self, at: int) -> Fault:
        """The hub took the push and the tablet does not know: the next sync brings the same answer."""
        entry = self._waiting()
        came = self._cut(PUSH, "reply", at)
        if self._at_hub(entry) != 1:
            return "lost"
        return ("" if came else self._settled(entry)) or ("stuck" if self._unanswered() else "")

    def pull_reply(self, at: int) -> Fault:
        """Part of a page arrives: the tablet holds what it held, with the cursor it had."""
        if self._page is None:
            for _ in range(3):
                act(self.other, self._chance)
            if not sync(self.other):
                return "stuck"
            self._page = self._held()
        if self._cut(PULL, "reply", at):
            return "corrupt"
        return "" if self._held() == self._page else "corrupt"

    def snapshot_part(self, at: int) -> Fault:
        """A snapshot that was cut in its last stream goes on from where it was."""
        if self._city is None:
            self.snapshot_whole(0)
            self.snapshot_whole(self.door.length - _WITHIN_LAST)
            assert self._city is not None
        return self._snapshot(at, self._city)

    def snapshot_whole(self, at: int) -> Fault:
        """A snapshot is cut anywhere; nothing held is wiped before it has come to its end."""
        return self._snapshot(at, None)

    def _snapshot(self, at: int, begun: object) -> Fault:
        with self._store().write() as unit:
            unit.put_meta("cursor", None)
            unit.put_meta("snapshot", {"cursor": begun} if begun else None)
        before = set(self.tablet.memory.held)
        came = self._cut(SNAPSHOT, "reply", at)  # its last line may be there before its last byte
        if before - self.tablet.memory.held.keys() or (came and self._records() != self._whole):
            return "corrupt"
        running = self.tablet.memory.meta.get("snapshot")
        if isinstance(running, dict) and running["cursor"]:
            self._city = self._city or running["cursor"]
        if not self._calm():
            return "stuck"
        return "" if self._records() == self._whole else "corrupt"

    # -- both sides ------------------------------------------------------------------------------

    def _cut(self, route: str, side: str, at: int) -> bool:
        """Sync with the cut; says whether it came to its end all the same."""
        self.door.cut = (route, side, at)
        try:
            return sync(self.tablet)
        finally:
            self.door.cut = None

    def _calm(self) -> bool:
        """Sync without cuts."""
        return sync(self.tablet)

    def _waiting(self) -> Entry:
        """Give a change that waits, made anew when there is none."""
        for entry in self.tablet.memory.entries.values():
            if entry.state in UNANSWERED:
                return entry
        act(self.tablet, self._chance)
        return next(reversed(self.tablet.memory.entries.values()))

    def _unanswered(self) -> bool:
        return any(entry.state in UNANSWERED for entry in self.tablet.memory.entries.values())

    def _at_hub(self, entry: Entry) -> int:
        return len(self._answers(entry))

    def _answers(self, entry: Entry) -> list[tuple[object, ...]]:
        """Give status and version that the hub has written down for a change."""
        tables = ("records_history", "records_inbox")
        select = (f"SELECT status, version FROM {table} WHERE change = '{entry.change}'" for table in tables)
        return self.rows.all(" UNION ALL ".join(select))

    def _settled(self, entry: Entry) -> Fault:
        """Sync without cuts: the tablet must get the answer that the hub has written down."""
        if not self._calm():
            return "stuck"
        told = self._answers(entry)
        kept = self.tablet.memory.entries.get(entry.change)
        if not told:
            return "lost"
        if len(told) > 1:
            return "doubled"
        return "" if kept is not None and [(kept.status, kept.version)] == told else "corrupt"

    def _records(self) -> dict[str, tuple[int, dict[str, object]]]:
        return {each.id: (each.version, dict(each.values)) for each in self.tablet.memory.held.values()}

    def _held(self) -> tuple[object, object]:
        memory = self.tablet.memory
        return memory.meta.get("cursor"), {id_: replace(held) for id_, held in memory.held.items()}

    def _store(self) -> Store:
        store = self.tablet.session._store
        assert store is not None
        return store
