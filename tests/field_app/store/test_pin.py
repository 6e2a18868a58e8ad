"""The PIN: wrong tries, delays, the limit, changing it, the device secret."""

from pathlib import Path

import pytest

from field_app.ports import device_ports
from field_app.ports.clock import DeviceClock
from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.errors import LockedOut, NotEnrolled, StoreError, TooSoon, WrongPin
from field_app.store.keyring import MOST_TRIES, delay_after, pin_problem, pin_weak
from field_app.store.vault import Vault

PIN, WRONG = "246810", "999999"


class Clock:
    """A clock that stands until it is put on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def device(self) -> DeviceClock:
        return DeviceClock(uptime=lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock):
    vault = Vault(tmp_path, SecretFile(tmp_path / "safe"), clock.device())
    with vault.make(PIN).write() as unit:
        unit.put_meta("token", "t")
    yield vault
    vault.close()


def reopened(vault: Vault, folder: Path, clock: Clock) -> Vault:
    vault.close()
    return Vault(folder, SecretFile(folder / "safe"), clock.device())


def test_the_right_pin_opens_what_was_stored(vault: Vault) -> None:
    assert vault.unlock(PIN).memory.meta == {"token": "t"}


def test_wrong_tries_are_counted_on_the_disk_and_end_at_the_limit(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    left = []
    for _ in range(MOST_TRIES - 1):
        clock.now += 10_000
        with pytest.raises(WrongPin) as caught:
            vault.unlock(WRONG)
        left.append(caught.value.left)
        vault = reopened(vault, tmp_path, clock)
    assert left == list(range(MOST_TRIES - 1, 0, -1))
    clock.now += 10_000
    with pytest.raises(LockedOut):
        vault.unlock(WRONG)
    with pytest.raises(LockedOut):
        vault.unlock(PIN)
    vault.forgive()
    assert vault.unlock(PIN).memory.meta == {"token": "t"}
    vault.close()


def test_a_right_pin_gives_all_tries_back(vault: Vault) -> None:
    for _ in range(2):
        with pytest.raises(WrongPin):
            vault.unlock(WRONG)
    vault.unlock(PIN)
    with pytest.raises(WrongPin) as caught:
        vault.unlock(WRONG)
    assert caught.value.left == MOST_TRIES - 1


def test_after_some_wrong_tries_the_next_must_wait_and_is_not_counted(vault: Vault, clock: Clock) -> None:
    for _ in range(3):
        with pytest.raises(WrongPin) as wrong:
            vault.unlock(WRONG)
    assert wrong.value.wait == delay_after(3) == 5
    with pytest.raises(TooSoon) as soon:
        vault.unlock(PIN)
    assert soon.value.wait == 5
    clock.now += 5
    assert vault.unlock(PIN)


def test_delays_grow_to_a_quarter_of_an_hour() -> None:
    delays = [delay_after(tries) for tries in range(MOST_TRIES)]
    assert delays[:4] == [0, 0, 0, 5]
    assert delays == sorted(delays)
    assert delays[-1] == 320
    assert delay_after(50) == 900


def test_changing_the_pin_rewraps_the_key_and_leaves_the_data(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    vault.change_pin(PIN, "13572468")
    vault = reopened(vault, tmp_path, clock)
    with pytest.raises(WrongPin):
        vault.unlock(PIN)
    assert vault.unlock("13572468").memory.meta == {"token": "t"}
    vault.close()


def test_changing_needs_the_old_pin_and_counts_wrong_ones(vault: Vault) -> None:
    with pytest.raises(WrongPin) as caught:
        vault.change_pin(WRONG, "13572468")
    assert caught.value.left == MOST_TRIES - 1
    with pytest.raises(StoreError, match="6"):
        vault.change_pin(PIN, "123")
    assert vault.unlock(PIN)


def secret_of(folder: Path) -> Path:
    (path,) = (folder / "safe").glob("*.secret")
    return path


def test_without_the_device_secret_the_right_pin_opens_nothing(vault: Vault, tmp_path: Path) -> None:
    secret = secret_of(tmp_path)
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.write_bytes(bytes(32))
    with pytest.raises(WrongPin):
        vault.unlock(PIN)
    secret.unlink()
    with pytest.raises(StoreError, match="设备密钥"):
        vault.unlock(PIN)
    secret.write_bytes(b"short")
    with pytest.raises(StoreError, match="损坏"):
        vault.unlock(PIN)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    vault = Vault(tmp_path, SecretFile(tmp_path))
    assert not vault.exists
    with pytest.raises(NotEnrolled, match="登记"):
        vault.unlock(PIN)
    vault.close()


def guess(vault: Vault, clock: Clock, times: int) -> None:
    """Try wrong PINs, waiting as long as one must."""
    for _ in range(times):
        clock.now += 10_000
        with pytest.raises((WrongPin, LockedOut)):
            vault.unlock(WRONG)


def test_an_older_copy_of_the_folder_put_back_gives_no_tries_back(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    copy = {path: path.read_bytes() for path in tmp_path.glob("tablet.sqlite3*")}
    guess(vault, clock, 6)
    vault.close()
    for path in tmp_path.glob("tablet.sqlite3*"):
        path.unlink()
    for path, content in copy.items():
        path.write_bytes(content)
    vault = Vault(tmp_path, SecretFile(tmp_path / "safe"), clock.device())
    with pytest.raises(TooSoon):
        vault.unlock(PIN)
    guess(vault, clock, MOST_TRIES - 6)
    with pytest.raises(LockedOut):
        vault.unlock(PIN)
    vault.close()


def test_tries_that_were_tampered_with_leave_one_last_try_after_a_wait(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    (path,) = (tmp_path / "safe").glob("*.tries")
    path.unlink()
    with pytest.raises(TooSoon):
        vault.unlock(PIN)
    for tampered in ("none so far", f"0 0.0 {2**70}", "0 0.0 -1", "0 0.0 1 2"):
        path.write_text(tampered)
        with pytest.raises(TooSoon):
            vault.unlock(PIN)
    clock.now += 1_000
    with pytest.raises(LockedOut):
        vault.unlock(WRONG)


def test_setting_the_clock_shortens_no_wait(tmp_path: Path) -> None:
    wall = [1_800_000_000.0]
    device = DeviceClock(wall=lambda: wall[0], uptime=lambda: 500.0)
    vault = Vault(tmp_path, SecretFile(tmp_path / "safe"), device)
    vault.make(PIN)
    for _ in range(3):
        with pytest.raises(WrongPin):
            vault.unlock(WRONG)
    for years in (-10, 10, 0):
        wall[0] = 1_800_000_000.0 + years * 31_557_600
        with pytest.raises(TooSoon) as soon:
            vault.unlock(PIN)
        assert soon.value.wait == delay_after(3)
    vault.close()


def test_a_new_start_of_the_device_begins_the_wait_anew_and_only_once(vault: Vault, clock: Clock) -> None:
    guess(vault, clock, 3)
    clock.now = 20.0
    with pytest.raises(TooSoon) as soon:
        vault.unlock(PIN)
    assert soon.value.wait == delay_after(3)
    clock.now += delay_after(3)
    assert vault.unlock(PIN)


def test_a_try_is_counted_though_the_program_is_killed_in_it(
    vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(keyring, "_wrapping_key", killed)
    with pytest.raises(KeyboardInterrupt):
        vault.unlock(WRONG)
    monkeypatch.undo()
    with pytest.raises(WrongPin) as wrong:
        vault.unlock(WRONG)
    assert wrong.value.left == MOST_TRIES - 2


def test_a_changed_pin_leaves_no_wrapping_under_the_old_one(vault: Vault, tmp_path: Path) -> None:
    (old,) = vault._connection.execute("SELECT wrapped FROM keyring").fetchone()
    vault.change_pin(PIN, "13572468")
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    (new,) = vault._connection.execute("SELECT wrapped FROM keyring").fetchone()
    assert not any(old in content for content in files)
    assert any(new in content for content in files)  # the search would find it


def test_an_erased_store_opens_from_no_copy(vault: Vault, tmp_path: Path, clock: Clock) -> None:
    vault.close()
    copy = (tmp_path / "tablet.sqlite3").read_bytes()
    vault = Vault(tmp_path, SecretFile(tmp_path / "safe"), clock.device())
    vault.erase()
    assert not vault.exists
    vault.close()
    (tmp_path / "tablet.sqlite3").write_bytes(copy)
    vault = Vault(tmp_path, SecretFile(tmp_path / "safe"), clock.device())
    with pytest.raises(StoreError, match="设备密钥"):
        vault.unlock(PIN)
    vault.close()


class PowerCutError(Exception):
    """The tablet's power goes."""


@pytest.mark.parametrize("behind", [False, True], ids=["secret still there", "secret gone"])
def test_a_wipe_cut_short_goes_on_when_the_tablet_is_started_again(
    vault: Vault, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    destroy = SecretFile.destroy

    def cut(self: SecretFile, store: str) -> None:
        if behind:
            destroy(self, store)
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(SecretFile, "destroy", cut)
        with pytest.raises(PowerCutError):
            vault.erase()
    vault = reopened(vault, tmp_path, clock)
    assert not vault.exists
    assert not list((tmp_path / "safe").glob("*.secret"))
    assert vault.make(PIN).memory.meta == {}
    vault.close()


_OLD = (
    "ALTER TABLE keyring DROP COLUMN opened",
    "ALTER TABLE keyring DROP COLUMN store",
    "ALTER TABLE keyring ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE keyring ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0",
    "DROP TABLE trail",
    "DROP TABLE photo",
    "PRAGMA user_version = 1",
)


def test_a_store_of_the_program_before_opens_as_it_was(vault: Vault, tmp_path: Path) -> None:
    for statement in _OLD:
        vault._connection.execute(statement)
    vault.close()
    secret_of(tmp_path).rename(tmp_path / "device.secret")
    vault = Vault(tmp_path, device_ports(tmp_path).secret)
    assert vault.unlock(PIN).memory.meta == {"token": "t"}
    with pytest.raises(WrongPin):
        vault.unlock(WRONG)
    vault.close()


def test_what_a_pin_must_be() -> None:
    assert [pin_problem(pin) is None for pin in ("123456", "12345", "１２３４５６", "12345a", "")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert [pin_weak(pin) for pin in ("111111", "123456", "654321", "246810", "135246")] == [
        True,
        True,
        True,
        False,
        False,
    ]
