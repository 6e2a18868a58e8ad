"""Photos that a desk adds to a task (窗口收的照片): what was asked for and was not taken at the door."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.scope import Scope
from governance.contract import uuid7
from governance.contract.asks import What, asks_read
from governance.contract.kinds.photos import MOST_PHOTOS
from governance.feed.services import heads_lock
from governance.records.files.inspect import PDF
from governance.records.services.files import Arrived, content_keep, file_enter

_MB = 1024 * 1024


def asks_photos(row: Any) -> bool:
    """Whether a task asks for photos."""
    return any(ask.what is What.PHOTO for ask in asks_read(row.asks))


def photos_keep(actor: Actor, row: Any, given: Sequence["File[bytes]"]) -> list[str]:
    """Store photos for a task; give its list of photos with them. Call it in the step's transaction.

    The grid's stream is taken first, as whoever writes the task does, and its audit chain behind it.

    Raises
    ------
    NotPossible
        Too many, too large, or no photos.
    """
    there = list(row.photos or [])
    if len(there) + len(given) > MOST_PHOTOS:
        raise NotPossible(f"办理照片：最多{MOST_PHOTOS}张，已有{len(there)}张")
    heads_lock([row.grid])
    doer = replace(actor, scope=Scope(frozenset({row.grid})))
    return there + [str(_keep(doer, row, each)) for each in given]


def _keep(actor: Actor, row: Any, given: "File[bytes]") -> UUID:
    name = Path(given.name or "").name[:100]
    if given.size > settings.FILES_MAX_MB * _MB:
        raise NotPossible(f"办理照片：“{name}”超过{settings.FILES_MAX_MB}MB")
    digest = hashlib.sha256()
    with NamedTemporaryFile() as part:
        for chunk in given.chunks():
            digest.update(chunk)
            part.write(chunk)
        part.flush()
        arrived = Arrived(uuid7(), Path(part.name), digest.hexdigest(), name, "task", row.pk)
        content = content_keep(arrived)
    if content.media_type == PDF:
        raise NotPossible(f"办理照片：“{name}”不是照片")
    file_enter(actor=actor, arrived=arrived, content=content)
    return arrived.id
