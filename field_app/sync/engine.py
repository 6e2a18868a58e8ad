"""One sync (一次同步): push everything, then pull until there is no more."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from field_app.store.memory import Memory
from field_app.store.state import Entry, RecordState
from field_app.store.store import Store
from field_app.sync.client import Answer, HubClient, Page
from field_app.sync.endings import ended, stopped
from field_app.sync.errors import HubTrouble, Malformed, Offline, Retired, Revoked, SyncError, TooLarge
from field_app.sync.pages import (
    deferred_free,
    page_store,
    part_store,
    placeless,
    recovered,
    snapshot_begin,
    snapshot_restart,
    strays_leave,
)
from field_app.sync.photos import PhotoSender, PhotosReport, photos_bind, photos_leave
from field_app.sync.queue import MOST, batch_pick
from field_app.sync.recall import recalled
from field_app.sync.recovery import epoch_note
from field_app.sync.settle import answers_settle, entry_refuse
from field_app.sync.tus import FilesClient
from governance.contract import Problem, Status

PAGE = 500
_ROUNDS = 6
Progress = Callable[[str], None]


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    ``pushed`` counts answers by status, ``pulled`` records and gone-markers, ``refused`` and
    ``contested`` name the changes the worker has to look at, ``handed`` counts those refused that others
    deal with now; ``photos`` is told apart.
    """

    pushed: Counter[str] = field(default_factory=Counter)
    pulled: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    refused: list[dict[str, object]] = field(default_factory=list)
    contested: list[dict[str, object]] = field(default_factory=list)
    handed: int = 0
    photos: PhotosReport = field(default_factory=PhotosReport)

    @property
    def text(self) -> str:
        """One Chinese line for people."""
        sent = sum(self.pushed.values())
        return "，".join([f"送出{sent}条，取回{self.pulled}条", *self.remarks])

    @property
    def remarks(self) -> list[str]:
        """What the worker has to look at, Chinese."""
        remarks = []
        if self.refused:
            remarks.append(f"退回{len(self.refused)}条，请修改后再送")
        if self.handed:
            remarks.append(f"{self.handed}条已交平台，由社区处理")
        if self.contested:
            remarks.append(f"{len(self.contested)}条有争议，已转核实")
        if self.photos.sent or self.photos.left:
            left = f"，还剩{self.photos.left}张" if self.photos.left else ""
            remarks.append(f"送出照片{self.photos.sent}张{left}")
        if self.photos.refused:
            remarks.append(f"{self.photos.refused}张照片平台不收")
        return remarks

    def add(self, memory: Memory, batch: Sequence[Entry], answers: Sequence[Answer]) -> None:
        """Count answers that were settled."""
        for entry, answer in zip(batch, answers, strict=True):
            self.pushed[answer.status.value] += 1
            line: dict[str, object] = {
                "change": entry.change,
                "kind": entry.kind,
                "id": entry.id,
                "errors": [problem.as_json() for problem in answer.errors],
            }
            if answer.status is Status.REJECTED:
                self.refused.append(line)
            elif answer.status is Status.CONTESTED:
                self.contested.append(line)
        self.look_again(memory)

    def look_again(self, memory: Memory) -> None:
        """Name as refused only what still is: a pull may take a record away, or bring what was missing."""
        now = [(line, memory.entries.get(str(line["change"]))) for line in self.refused]
        self.refused = [line for line, kept in now if kept and kept.state is RecordState.REFUSED]
        self.handed += sum(kept is not None and kept.state is RecordState.HUB for _, kept in now)


class Engine:
    """Syncs one store with one hub; ``run`` may be called from any thread, one at a time."""

    def __init__(self, store: Store, client: HubClient, progress: Progress | None = None) -> None:
        self._store = store
        self._client = client
        self._say = progress or _silent
        self._report = SyncReport()
        self._running = threading.Lock()

    def run(self) -> SyncReport:
        """Push, then pull.

        Whatever stops it leaves every change and every page either wholly stored or as before.

        Raises
        ------
        SyncError
            Offline, Revoked, Throttled ...
        StoreError
            The disk is full ...
        """
        if not self._running.acquire(blocking=False):
            raise SyncError("正在同步，请稍候")
        self._report = SyncReport()
        try:
            self._rounds_heard()
            ended(store=self._store)
            self._photos()
            self._report.look_again(self._store.memory)
        except SyncError as error:
            if isinstance(error, Revoked):
                self._last_words()
                recalled(store=self._store, error=error)
            if isinstance(error, Offline):
                error = type(error)(f"{error}；数据仍在本机，下次同步会接着送")
            stopped(store=self._store, error=error)
            raise error
        finally:
            self._report.bytes_up, self._report.bytes_down = self._client.bytes_up, self._client.bytes_down
            self._running.release()
        return self._report

    def _rounds_heard(self) -> None:
        """Push and pull; a restored hub that turns the tablet away gets back first what it lost."""
        try:
            self._rounds()
        except Revoked as error:
            with self._store.write() as unit:
                restored = bool(error.epoch) and epoch_note(self._store, unit, error.epoch)
            if restored and isinstance(error, Retired):
                self._push()
            raise

    def _rounds(self) -> None:
        whole = False
        for _ in range(_ROUNDS):
            self._push()
            whole = self._pull()
            if whole and not self._records_wait():
                return
        if not whole:
            raise HubTrouble("平台一再要求从头来，请稍后再试")

    # -- photos -------------------------------------------------------------------------------

    def _photos(self) -> None:
        """Send photos, records first again and again; what stops a photo does not undo the sync."""
        sender = self._sender()
        try:
            while not sender.run():
                self._rounds()
                if self._records_wait():
                    break
            if sender.report.sent or sender.report.refused:
                self._client.tell()  # or the last that the hub hears is that these are waiting
        except Revoked:
            raise
        except SyncError as error:
            sender.report.note = f"照片没有送完，下次接着送：{error}"
        photos_leave(self._store)

    def _last_words(self) -> None:
        """Hand in what a retired tablet still may, before everything leaves it, and say that nothing waits.

        The hub hears no more of it, and would look for the work of which it was told last.
        """
        sender = self._sender()
        try:
            sender.run()
            self._client.tell()
        except SyncError as error:
            sender.report.note = str(error)

    def _sender(self) -> PhotoSender:
        sender = PhotoSender(self._store, FilesClient(self._client), self._records_wait, self._say)
        self._report.photos = sender.report
        return sender

    def _records_wait(self) -> bool:
        with self._store.lock:
            return bool(batch_pick(self._store.memory, 1))

    # -- push ---------------------------------------------------------------------------------

    def _push(self) -> None:
        most = MOST
        while batch := self._next_batch(most):
            try:
                answers, epoch = self._send(batch)
            except (Malformed, TooLarge) as error:
                if len(batch) == 1:
                    self._refuse(batch[0], error)
                    most = MOST
                else:
                    most = max(1, len(batch) // 2)
                continue
            answers_settle(store=self._store, sent=batch, answers=answers, epoch=epoch)
            self._report.add(self._store.memory, batch, answers)
            most = min(MOST, most * 2)
            self._say(f"已送出{sum(self._report.pushed.values())}条")

    def _next_batch(self, most: int) -> list[Entry]:
        """Pick what goes out next, and note on the disk that it does, in one go.

        What the worker saves at this moment is then in it, or a change of its own behind it; a change that
        may have left keeps its id and content for ever. The photos that it names are sent from now on,
        whatever becomes of it.
        """
        with self._store.lock:
            photos_bind(self._store)
            batch = batch_pick(self._store.memory, most)
            self._mark(_unsent(batch), RecordState.SENT)
        return batch

    def _send(self, batch: list[Entry]) -> tuple[tuple[Answer, ...], str]:
        """Send changes as they were picked; of what the hub never got it is noted that it is only here.

        Not of one that is refused for it next: what the worker saves by then must not join it.
        """
        try:
            return self._client.push(batch)
        except SyncError as error:
            if error.untaken and not (len(batch) == 1 and isinstance(error, (Malformed, TooLarge))):
                self._mark(_unsent(batch), RecordState.HERE)
            raise

    def _mark(self, entries: list[Entry], state: RecordState) -> None:
        if entries:
            with self._store.write() as unit:
                for entry in entries:
                    unit.put_entry(replace(entry, state=state))

    def _refuse(self, entry: Entry, error: Malformed | TooLarge) -> None:
        problems: Sequence[Problem] = error.problems if isinstance(error, Malformed) else ()
        problems = problems or (Problem("", "hub", f"平台不能接收这条记录：{error}"),)
        answer = entry_refuse(store=self._store, entry=entry, problems=problems)
        self._report.add(self._store.memory, [entry], [answer])

    # -- pull ---------------------------------------------------------------------------------

    def _pull(self) -> bool:
        """Pull until there is no more; says False when the hub wants a push and a snapshot first."""
        cursor = self._store.memory.meta.get("cursor")
        if not isinstance(cursor, str):
            return self._snapshot()
        if placeless(store=self._store):
            return self._resync()
        more = True
        while more:
            page = self._ask(cursor)
            if self._new_epoch(page.epoch):
                return False
            if page.resync or page.cursor is None:
                return self._resync()
            if page.changes or page.cursor != cursor:
                page_store(store=self._store, page=page)
            self._report.pulled += len(page.changes)
            cursor, more = page.cursor, page.more
            if page.changes:
                self._say(f"已取回{self._report.pulled}条")
        strays_leave(store=self._store)
        recovered(store=self._store)
        deferred_free(store=self._store)
        return True

    def _resync(self) -> bool:
        """Give the cursor up; says False: a push and a snapshot follow."""
        with self._store.write() as unit:
            unit.put_meta("cursor", None)
        return False

    def _ask(self, cursor: str) -> Page:
        try:
            return self._client.pull(cursor, PAGE)
        except Malformed:  # a cursor the hub cannot read any more: begin with a snapshot
            return Page((), None, str(self._store.memory.meta.get("epoch")), resync=True)

    def _snapshot(self) -> bool:
        """Take a snapshot, from where the last one was cut; says False: a pull follows."""
        cursor = snapshot_begin(store=self._store)
        self._say("正在下载本网格的数据")
        try:
            for page in self._client.snapshot(cursor):
                if self._new_epoch(page.epoch):
                    return False
                part_store(store=self._store, page=page)
                self._report.pulled += len(page.changes)
                self._say(f"已取回{self._report.pulled}条")
        except Malformed:
            if cursor is None:
                raise
            snapshot_restart(store=self._store)
        return False

    def _new_epoch(self, epoch: str) -> bool:
        if epoch == self._store.memory.meta.get("epoch"):
            return False
        with self._store.write() as unit:
            return epoch_note(self._store, unit, epoch)


def _unsent(batch: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in batch if entry.state is RecordState.HERE]


def _silent(_: str) -> None:
    """Say nothing."""
