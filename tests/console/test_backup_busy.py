"""A backup or restore that something stands in the way of ends in words, and changes nothing."""

import os
import threading
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from governance.audit.models import AuditEntry
from governance.console.backup import postgresql, sqlite
from governance.console.backup.errors import BackupError
from governance.console.backup.services import backup_restore, backup_take
from governance.feed.selectors import epoch
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_backup_or_restore_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def others_try(part: Path) -> None:
        with pytest.raises(BackupError, match="正在进行"):
            backup_take(tmp_path / "backup")
        with pytest.raises(BackupError, match="正在进行"):
            backup_restore(tmp_path / "earlier", force=True, discard=True, say=lambda _: None)
        part.write_bytes(b"whole")

    before = epoch()
    for way in (sqlite, postgresql):
        monkeypatch.setattr(way, "database_write", others_try)
    backup_take(tmp_path / "backup")
    assert (tmp_path / "backup").read_bytes() == b"whole"
    assert epoch() == before
    backup_take(tmp_path / "next")


def test_a_backup_has_its_name_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, synced = os.fsync, list[tuple[int, bool]]()

    def watched(handle: int) -> None:
        fsync(handle)
        synced.append((os.fstat(handle).st_ino, (tmp_path / "backup").exists()))

    for way in (sqlite, postgresql):
        monkeypatch.setattr(way, "database_write", lambda part: part.write_bytes(b"whole"))
    monkeypatch.setattr(os, "fsync", watched)
    backup_take(tmp_path / "backup")
    assert synced == [((tmp_path / "backup").stat().st_ino, False), (tmp_path.stat().st_ino, True)]


if connection.vendor == "postgresql":  # on SQLite a restore puts another file in place

    def test_a_forced_restore_that_waits_in_a_circle_with_the_hub_says_so(tmp_path: Path) -> None:
        factories.user("clerk", "community_staff")
        before = epoch()
        backup_take(tmp_path / "backup")
        table = AuditEntry._meta.db_table
        address = connection.get_connection_params() | {"autocommit": True}
        address = {
            name: address[name] for name in ("host", "port", "user", "password", "dbname") if name in address
        }
        with psycopg.connect(**address) as other:
            other.execute("SET deadlock_timeout = '60s'")  # so that the restore is the one to give way
            other.execute("BEGIN")
            other.execute("LOCK TABLE sync_upload IN SHARE MODE")
            waiting = threading.Timer(0.5, lambda: other.execute(f"LOCK TABLE {table} IN SHARE MODE"))
            waiting.start()
            with pytest.raises(BackupError, match="先停止平台"):
                backup_restore(tmp_path / "backup", force=True, discard=True, say=lambda _: None)
            waiting.join()
            other.execute("ROLLBACK")
        assert epoch() == before
