"""Known-wrong tablets."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from field_app.store import vault
from field_app.store.state import LOST, UNANSWERED, RecordState
from field_app.sync import client, engine, pages, recall, recovery, settle
from field_app.sync.client import HubClient
from field_app.sync.engine import Engine
from field_app.sync.photos import photos_bind
from field_app.sync.queue import batch_pick
from field_app.sync.transport import Request
from field_app.work import collect
from governance.contract import Gone, uuid7
from tests.soak.world.wrong import patched_all

Wrong = AbstractContextManager[None]


def new_id_on_retry() -> Wrong:
    """A change that went out without an answer goes out again under another id."""
    pick = vars(Engine)["_next_batch"]

    def renamed(self: Any, most: int) -> Any:
        for entry in pick(self, most):
            if entry.state is RecordState.SENT:
                with self._store.write() as unit:
                    unit.drop_entry(entry.change)
                    unit.put_entry(replace(entry, change=str(uuid7())))
        return pick(self, most)

    return patched_all((Engine, "_next_batch", renamed))


def sending_not_noted() -> Wrong:
    """Nobody notes that a change went out, so that later edits join it."""
    return patched_all((Engine, "_mark", lambda *_: None))


def noted_late() -> Wrong:
    """What goes out is noted as it was picked, though the worker may have saved in between."""

    def apart(self: Any, most: int) -> Any:
        with self._store.lock:
            photos_bind(self._store)
            batch = batch_pick(self._store.memory, most)
        self._mark([entry for entry in batch if entry.state is RecordState.HERE], RecordState.SENT)
        return batch

    return patched_all((Engine, "_next_batch", apart))


def _forget(unit: Any, id: str) -> None:
    for entry in unit.entries_of(id):
        if entry.state in UNANSWERED:
            unit.drop_entry(entry.change)
    unit.drop_held(id)


def wiped_before_sent() -> Wrong:
    """What leaves the scope is wiped with the work on it that has not been sent."""
    leave = vars(pages)["_leave"]

    def hasty(unit: Any, id: str, gone: Gone) -> None:
        _forget(unit, id) if gone is Gone.REVOKED else leave(unit, id, gone)

    return patched_all((pages, "_leave", hasty))


def cursor_before_page() -> Wrong:
    """The cursor is stored, and then the page."""
    store_page = vars(engine)["page_store"]

    def split(*, store: Any, page: Any) -> None:
        with store.write() as unit:
            unit.put_meta("cursor", page.cursor)
        store_page(store=store, page=page)

    return patched_all((engine, "page_store", split))


def page_in_parts() -> Wrong:
    """A page's records are stored one by one, the cursor with the first."""
    store_page = vars(engine)["page_store"]

    def split(*, store: Any, page: Any) -> None:
        for told in page.changes or [None]:
            store_page(store=store, page=replace(page, changes=(told,) if told else ()))

    return patched_all((engine, "page_store", split))


def strays_stay() -> Wrong:
    """What an answer placed in a grid that was never told stays, though the post there has ended."""
    return patched_all((engine, "strays_leave", lambda **_: None))


def moved_within_leaves() -> Wrong:
    """What moved on within the worker's grids leaves when the grid that it left tells of it."""
    return patched_all((pages, "_stays", lambda *_: False))


def snapshot_wipes_edits() -> Wrong:
    """What a snapshot did not bring is wiped with the edits that wait for it."""
    leave = vars(pages)["_leave"]

    def thorough(unit: Any, id: str, gone: str) -> None:
        _forget(unit, id) if gone == LOST else leave(unit, id, gone)

    return patched_all((pages, "_leave", thorough))


def form_sees_all() -> Wrong:
    """What is saved from a form that lay for a while counts as made on what came meanwhile."""
    offer = vars(collect)["change_offer"]
    return patched_all((collect, "change_offer", lambda **given: offer(**{**given, "base": None})))


def come_as_before() -> Wrong:
    """What an answer places in a grid counts as come by the snapshot of before, new records by the last."""
    place = vars(settle)["_held"]

    def placed(store: Any, unit: Any, entry: Any, before: Any, *told: Any) -> Any:
        held = place(store, unit, entry, before, *told)
        return replace(held, seen=before.seen if before else unit.meta("snapshots") or 0)

    return patched_all((settle, "_held", placed))


def deletes_ignored() -> Wrong:
    """Withdrawn records stay on the tablet."""
    take = vars(pages)["_take"]

    def deaf(store: Any, unit: Any, told: Any, seen: int | None = None) -> None:
        if told.gone is not Gone.DELETED:
            take(store, unit, told, seen)

    return patched_all((pages, "_take", deaf))


def scope_not_left() -> Wrong:
    """The tablet keeps what has left its worker's grids."""
    leave = vars(pages)["_leave"]

    def deaf(unit: Any, id: str, gone: Gone) -> None:
        if gone is not Gone.REVOKED:
            leave(unit, id, gone)

    return patched_all((pages, "_leave", deaf))


def epoch_ignored() -> Wrong:
    """The tablet does not look at the epoch."""
    quiet = lambda *_, **__: False  # noqa: E731
    return patched_all((Engine, "_new_epoch", quiet), (settle, "epoch_note", quiet))


def not_sent_again() -> Wrong:
    """A restored hub does not get back what it lost."""
    return patched_all((recovery, "_ANSWERED", frozenset()))


def sent_again_renamed() -> Wrong:
    """A restored hub gets everything again under new ids."""
    note = vars(recovery)["epoch_note"]

    def renamed(store: Any, unit: Any, epoch: str, **options: Any) -> bool:
        before = set(unit.delta.entries)
        found: bool = note(store, unit, epoch, **options)
        for change in [key for key in unit.delta.entries if key not in before]:
            entry = unit.delta.entries[change]
            unit.drop_entry(change)
            unit.put_entry(replace(entry, change=str(uuid7())))
        return found

    return patched_all((engine, "epoch_note", renamed), (settle, "epoch_note", renamed))


def answers_by_position() -> Wrong:
    """Whatever answers come are taken for those of the batch just sent."""

    def trusting(self: Any, entries: Any) -> Any:
        body = {"changes": [vars(client)["wire_form"](entry) for entry in entries]}
        reply = self._send(Request("POST", "sync/push", self._token, body=body))
        answers = [vars(client)["_answer"](item) for item in reply.data["results"]]
        pairs = zip(answers, entries, strict=False)
        return tuple(replace(answer, change=entry.change) for answer, entry in pairs), reply.epoch

    return patched_all((HubClient, "push", trusting))


def refused_taken_for_accepted() -> Wrong:
    """A refused change shows as being at the hub."""

    def pleased(unit: Any, entry: Any, answer: Any) -> None:
        unit.put_entry(vars(settle)["_answered"](entry, answer, RecordState.HUB))

    return patched_all((settle, "_refused", pleased))


def revoked_wipes_all() -> Wrong:
    """A tablet taken out of use forgets the work that it has not sent."""
    leave = vars(recall)["everything_leave"]

    def thorough(*, store: Any) -> None:
        leave(store=store)
        with store.write() as unit:
            for change in list(store.memory.entries):
                unit.drop_entry(change)

    return patched_all((recall, "everything_leave", thorough))


def older_copy_not_minded() -> Wrong:
    """A tablet goes on from an older copy of its folder as if nothing were missing."""
    return patched_all((vault, "_copy_mind", lambda _: None))
