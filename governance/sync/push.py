"""What a tablet pushes: decoded change by change, so that a bad one spoils no other."""

import json
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec

from governance.access.actor import Actor
from governance.contract import Change, Problem, Result, Status
from governance.contract.parse import BadValue, moment
from governance.contract.wire import MAX_BATCH
from governance.feed.selectors import epoch
from governance.records.services.apply import Applied, batch_apply
from governance.records.services.trail import malformed_keep
from governance.sync.follow import map_follow
from governance.sync.form import form_problem
from governance.sync.http import Malformed, TooLarge
from governance.sync.parting import items_of, member_of

_LAST_VERSION = 2**63 - 1  # what a database's column of versions holds


class _Offer(msgspec.Struct, forbid_unknown_fields=True):
    change: UUID
    kind: str
    id: UUID
    base: Annotated[int, msgspec.Meta(ge=0, le=_LAST_VERSION)] | None = None
    set: dict[str, Any] = {}
    delete: bool = False
    captured_at: str | None = None
    position: dict[str, float | str | None] | None = None
    known: dict[str, list[str]] | None = None


class _Sound(msgspec.Struct):
    changes: list[_Offer]


class _Envelope(msgspec.Struct):
    changes: list[msgspec.Raw]


_NOT_OF_FORM = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_sound = msgspec.json.Decoder(_Sound)
_envelope = msgspec.json.Decoder(_Envelope)
_offer = msgspec.json.Decoder(_Offer)


def push_apply(actor: Actor, data: bytes) -> Applied:
    """Apply the changes of one push; one result a change, in the order sent.

    The epoch is told where something was stored, as it was before that.

    Raises
    ------
    Malformed, TooLarge
        The body as a whole is not of the protocol's form, or carries too many changes.
    """
    sound = _sound_changes(data)
    offers = changes_parted(data) if sound is None else []
    count = len(offers if sound is None else sound)
    if count > MAX_BATCH:
        raise TooLarge(f"一次最多{MAX_BATCH}条，本次{count}条，请分批上传", "count")
    actor = map_follow(actor, moved=False)
    said = epoch() if offers else ""
    decoded = [_decode(actor, bytes(offer)) for offer in offers] if sound is None else sound
    good = [change for change in decoded if isinstance(change, Change)]
    applied = batch_apply(actor, good)
    results = iter(_told(actor, applied.results))
    told = [next(results) if isinstance(change, Change) else change for change in decoded]
    return Applied(told, said or applied.epoch)


def _told(actor: Actor, results: list[Result]) -> list[Result]:
    """Give the results as the device may know them: a retired one is not told the records either."""
    if actor.hands_in:
        for result in results:
            result.record = None
    return results


def _sound_changes(data: bytes) -> list[Change] | None:
    """Read a push in one go; None where any of its changes has not the protocol's form."""
    try:
        return [_change(offer) for offer in _sound.decode(data).changes]
    except (*_NOT_OF_FORM, BadValue):
        return None


def changes_parted(data: bytes) -> list[msgspec.Raw]:
    """Give the array ``changes`` of a push, each change as the text it came as, whatever it holds.

    Raises
    ------
    Malformed
        There is none.
    """
    try:
        return _envelope.decode(data).changes
    except _NOT_OF_FORM:
        items = items_of(member_of(data, "changes") or b"")
    if items is None:
        raise Malformed("请求体不是完整的 JSON，或缺少 changes 数组")
    return [msgspec.Raw(item) for item in items]


def _decode(actor: Actor, data: bytes) -> Change | Result:
    try:
        return _change(_offer.decode(data))
    except msgspec.ValidationError as error:
        return _malformed(actor, data, form_problem(str(error)))
    except BadValue as error:
        return _malformed(actor, data, Problem("captured_at", error.args[0], "现场时间：" + error.args[1]))
    except _NOT_OF_FORM:
        return _malformed(actor, data, Problem("", "type", "不是有效的 JSON"))


def _change(offer: _Offer) -> Change:
    return Change(
        change=offer.change,
        kind=offer.kind,
        id=offer.id,
        base=offer.base,
        set=offer.set,
        delete=offer.delete,
        captured_at=None if offer.captured_at is None else moment(offer.captured_at),
        position=offer.position,  # type: ignore[arg-type]
        known=offer.known,
    )


def _malformed(actor: Actor, data: bytes, problem: Problem) -> Result:
    """Answer a change that has not the protocol's form; it is kept whole under its id, if it has one."""
    text = data.decode(errors="replace")
    try:
        change = UUID(str(json.loads(member_of(data, "change") or b"")))
    except (ValueError, RecursionError):
        change = uuid5(UUID(int=0), data.hex())
    return malformed_keep(actor, Result(change, Status.REJECTED, None, [problem]), text)
