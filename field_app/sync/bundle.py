"""The outbox as a file (数据包), and the receipt that settles it (回执); docs/design/bundles.md.

A bundle carries everything the hub has not answered, oldest first, so that a later one never
lacks what an earlier one held. Nothing is dropped here before the hub's receipt, or its answer to a push.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import overload

from field_app.store.memory import Memory
from field_app.store.state import UNANSWERED, Entry, RecordState
from field_app.store.store import Store
from field_app.sync.bundle_keys import hub_key_find, hub_key_newest, keys_own
from field_app.sync.bundle_photos import (
    PART_BYTES,
    Fate,
    fates_read,
    fates_settle,
    photos_note,
    photos_parted,
    photos_pick,
    pieces_body,
)
from field_app.sync.client import Answer, answers_read, wire_form
from field_app.sync.engine import SyncReport
from field_app.sync.errors import BundleError
from field_app.sync.photos import originals_thin, photos_bind
from field_app.sync.queue import ordered
from field_app.sync.settle import answers_settle
from governance.contract import uuid7
from governance.contract.envelope import (
    BUNDLE,
    MAX_CHANGES,
    MAX_PLAIN,
    MAX_RECEIPT,
    RECEIPT,
    Envelope,
    EnvelopeError,
    Header,
    envelope_open,
    envelope_read,
    envelope_seal,
)

_HEAD, _TAIL = b'{"changes":[', b"]}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An export: its id, its number, the files it is to be written as, the changes and photos in them.

    ``photos_left`` counts the photos that found no room; ``fresh`` are the changes that had not gone out yet.
    """

    id: str
    counter: int
    files: Sequence[bytes]
    changes: tuple[str, ...]
    photos: tuple[str, ...] = ()
    photos_left: int = 0
    fresh: tuple[str, ...] = ()


class _Parts(Sequence[bytes]):
    """The files of an export, each sealed when it is asked for: photos never lie in memory together."""

    def __init__(self, bodies: Sequence[Callable[[], bytes]], seal: Callable[[int, bytes], bytes]) -> None:
        self._bodies = bodies
        self._seal = seal

    def __len__(self) -> int:
        return len(self._bodies)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self._seal(range(1, len(self) + 1)[place], self._bodies[place]())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt settled; ``known`` counts answers that were there already, ``photos`` what is stored."""

    bundle: str
    part: int
    parts: int
    report: SyncReport
    known: int
    photos: int = 0
    photos_refused: int = 0
    photos_again: int = 0

    @property
    def text(self) -> str:
        """One Chinese line for people."""
        settled = f"{sum(self.report.pushed.values())}条得到平台答复"
        photos = [f"{self.photos}张照片已到平台"] if self.photos else []
        photos += [f"{self.photos_refused}张照片平台不收"] if self.photos_refused else []
        photos += (
            [f"{self.photos_again}张照片平台还没有收下，请再导出或联网同步"] if self.photos_again else []
        )
        parts = [settled, *photos, *self.report.remarks]
        return "，".join([*parts, f"{self.known}条先前已了结"] if self.known else parts)


def bundle_make(
    *, store: Store, most: int = MAX_CHANGES, most_bytes: int = MAX_PLAIN, photo_bytes: int = PART_BYTES
) -> Bundle:
    """Seal all unanswered changes, and photos behind them; that they go out is on the disk first.

    Raises
    ------
    BundleError
        Nothing waits, or the hub's keys are not known yet.
    StoreError
        It could not be noted; there is no bundle.
    """
    with store.lock:
        device = str(store.memory.meta.get("device") or "")
        hub, keys = hub_key_newest(store.memory), keys_own(store.memory, device)
        if keys is None:
            raise BundleError("本机的密钥还没有登记到平台，请先联网同步一次")
        photos_bind(store)
        entries = bundle_pick(store.memory)
        photos, left = photos_pick(store)
        if not entries and not photos:
            raise BundleError("没有要导出的：本机的都已得到平台答复")
        counter = _counter(store.memory) + 1
        _note_going(store, entries, counter)
    changes = [json.dumps(wire_form(entry), ensure_ascii=False).encode() for entry in entries]
    bodies: list[Callable[[], bytes]] = [partial(bytes, body) for body in _bodies(changes, most, most_bytes)]
    bodies += [partial(pieces_body, store, pieces) for pieces in photos_parted(photos, photo_bytes)]
    first = Header(BUNDLE, device, str(uuid7()), hub.id, counter, 1, len(bodies))

    def seal(part: int, body: bytes) -> bytes:
        return envelope_seal(replace(first, part=part), body, receiver=hub.seal, signer=keys.sign)

    carried = tuple(entry.change for entry in entries)
    fresh = tuple(entry.change for entry in entries if entry.state is RecordState.HERE)
    return Bundle(
        first.bundle, counter, _Parts(bodies, seal), carried, tuple(photo.id for photo in photos), left, fresh
    )


def _note_going(store: Store, entries: Sequence[Entry], counter: int) -> None:
    with store.write() as unit:
        unit.put_meta("exports", counter)
        for entry in entries:
            if entry.state is RecordState.HERE:
                unit.put_entry(replace(entry, state=RecordState.SENT))


def bundle_note(*, store: Store, bundle: Bundle) -> None:
    """Note that the bundle's files are written: what it carries now waits for the receipt."""
    with store.lock:
        with store.write() as unit:
            for change in bundle.changes:
                entry = store.memory.entries.get(change)
                if entry is not None and entry.state in UNANSWERED:
                    unit.put_entry(replace(entry, exported=bundle.counter))
        photos_note(store, bundle.photos, bundle.counter)


def bundle_drop(*, store: Store, bundle: Bundle) -> None:
    """Take back that the bundle's changes go out, as nothing of it was written."""
    with store.write() as unit:
        for change in bundle.fresh:
            entry = store.memory.entries.get(change)
            if entry is not None and entry.state is RecordState.SENT:
                unit.put_entry(replace(entry, state=RecordState.HERE))


def bundle_pick(memory: Memory) -> list[Entry]:
    """Give what a bundle carries: all unanswered changes in the order in which they are to be applied.

    A change that waits for a restored hub stays, and so do later ones of its record.
    """
    waiting = {entry.id for entry in memory.entries.values() if entry.deferred and entry.state in UNANSWERED}
    return [entry for entry in ordered(memory) if entry.id not in waiting]


def receipt_take(*, store: Store, data: bytes) -> Receipt:
    """Settle what a receipt answers, exactly as after a push; one taken before changes nothing.

    Raises
    ------
    BundleError
        Not a receipt, another tablet's, forged, altered, or of a hub from before it was restored.
    StoreError
        Nothing was settled.
    """
    with store.lock:
        try:
            envelope = envelope_read(data)
            plain = _opened(store.memory, envelope)
        except EnvelopeError as error:
            raise BundleError(f"回执没有读入：{error}") from error
        answers, fates, epoch = _content(plain)
        _check_epoch(store.memory, envelope.header, epoch)
        entries = [store.memory.entries.get(answer.change) for answer in answers]
        open_ = [
            (entry, answer)
            for entry, answer in zip(entries, answers, strict=True)
            if entry is not None and entry.state in UNANSWERED
        ]
        sent, fresh = [entry for entry, _ in open_], [answer for _, answer in open_]
        answers_settle(store=store, sent=sent, answers=fresh, epoch=epoch)
        report = SyncReport()
        report.add(store.memory, sent, fresh)
        photos = fates_settle(store, fates, envelope.header.counter)
        originals_thin(store)
    header = envelope.header
    return Receipt(header.bundle, header.part, header.parts, report, len(answers) - len(fresh), *photos)


def _counter(memory: Memory) -> int:
    counter = memory.meta.get("exports")
    return counter if isinstance(counter, int) else 0


def _bodies(changes: Sequence[bytes], most: int, most_bytes: int) -> list[bytes]:
    """Join changes into as few bodies as the limits allow."""
    groups: list[list[bytes]] = []
    size = 0
    for change in changes:
        size += len(change) + 1
        if not groups or len(groups[-1]) >= most or size > most_bytes:
            groups.append([])
            size = len(_HEAD) + len(_TAIL) + len(change) + 1
        groups[-1].append(change)
    return [_HEAD + b",".join(group) + _TAIL for group in groups]


def _opened(memory: Memory, envelope: Envelope) -> bytes:
    header = envelope.header
    keys = keys_own(memory, header.device)
    if header.type != RECEIPT:
        raise BundleError("这是数据包，不是回执；请交给能联网的平板或中心电脑代交")
    if keys is None:
        raise BundleError("这是另一台终端的回执，请交还给它")
    hub = hub_key_find(memory, header.key)
    if hub is None:
        raise BundleError("本机不认识签发这份回执的平台，请先联网同步一次")
    return envelope_open(envelope, receiver=keys.receipt, signer=hub.sign, most=MAX_RECEIPT)


def _content(plain: bytes) -> tuple[tuple[Answer, ...], tuple[Fate, ...], str]:
    try:
        content = json.loads(plain)
        answers, epoch = answers_read(content), content["epoch"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BundleError("回执的内容不是约定的格式") from error
    if not isinstance(epoch, str) or not epoch:
        raise BundleError("回执的内容不是约定的格式")
    return answers, fates_read(content), epoch


def _check_epoch(memory: Memory, header: Header, epoch: str) -> None:
    """Refuse what a hub answered before it was restored: it may have lost it again.

    A bundle made after the present epoch was learnt can only have been answered in it or in a newer one.
    """
    learnt = memory.meta.get("epoch_export")
    over = isinstance(learnt, int) and header.counter <= learnt
    if epoch != memory.meta.get("epoch") and over:
        raise BundleError("平台恢复过备份，这份回执已不作数；数据仍在本机，请联网同步或再导出一次")
