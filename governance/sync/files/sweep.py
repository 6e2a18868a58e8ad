"""Clearing away what was never finished (清理未传完的文件)."""

import time
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from governance.sync.files.parts import Locked, part_locked
from governance.sync.files.uploads import patience
from governance.sync.models import Upload


def uploads_sweep() -> int:
    """Delete the uploads for which nothing came for ``FILES_UNFINISHED_DAYS``; gives their number."""
    old = Upload.objects.filter(touched_at__lt=timezone.now() - patience())
    count = 0
    for id_ in list(old.values_list("pk", flat=True)):
        try:
            with part_locked(id_) as part:
                deleted, _ = old.filter(pk=id_).delete()
                if deleted:
                    part.remove()
                count += deleted
        except Locked:  # somebody is back at it
            continue
    _orphans_remove()
    return count


def _orphans_remove() -> None:
    """Remove old bytes that no upload speaks of, as after a restored database."""
    if not settings.UPLOADS_DIR.is_dir():
        return
    for path in settings.UPLOADS_DIR.glob("*.part"):
        with suppress(FileNotFoundError, Locked):  # finished just now, or begun again
            if time.time() - path.stat().st_mtime <= patience().total_seconds():
                continue
            id_ = UUID(path.stem)
            with part_locked(id_) as part:
                if not Upload.objects.filter(pk=id_).exists():
                    part.remove()
