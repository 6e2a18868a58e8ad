"""Taking in a bundle (收数据包): checked, applied as its sender's own push, answered by a receipt.

Whoever carries it only carries: History and inbox name the sender, the audit names both.
"""

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Throttled
from governance.access.models import Device
from governance.access.models.device import Revocation
from governance.access.scope import Scope
from governance.access.selectors import actor_for_device
from governance.access.services.throttle import throttle_hit
from governance.audit.services import audit_append
from governance.contract import Result
from governance.contract.envelope import (
    BUNDLE,
    MAX_CHANGES,
    MAX_FILE,
    RECEIPT,
    Envelope,
    EnvelopeError,
    Header,
    envelope_open,
    envelope_read,
    envelope_seal,
)
from governance.feed.selectors import epoch
from governance.sync.bundles.device_keys import Known, device_keys_find
from governance.sync.bundles.hub_keys import HubKey, hub_keys
from governance.sync.bundles.photos import Piece, pieces_take
from governance.sync.bundles.refusals import BundleRefused
from governance.sync.http import Malformed
from governance.sync.models import BundlePart
from governance.sync.parting import member_of
from governance.sync.push import changes_parted, push_apply

PURPOSE = "离线数据包代交"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Body:
    """What is sealed in a bundle; the changes as they were written."""

    changes: list[msgspec.Raw]
    files: list[Piece]


@dataclass(frozen=True, slots=True)
class Taken:
    """A bundle's file that was taken in.

    ``receipt`` is the file for its sender, ``worker`` his name for people, ``statuses`` counts the
    results, ``files`` what became of files.
    """

    header: Header
    receipt: bytes
    device: str
    worker: str
    statuses: dict[str, int]
    files: dict[str, int]


def bundle_take(*, carrier: Actor, data: bytes) -> Taken:
    """Apply a bundle's file and give its receipt; one handed in before gets the same answers again.

    Parameters
    ----------
    carrier : Actor
        Who hands it in: a tablet, someone at a centre's computer, or the hub itself.
    data : bytes
        The file.

    Raises
    ------
    BundleRefused
        Cut, altered, forged, someone else's, or handed in before the part it follows.
    Throttled
        The carrier hands in too many.
    """
    _hold_pace(carrier)
    try:
        return _take(carrier, data)
    except BundleRefused as error:
        with transaction.atomic():
            audit_append(
                actor=carrier,
                action="bundle.refuse",
                chain=f"user:{carrier.username}",
                detail={"code": error.code},
            )
        raise


def _hold_pace(carrier: Actor) -> None:
    """Count people and tablets; the hub's own command may take what it is given."""
    if carrier.by_hub:
        return
    key = f"bundle:{carrier.device_id or carrier.username}"
    wait = throttle_hit(key=key, limit=settings.BUNDLES_PER_MINUTE, seconds=60)
    if wait:
        raise Throttled("代交过于频繁，请稍后再试", wait=wait)


def _take(carrier: Actor, data: bytes) -> Taken:
    said = epoch()  # read first: what a restore loses again must not be answered under the new one
    header, known, key, plain = _opened(data)
    _check_order(header)
    actor = _sender(known.device, carrier)
    results: list[Result] = []
    body = _body(plain)
    for push in _pushes(body):
        results += push_apply(actor, push).results
    files = pieces_take(actor, body.files)
    statuses = dict(Counter(result.status.value for result in results))
    fates = dict(Counter(file.status for file in files))
    _note(carrier, known.device, header, statuses, fates)
    receipt = envelope_seal(
        replace(header, type=RECEIPT),
        msgspec.json.encode({"epoch": said, "results": results, "files": files}),
        receiver=known.receipt,
        signer=key.sign,
    )
    return Taken(header, receipt, known.device.name, known.device.worker.get_full_name(), statuses, fates)


def _opened(data: bytes) -> tuple[Header, Known, HubKey, bytes]:
    if len(data) > MAX_FILE:
        raise BundleRefused("too_large", f"超过{MAX_FILE // 1024 // 1024}MB")
    try:
        envelope = envelope_read(data)
        known, key = _parties(envelope)
        plain = envelope_open(envelope, receiver=key.seal, signer=known.sign)
    except EnvelopeError as error:
        raise BundleRefused.of(error) from None
    return envelope.header, known, key, plain


def _parties(envelope: Envelope) -> tuple[Known, HubKey]:
    header = envelope.header
    if header.type != BUNDLE:
        raise BundleRefused("form", "这是回执，请交还给导出数据包的终端")
    known = device_keys_find(UUID(header.device))
    if known is None:
        raise BundleRefused("device", "平台不认识导出它的终端")
    key = next((key for key in hub_keys() if key.id == header.key), None)
    if key is None:
        raise BundleRefused("key", "不是为本平台导出的，或平台密钥已更换，请终端联网后重新导出")
    return known, key


def _check_order(header: Header) -> None:
    """Refuse a part before the one it follows: a record may be made in one and changed in the next."""
    before = {"device": header.device, "bundle": header.bundle, "part": header.part - 1}
    if header.part > 1 and not BundlePart.objects.filter(**before).exists():
        raise BundleRefused("order", f"共{header.parts}份，请先交第{header.part - 1}份")


def _sender(device: Device, carrier: Actor) -> Actor:
    """Give the actor whose work it is: as in a push, and where a push would be refused all goes to the inbox.

    A device reported lost, or retired too long ago, serves no grid: what it sends is kept under its
    worker's name for those who look after the grids it concerns.
    """
    actor = actor_for_device(device, PURPOSE, carrier.address)
    running = device.push_until is not None and device.push_until > timezone.now()
    if device.revoked_at is None or (device.revoked_as == Revocation.RETIRED and running):
        return actor
    return replace(actor, scope=Scope(), hands_in=True)


def _body(plain: bytes) -> _Body:
    try:
        files = member_of(plain, "files")
        pieces = [] if files is None else msgspec.json.decode(files, type=list[Piece])
        body = _Body(changes_parted(plain), pieces)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Malformed):
        raise BundleRefused("form", "内容不是约定的格式") from None
    if len(body.changes) > MAX_CHANGES or len(body.files) > MAX_CHANGES:
        raise BundleRefused("too_large", f"超过{MAX_CHANGES}条")
    return body


def _pushes(body: _Body) -> list[bytes]:
    changes = body.changes
    groups = (changes[at : at + _AT_ONCE] for at in range(0, len(changes), _AT_ONCE))
    return [msgspec.json.encode({"changes": group}) for group in groups]


@transaction.atomic
def _note(
    carrier: Actor, device: Device, header: Header, statuses: dict[str, int], files: dict[str, int]
) -> None:
    now = timezone.now()
    changes = sum(statuses.values())
    BundlePart.objects.update_or_create(
        device=device,
        bundle=header.bundle,
        part=header.part,
        defaults={"last_at": now},
        create_defaults={
            "counter": header.counter,
            "parts": header.parts,
            "changes": changes,
            "first_at": now,
            "last_at": now,
        },
    )
    audit_append(
        actor=carrier.for_purpose(PURPOSE),
        action="bundle.take",
        count=changes,
        chain=f"user:{device.worker.username}",
        detail={
            "device": header.device,
            "bundle": header.bundle,
            "counter": header.counter,
            "part": header.part,
            "parts": header.parts,
            "results": statuses,
            "files": files,
        },
    )
