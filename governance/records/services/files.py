"""Keeping files (文件入库): content once, file by id, and the record each belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.feed.bulk import rows_upsert
from governance.records.files.inspect import inspect
from governance.records.files.storage import content_name, content_write, storage
from governance.records.models import Content, FileUse, StoredFile
from governance.records.services.decide import Outcome


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole file on the hub's disk and what its sender said of it."""

    id: UUID
    path: Path
    sha256: str
    name: str = ""
    kind: str = ""
    record: UUID | None = None
    taken_at: datetime | None = None


def content_keep(arrived: Arrived) -> Content:
    """Check a content and store it, unless it is stored already; not yet entered in the database.

    Raises
    ------
    Unacceptable
        It is not what may be stored.
    OSError
        The storage is full or out of reach.
    """
    known = Content.objects.filter(pk=arrived.sha256).first()
    if known is not None and storage().exists(content_name(arrived.sha256)):
        return known
    facts = inspect(arrived.path)
    content_write(arrived.sha256, arrived.path, facts.thumb)
    return Content(
        sha256=arrived.sha256,
        size=arrived.path.stat().st_size,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        taken_at=facts.taken_at,
        lon=facts.lon,
        lat=facts.lat,
        stored_at=timezone.now(),
    )


def file_enter(*, actor: Actor, arrived: Arrived, content: Content) -> None:
    """Enter a stored content as a file, with a trace; call it in the transaction that ends the upload."""
    with transaction.atomic():
        Content.objects.bulk_create([content], ignore_conflicts=True)
        StoredFile.objects.create(
            id=arrived.id,
            content_id=content.pk,
            name=arrived.name,
            kind=arrived.kind,
            record=arrived.record,
            taken_at=arrived.taken_at,
            device=actor.device_id,
            user=actor.user_id,
            received_at=timezone.now(),
        )
        audit_append(
            actor=actor,
            action="files.keep",
            kind=arrived.kind,
            subject=arrived.record or arrived.id,
            detail={"file": str(arrived.id), "sha256": content.pk, "size": content.size},
            chain=min(actor.scope.grids, default=CITY),
        )


def uses_note(outcomes: Iterable[Outcome]) -> None:
    """Note which record each newly named file belongs to: the first that named it keeps it."""
    rows = [
        {"file": file, "kind": outcome.held.kind.name, "record": outcome.held.id}
        for outcome in outcomes
        if outcome.held is not None
        for item in outcome.held.kind.files
        if isinstance(files := outcome.applied.get(item.name), list)
        for file in files
    ]
    rows_upsert(FileUse, rows, conflict=("file",), keep=True)
