"""The life of an upload (上传过程): begun, continued, finished into a stored file, given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden, Refused
from governance.access.services.throttle import throttle_hit
from governance.contract import uuid7
from governance.records.files.errors import FileMissing, Unacceptable
from governance.records.models import StoredFile
from governance.records.services.files import Arrived, content_keep, file_enter
from governance.sync.files.parts import Part, Readable, part_locked, part_path
from governance.sync.files.quota import OverQuota, device_lock, quota_check
from governance.sync.files.tus import Checksum, ChecksumWrong, OffsetWrong, Said
from governance.sync.http import Malformed
from governance.sync.models import Upload

_BEGUN_A_MINUTE = 600
_MB = 1024 * 1024


class Taken(Refused):
    """The id belongs to another file."""

    status = 409
    code = "taken"


class FileTooLarge(Refused):
    """More bytes than a file may have, or than were declared."""

    status = 413
    code = "too_large"


class Expired(Refused):
    """The upload was given up because nothing came for too long."""

    status = 410
    code = "expired"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has come; ``expires_at`` is None once it is stored for good."""

    id: UUID
    offset: int
    length: int
    expires_at: datetime | None = None
    metadata: str = ""


def upload_begin(actor: Actor, length: int, said: Said) -> Progress:
    """Begin an upload, or say how far the one begun before under the same id has come.

    Raises
    ------
    FileTooLarge, Malformed, OverQuota, Taken, Unacceptable
    """
    if length > max_size():
        raise FileTooLarge(f"文件超过{settings.FILES_MAX_MB}MB")
    if length == 0:
        raise Malformed("文件是空的")
    wait = throttle_hit(key=f"files:{actor.device_id}", limit=_BEGUN_A_MINUTE, seconds=60)
    if wait:
        raise OverQuota("上传过于频繁，请稍候", wait=wait)
    with transaction.atomic():
        device = device_lock(actor)
        known = _known(actor, length, said)
        if known is not None:
            return known
        quota_check(device, length)
        now = timezone.now()
        upload = Upload.objects.create(
            id=said.id or uuid7(),
            device=device.pk,
            user=device.worker_id,
            length=length,
            sha256=said.sha256,
            name=said.name,
            kind=said.kind,
            record=said.record,
            taken_at=said.taken_at,
            metadata=said.whole,
            created_at=now,
            touched_at=now,
        )
    return _progress(upload)


def upload_get(actor: Actor, id_: UUID) -> Progress:
    """Say how far an upload of the worker's own has come; one that is stored is whole.

    Raises
    ------
    FileMissing, Expired, Unacceptable
    """
    upload = _own(actor, id_)
    if upload is not None:
        return _progress(upload)
    stored = StoredFile.objects.select_related("content").filter(pk=id_).first()
    if stored is None or stored.user != actor.user_id:
        raise FileMissing("没有这个上传")
    return _whole(stored)


def upload_append(
    actor: Actor, id_: UUID, offset: int, carried: int, request: Readable, check: Checksum | None
) -> Progress:
    """Take the next bytes of an upload; the last ones make it a stored file.

    Nothing is confirmed before it is on the disk, nor the last byte before the file is stored.

    Raises
    ------
    FileMissing, Expired, Locked, OffsetWrong, FileTooLarge, ChecksumWrong, Unacceptable, StorageFull
    """
    _continue_check(upload_get(actor, id_), offset, carried)  # before a file is made for what is not there
    with part_locked(id_) as part:
        progress, upload = upload_get(actor, id_), _own(actor, id_)
        _continue_check(progress, offset, carried)
        if upload is None:  # finished by another request just before
            part.remove()
            return progress
        if carried == 0:
            return progress
        reached = part.append(request, offset, carried, check)
        if reached == upload.length:
            _finish(actor, upload, part)
        else:
            _advance(upload, reached)
    return Progress(upload.pk, reached, upload.length, None if reached == upload.length else _expiry(upload))


def upload_end(actor: Actor, id_: UUID) -> None:
    """Give an upload up; what is stored already stays.

    Raises
    ------
    FileMissing, Forbidden, Locked
    """
    if _own(actor, id_) is None:
        upload_get(actor, id_)
        raise Forbidden("文件已入库，不能撤回")
    with part_locked(id_) as part:
        Upload.objects.filter(pk=id_).delete()
        part.remove()


def max_size() -> int:
    """Bytes of a file at most."""
    return int(settings.FILES_MAX_MB) * _MB


def patience() -> timedelta:
    """How long an upload is kept for which nothing comes."""
    return timedelta(days=settings.FILES_UNFINISHED_DAYS)


def _own(actor: Actor, id_: UUID) -> Upload | None:
    upload = Upload.objects.filter(pk=id_).first()
    return upload if upload is not None and upload.user == actor.user_id else None


def _known(actor: Actor, length: int, said: Said) -> Progress | None:
    """Find what was begun or stored under the id before: a repeated request changes nothing."""
    if said.id is None:
        return None
    upload = Upload.objects.filter(pk=said.id).first()
    if upload is not None:
        if (upload.user, upload.length, upload.sha256) != (actor.user_id, length, said.sha256):
            raise Taken("这个编号已用于另一个上传")
        upload.device, upload.touched_at = actor.device_id or upload.device, timezone.now()
        mine = Upload.objects.filter(pk=upload.pk)
        if mine.update(device=upload.device, touched_at=upload.touched_at):
            return _progress(upload)
    # Looked for behind the upload, which ends in the moment its file is stored, or is cleared away.
    stored = StoredFile.objects.select_related("content").filter(pk=said.id).first()
    if stored is None:
        return None
    same = said.sha256 == stored.content_id or (not said.sha256 and stored.user == actor.user_id)
    if not same or stored.content.size != length:
        raise Taken("这个编号已用于另一个文件")
    return _whole(stored)


def _progress(upload: Upload) -> Progress:
    """Say how far an upload has come: no further than its bytes are really there."""
    if upload.refused:
        raise Unacceptable(upload.refused)
    if _expiry(upload) < timezone.now():
        raise Expired("上传已过期，请从头再传")
    path = part_path(upload.pk)
    there = path.stat().st_size if path.exists() else 0
    return Progress(upload.pk, min(upload.offset, there), upload.length, _expiry(upload), upload.metadata)


def _whole(stored: StoredFile) -> Progress:
    return Progress(stored.pk, stored.content.size, stored.content.size)


def _expiry(upload: Upload) -> datetime:
    return upload.touched_at + patience()


def _continue_check(progress: Progress, offset: int, carried: int) -> None:
    if offset != progress.offset:
        raise OffsetWrong(f"已收到{progress.offset}字节，请从那里接着传")
    if carried > progress.length - offset:
        raise FileTooLarge("内容比声明的长度长")


def _advance(upload: Upload, offset: int) -> None:
    upload.offset, upload.touched_at = offset, timezone.now()
    upload.save(update_fields=["offset", "touched_at"])


def _finish(actor: Actor, upload: Upload, part: Part) -> None:
    """Check the whole and store it; the upload ends in the transaction that enters the file.

    Raises FileMissing where it was given up meanwhile.
    """
    digest = part.sha256()
    if upload.sha256 and digest != upload.sha256:
        part.empty()
        _advance(upload, 0)
        raise ChecksumWrong("收到的文件与声明的 SHA-256 不符，请从头再传")
    arrived = Arrived(upload.pk, part.path, digest, upload.name, upload.kind, upload.record, upload.taken_at)
    try:
        content = content_keep(arrived)
    except Unacceptable as error:
        upload.refused = error.reason
        upload.save(update_fields=["refused"])
        part.remove()
        raise
    with transaction.atomic():
        # A process that was killed leaves its lock at once; what it had sent the database still comes true.
        if Upload.objects.filter(pk=upload.pk).delete()[0]:
            file_enter(actor=actor, arrived=arrived, content=content)
        else:
            upload_get(actor, upload.pk)
    part.remove()
