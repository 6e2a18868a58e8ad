"""The data key and its PIN (密钥与PIN): wrapping, tries, delays.

A random key seals the data. It is wrapped under a key made of scrypt(PIN, salt) and the
device secret, so that neither a copied file nor a guessed PIN alone opens anything.
"""

import hashlib
import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from itertools import pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from field_app.store.database import transaction
from field_app.store.errors import LockedOut, NotEnrolled, StoreError, TooSoon, WrongPin
from field_app.store.sealing import KEY_SIZE

COST = 2**15
MOST_TRIES = 10
_FREE_TRIES = 3
_LONGEST_DELAY = 900
_PIN = re.compile(r"[0-9]{6,32}")
_INFO = b"field_app data key"


def pin_problem(pin: str) -> str | None:
    """Say in Chinese why a new PIN cannot be taken, or None."""
    if not _PIN.fullmatch(pin):
        return "PIN 应为6至32位数字"
    return None


def pin_weak(pin: str) -> bool:
    """Whether a PIN is one digit repeated or counts up or down, which people guess first."""
    steps = {int(right) - int(left) for left, right in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def delay_after(tries: int) -> int:
    """Seconds to wait after so many wrong tries: none for two, then 5, 10, 20 ... up to 15 minutes."""
    if tries < _FREE_TRIES:
        return 0
    return int(min(5 * 2 ** (tries - _FREE_TRIES), _LONGEST_DELAY))


class Keyring:
    """The one row that holds the wrapped key and counts wrong tries."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._clock = clock

    @property
    def exists(self) -> bool:
        """Whether a key was ever made here."""
        return self._connection.execute("SELECT 1 FROM keyring").fetchone() is not None

    def make(self, pin: str, secret: bytes) -> bytes:
        """Make a new data key under a PIN; the caller is inside a transaction."""
        key = secrets.token_bytes(KEY_SIZE)
        self._wrap(key, pin, secret)
        return key

    def unwrap(self, pin: str, secret: bytes) -> bytes:
        """Give the data key.

        The try is counted on the disk before it is made, so that killing the program saves none.

        Raises
        ------
        NotEnrolled, TooSoon, LockedOut, WrongPin
        """
        salt, cost, wrapped, tries, tried_at = self._row()
        if tries >= MOST_TRIES:
            raise LockedOut
        now = int(self._clock())
        if tried_at > now:  # the clock was set back: the delay starts anew
            tried_at = now
            self._count(tries, now)
        wait = tried_at + delay_after(tries) - now
        if wait > 0:
            raise TooSoon(wait)
        self._count(tries + 1, now)
        try:
            key = AESGCM(_wrapping_key(pin, salt, cost, secret)).decrypt(wrapped[:12], wrapped[12:], _INFO)
        except InvalidTag:
            if tries + 1 >= MOST_TRIES:
                raise LockedOut from None
            raise WrongPin(MOST_TRIES - tries - 1, delay_after(tries + 1)) from None
        self._count(0, now)
        return key

    def rewrap(self, key: bytes, pin: str, secret: bytes) -> None:
        """Put the same key under a new PIN; nothing else is written again."""
        with transaction(self._connection):
            self._wrap(key, pin, secret)

    def forgive(self) -> None:
        """Give all tries back, after the hub has taken the worker's password."""
        self._count(0, 0)

    def _wrap(self, key: bytes, pin: str, secret: bytes) -> None:
        problem = pin_problem(pin)
        if problem:
            raise StoreError(problem)
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        wrapped = nonce + AESGCM(_wrapping_key(pin, salt, COST, secret)).encrypt(nonce, key, _INFO)
        self._connection.execute(
            "INSERT INTO keyring (one, salt, cost, wrapped) VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE"
            " SET salt = excluded.salt, cost = excluded.cost, wrapped = excluded.wrapped, tries = 0",
            (salt, COST, wrapped),
        )

    def _row(self) -> tuple[bytes, int, bytes, int, int]:
        row = self._connection.execute("SELECT salt, cost, wrapped, tries, tried_at FROM keyring").fetchone()
        if row is None:
            raise NotEnrolled("本机还没有登记，请先联网登记")
        return row[0], row[1], row[2], row[3], row[4]

    def _count(self, tries: int, now: int) -> None:
        with transaction(self._connection):
            self._connection.execute("UPDATE keyring SET tries = ?, tried_at = ?", (tries, now))


def _wrapping_key(pin: str, salt: bytes, cost: int, secret: bytes) -> bytes:
    stretched = hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=8, p=1, maxmem=cost * 8 * 256)
    return HKDF(SHA256(), KEY_SIZE, salt=secret, info=_INFO).derive(stretched)
