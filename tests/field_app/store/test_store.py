"""One file: what is committed is there, what is not is as before; nothing personal in the clear."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from field_app.ports.secret import SecretFile
from field_app.store.database import FILE
from field_app.store.errors import FolderBusy, StoreError
from field_app.store.state import Draft, Entry, Held, RecordState
from field_app.store.store import Store
from field_app.store.vault import Vault
from governance.contract import Problem

PIN = "246810"


def vault_at(folder: Path) -> Vault:
    return Vault(folder, SecretFile(folder))


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = vault_at(tmp_path)
    yield vault
    vault.close()


def entry(change: str, record: str, **values: object) -> Entry:
    return Entry(
        0, change, record, "person", None, values, False, "2026-11-22T00:00:00Z", None, RecordState.HERE
    )


def write_and_fail(store: Store) -> None:
    with store.write() as unit:
        unit.drop_entry("c1")
        unit.put_meta("cursor", "x")
        raise RuntimeError


def write_much(store: Store) -> None:
    with store.write() as unit:
        for number in range(500):
            unit.put_held(Held(f"x{number}", "person", "g", 1, {"note": "长" * 300}))


def test_everything_comes_back_after_a_restart(vault: Vault, tmp_path: Path) -> None:
    store = vault.make(PIN)
    answered = replace(
        entry("c2", "r1", phone=None),
        base=3,
        position={"lon": 1.5},
        state=RecordState.REFUSED,
        status="rejected",
        version=4,
        errors=(Problem("phone", "format", "联系方式：应为数字"),),
        deferred=True,
    )
    with store.write() as unit:
        unit.put_held(Held("r1", "person", "g", 3, {"name": "王建国"}, 7, "moved"))
        unit.put_entry(entry("c1", "r1", name="王小明"))
        unit.put_entry(answered)
        unit.put_draft(Draft("d1", "2026-11-22T00:00:00Z", {"kind": "person"}))
        unit.put_meta("cursor", "abc")
    before = store.memory
    vault.close()
    again = vault_at(tmp_path)
    after = again.unlock(PIN).memory
    again.close()
    assert after.held == before.held
    assert after.entries == before.entries
    assert after.drafts == before.drafts
    assert after.meta == before.meta


def test_an_error_inside_a_transaction_leaves_disk_and_memory_as_before(vault: Vault, tmp_path: Path) -> None:
    store = vault.make(PIN)
    with store.write() as unit:
        unit.put_entry(entry("c1", "r1", name="王建国"))
    revision = store.revision
    with pytest.raises(RuntimeError):
        write_and_fail(store)
    assert list(store.memory.entries) == ["c1"]
    assert store.revision == revision
    vault.close()
    again = vault_at(tmp_path)
    memory = again.unlock(PIN).memory
    again.close()
    assert list(memory.entries) == ["c1"]
    assert memory.meta == {}


@contextmanager
def disk_full(room: int) -> Iterator[None]:
    """Let no file grow over so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_the_previous_state_and_says_so(vault: Vault, tmp_path: Path) -> None:
    store = vault.make(PIN)
    with store.write() as unit:
        unit.put_entry(entry("c1", "r1", note="早"))
    size = max((tmp_path / name).stat().st_size for name in (FILE, f"{FILE}-wal"))
    with disk_full(room=size + 8192), pytest.raises(StoreError, match="没有存下"):
        write_much(store)
    assert store.memory.held == {}
    with store.write() as unit:
        unit.put_meta("cursor", "after")
    vault.close()
    again = vault_at(tmp_path)
    memory = again.unlock(PIN).memory
    again.close()
    assert (list(memory.entries), memory.held, memory.meta) == (["c1"], {}, {"cursor": "after"})


@pytest.mark.parametrize("killed", [False, True])
def test_without_any_free_space_it_opens_and_is_read(vault: Vault, tmp_path: Path, killed: bool) -> None:
    with vault.make(PIN).write() as unit:
        unit.put_entry(entry("c1", "r1", note="早"))
    if not killed:
        vault.close()
    copy = shutil.copytree(tmp_path, tmp_path / "as it was found")
    with disk_full(room=4096):
        again = vault_at(copy)
        store = again.unlock(PIN)
        assert list(store.memory.entries) == ["c1"]
        with pytest.raises(StoreError, match="没有存下"):
            write_much(store)
    with store.write() as unit:
        unit.put_meta("cursor", "after")
    again.close()


_KILLED = """
import os, sys
from pathlib import Path
from field_app.ports.secret import SecretFile
from field_app.store.state import Held
from field_app.store.store import Store
from field_app.store.vault import Vault
folder = Path(sys.argv[1])
store = Vault(folder, SecretFile(folder)).unlock("246810")
with store.write() as unit:
    unit.put_held(Held("whole", "person", "g", 1, {}))
with store.write() as unit:
    for number in range(3000):
        unit.put_held(Held(f"part{number}", "person", "g", 1, {"note": "x" * 500}))
    os.kill(os.getpid(), 9)
"""


def test_a_process_killed_in_a_transaction_leaves_the_state_before(vault: Vault, tmp_path: Path) -> None:
    vault.make(PIN)
    vault.close()
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    again = vault_at(tmp_path)
    held = again.unlock(PIN).memory.held
    again.close()
    assert list(held) == ["whole"]


def test_only_one_process_at_a_time(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(FolderBusy, match="正在使用"):
        vault_at(tmp_path)
    vault.close()
    vault_at(tmp_path).close()


def test_the_file_is_set_to_lose_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.make(PIN)
    connection = vault._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_bodies_swapped_between_rows_do_not_open(vault: Vault, tmp_path: Path) -> None:
    store = vault.make(PIN)
    with store.write() as unit:
        unit.put_held(Held("a", "person", "g", 1, {"name": "王"}))
        unit.put_held(Held("b", "person", "g", 1, {"name": "李"}))
    vault.close()
    with sqlite3.connect(tmp_path / FILE) as raw:
        bodies = dict(raw.execute("SELECT id, body FROM record"))
        raw.execute("UPDATE record SET body = ? WHERE id = 'a'", (bodies["b"],))
    raw.close()
    again = vault_at(tmp_path)
    assert list(again.unlock(PIN).memory.held) == ["b"]
    again.close()


def test_a_file_of_a_newer_program_or_of_another_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreError, match="升级"):
        vault_at(tmp_path)
    (tmp_path / FILE).write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreError, match="损坏"):
        vault_at(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="不能写"):
        vault_at(tmp_path / "file" / "data")


def test_erasing_gives_up_everything(vault: Vault) -> None:
    store = vault.make(PIN)
    with store.write() as unit:
        unit.put_entry(entry("c1", "r1", name="王建国"))
    vault.erase()
    assert not vault.exists
    assert vault.make("13572468").memory.entries == {}
