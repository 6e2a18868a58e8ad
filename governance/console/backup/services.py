"""Taking and restoring backups, whatever the database; see docs/design/restore.md."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction

from governance.access.actor import HUB
from governance.audit.models import AuditHead
from governance.audit.services import audit_append
from governance.console.backup import postgresql, sqlite
from governance.console.backup.errors import BackupError
from governance.console.hub.presence import running
from governance.contract import CITY
from governance.feed.selectors import epoch
from governance.feed.services import epoch_start
from governance.records.files.storage import folder_sync

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a database says of itself: its epoch, and its audit by number of links and one digest."""

    epoch: str
    audited: int
    digest: str


def backup_take(file: Path) -> str:
    """Write a consistent backup while the hub runs; give its SHA-256 (hex).

    Raises
    ------
    BackupError
        The file is there already, or cannot be written, or the database cannot be read; or another backup or
        restore is under way.
    """
    with _alone():
        if file.exists():
            raise BackupError(f"{file} 已存在，不覆盖")
        digest = _written(file)
    with transaction.atomic():
        detail = {"file": file.name, "sha256": digest, "epoch": epoch()}
        audit_append(actor=HUB, action="hub.backup", chain=CITY, detail=detail)
    return digest


def backup_restore(file: Path, *, force: bool, discard: bool, say: Say) -> str:
    """Put a backup in the place of what is there, as one transaction, and begin a new epoch; give it.

    Parameters
    ----------
    file : Path
    force : bool
        Also while the hub runs.
    discard : bool
        Do not keep what is there now, as where it cannot be read any more.
    say : callable
        Takes lines of progress, Chinese.

    Raises
    ------
    BackupError
        Nothing was changed.
    """
    with _alone():
        return _restored(file, force=force, discard=discard, say=say)


@contextmanager
def _alone() -> Iterator[None]:
    """Keep this machine's other backups and restores away: they would write to the same files."""
    with (settings.VAR / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("另一个备份或恢复正在进行，请等它结束后再做") from None
        yield


def _restored(file: Path, *, force: bool, discard: bool, say: Say) -> str:
    on_sqlite = connection.vendor == "sqlite"
    if not on_sqlite and not _set_up():
        call_command("migrate", verbosity=0, interactive=False)
        discard = True
    (sqlite if on_sqlite else postgresql).database_check(file)
    if not force and (running() or (not on_sqlite and postgresql.others())):
        raise BackupError("平台正在运行或有人连着数据库：请先停止平台，或加 --force")
    replaced = None
    if not discard and _set_up():
        kept, replaced = _set_aside()
        say(f"现有数据另存为 {kept}")
    detail: dict[str, object] = {"file": file.name, "sha256": _digest(file)}
    if replaced is not None:
        detail["replaced"] = asdict(replaced)
    return _put_file(file, detail) if on_sqlite else _put_tables(file, detail)


def _put_file(file: Path, detail: dict[str, object]) -> str:
    """Bring a copy up to date and into the new epoch, then put it in place in one step."""
    target = sqlite.live()
    with sqlite.working_copy(file, settings.VAR) as copy:
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            begun = _begin(detail)
        connection.close()
        sqlite.database_replace(target, copy)
    return begun


def _put_tables(file: Path, detail: dict[str, object]) -> str:
    """Load the tables; a hub that runs may hold what is to be emptied, and wait for what is held here."""
    try:
        with transaction.atomic():
            postgresql.database_load(file)
            return _begin(detail)
    except OperationalError as error:
        raise BackupError(f"恢复没有做成：{error}；平台在运行时会这样，请先停止平台再恢复") from error


@transaction.atomic
def epoch_begin() -> str:
    """Begin a new epoch after the database was set back by other means; give it."""
    return _begin({"file": ""})


def _begin(detail: dict[str, object]) -> str:
    """Begin the epoch and say so in the audit, whose chain goes on from where the backup left it."""
    ContentType.objects.clear_cache()
    before = epoch()
    begun = epoch_start()
    detail = {**detail, "epoch_of_backup": before, "epoch": begun}
    audit_append(actor=HUB, action="hub.restore", chain=CITY, detail=detail)
    return begun


def _set_up() -> bool:
    """Whether there is a hub in the database at all, and not a fresh machine."""
    try:
        return "feed_epoch" in connection.introspection.table_names()
    except DatabaseError:
        return True


def _set_aside() -> tuple[Path, Standing]:
    """Keep what a restore replaces: its newest audit entries are nowhere else."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    file = settings.VAR / f"before-restore-{stamp}.hub"
    try:
        standing = _standing()
        _written(file)
    except (BackupError, DatabaseError) as error:
        raise BackupError(f"现有数据读不出，不能另存：{error}；确认不要它时加 --discard") from error
    return file, standing


def _standing() -> Standing:
    links, digest = 0, hashlib.sha256()
    for chain, seq, mark in AuditHead.objects.order_by("chain").values_list("chain", "seq", "hash"):
        links += seq
        digest.update(f"{chain} {seq} {mark}\n".encode())
    return Standing(epoch(), links, digest.hexdigest())


def _written(file: Path) -> str:
    """Write the database to a file that is whole once it has its name; give its SHA-256."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        part.touch(mode=0o600)
        (sqlite if connection.vendor == "sqlite" else postgresql).database_write(part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        part.rename(file)
        folder_sync(file.parent)
    except OSError as error:
        raise BackupError(f"{file} 写不成：{error}") from error
    finally:
        part.unlink(missing_ok=True)
    return digest


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
