"""Reading files (文件读取): within the right to read the record a file belongs to, with a trace."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.policy import may_read, may_reveal
from governance.audit.services import audit_append
from governance.contract import KINDS, Field, Sensitivity
from governance.records.files.errors import FileMissing, FileWaiting
from governance.records.files.inspect import PDF
from governance.records.files.storage import content_name, stored_read, thumb_name
from governance.records.files.strip import stripped
from governance.records.models import FileUse, StoredFile
from governance.records.rows import Held, rows_read
from governance.records.veil import veiled


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it is given: stripped of what the photo says beside the picture."""

    data: bytes
    media_type: str
    name: str


def file_read(actor: Actor, id_: UUID, *, thumb: bool = False) -> Served:
    """Give a file, or its thumbnail, to whoever may read the record it belongs to; leaves a trace.

    Raises
    ------
    FileMissing
        No record that the actor may read names it, or there is nothing to see (a PDF's thumbnail).
    FileWaiting
        Such a record does, but the file has not arrived.
    Forbidden
        It can show people, and the actor may not see full values.
    """
    held, field = _place_of(actor, id_)
    if not may_view(actor, held, field):
        raise Forbidden("您的角色不能查看这张照片")
    served = file_serve(id_, thumb=thumb)
    with transaction.atomic():
        audit_append(
            actor=actor,
            action="files.thumb" if thumb else "files.read",
            kind=held.kind.name,
            subject=UUID(held.id),
            scope=held.grid,
            detail={"file": str(id_)},
            chain=held.grid,
        )
    return served


def file_serve(id_: UUID, *, thumb: bool = False) -> Served:
    """Give a file, or its thumbnail; who calls has seen to the right and leaves the trace.

    Raises
    ------
    FileMissing
        There is nothing to see (a PDF's thumbnail).
    FileWaiting
        It has not arrived.
    """
    stored = StoredFile.objects.select_related("content").filter(pk=id_).first()
    if stored is None:
        raise FileWaiting("照片还没有传到平台")
    content = stored.content
    if not thumb:
        data = stripped(stored_read(content_name(content.sha256)), content.media_type)
        return Served(data, content.media_type, f"{stored.pk}.{content.media_type.rpartition('/')[2]}")
    if content.media_type == PDF:
        raise FileMissing("这个文件没有缩略图")
    return Served(stored_read(thumb_name(content.sha256)), "image/jpeg", f"{stored.pk}.thumb.jpg")


def files_arrived(ids: Collection[str]) -> dict[str, StoredFile]:
    """Give the files, of those named, that have arrived, by id: one query."""
    if not ids:
        return {}
    rows = StoredFile.objects.select_related("content").filter(pk__in=list(ids))
    return {str(row.pk): row for row in rows}


def named(held: Held, field: Field) -> list[str]:
    """Give the ids of the files that a record names in a field."""
    ids = held.values.get(field.name)
    return [str(id_) for id_ in ids] if isinstance(ids, list) else []


def may_view(actor: Actor, held: Held, field: Field) -> bool:
    """Whether the actor, who may read the record, may see its photos: tablets hold full values anyway."""
    public = field.sensitivity is Sensitivity.PUBLIC
    return public or actor.device_id is not None or may_reveal(actor, held.kind.name, held.grid)


def _seen(actor: Actor, held: Held) -> bool:
    reads = may_read(actor, held.kind.name, held.grid) and not veiled(actor, held.kind, held.values)
    return reads and not held.deleted


def _place_of(actor: Actor, id_: UUID) -> tuple[Held, Field]:
    """Find the record a file belongs to and the field that names it, if the actor may read the record."""
    use = FileUse.objects.filter(pk=id_).first()
    if use is not None and use.kind in KINDS:
        held = rows_read(use.kind, [str(use.record)]).get(str(use.record))
        if held is not None and _seen(actor, held):
            for field in held.kind.files:
                if str(id_) in named(held, field):
                    return held, field
    raise FileMissing("没有这个文件，或您无权查看")
