"""The PIN: wrong tries, delays, the limit, changing it, the device secret."""

from pathlib import Path

import pytest

from field_app.ports.secret import SecretFile
from field_app.store.errors import LockedOut, NotEnrolled, StoreError, TooSoon, WrongPin
from field_app.store.keyring import MOST_TRIES, delay_after, pin_problem, pin_weak
from field_app.store.vault import Vault

PIN, WRONG = "246810", "999999"


class Clock:
    """A clock that stands until it is put on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock):
    vault = Vault(tmp_path, SecretFile(tmp_path), clock)
    with vault.make(PIN).write() as unit:
        unit.put_meta("token", "t")
    yield vault
    vault.close()


def reopened(vault: Vault, folder: Path, clock: Clock) -> Vault:
    vault.close()
    return Vault(folder, SecretFile(folder), clock)


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


def test_a_clock_set_back_prolongs_the_wait_only_once(vault: Vault, clock: Clock) -> None:
    for _ in range(3):
        with pytest.raises(WrongPin):
            vault.unlock(WRONG)
    clock.now -= 365 * 86_400
    with pytest.raises(TooSoon):
        vault.unlock(PIN)
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


def test_without_the_device_secret_the_right_pin_opens_nothing(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    secret = tmp_path / "device.secret"
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
    SecretFile(tmp_path).make()
    assert not vault.exists
    with pytest.raises(NotEnrolled, match="登记"):
        vault.unlock(PIN)
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
