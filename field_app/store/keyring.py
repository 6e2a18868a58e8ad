"""The data key and its PIN (密钥与PIN): wrapping, tries, delays.

A random key seals the data. It is wrapped under a key made of scrypt(PIN, salt) and the
device secret, so that neither a copied file nor a guessed PIN alone opens anything.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import ceil
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from field_app.ports.secret import DeviceSecret, Tries
from field_app.store.database import checkpoint, transaction
from field_app.store.errors import LockedOut, NotEnrolled, StoreError, TooSoon, WrongPin
from field_app.store.sealing import KEY_SIZE

COST = 2**15
MOST_TRIES = 10
_FREE_TRIES = 3
_LONGEST_DELAY = 900
PIN_LEAST, PIN_MOST = 6, 32
"""How many digits a PIN has, at least and at most."""

_PIN = re.compile(rf"[0-9]{{{PIN_LEAST},{PIN_MOST}}}")
_INFO = b"field_app data key"


def pin_problem(pin: str) -> str | None:
    """Say in Chinese why a new PIN cannot be taken, or None."""
    if not _PIN.fullmatch(pin):
        return f"PIN 应为{PIN_LEAST}至{PIN_MOST}位数字"
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
    """The one row that holds the wrapped key; wrong tries are counted beside the device secret.

    Parameters
    ----------
    connection : sqlite3.Connection
    secret : DeviceSecret
    uptime : callable
        Seconds since the device was started; no setting of the clock moves it.
    """

    def __init__(
        self, connection: sqlite3.Connection, secret: DeviceSecret, uptime: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._secret = secret
        self._uptime = uptime

    @property
    def exists(self) -> bool:
        """Whether a key was ever made here."""
        return self._connection.execute("SELECT 1 FROM keyring").fetchone() is not None

    def make(self, pin: str) -> bytes:
        """Make a new data key under a PIN; the caller is inside a transaction."""
        key, store = secrets.token_bytes(KEY_SIZE), uuid4().hex
        self._wrap(key, pin, store, self._secret.make(store))
        return key

    def unwrap(self, pin: str) -> bytes:
        """Give the data key.

        The try is counted on the disk before it is made, so that killing the program saves none.

        Raises
        ------
        NotEnrolled, TooSoon, LockedOut, WrongPin, SecretError
        """
        salt, cost, wrapped, store = self._row()
        secret = self._secret.read(store)
        tries, now = self._tries(store), self._uptime()
        if tries.count >= MOST_TRIES:
            raise LockedOut
        if tries.at > now:  # the device was started anew: so does the delay
            tries = replace(tries, at=now)
            self._secret.count(store, tries)
        wait = ceil(tries.at + delay_after(tries.count) - now)
        if wait > 0:
            raise TooSoon(wait)
        self._secret.count(store, replace(tries, count=tries.count + 1, at=now))
        try:
            key = AESGCM(_wrapping_key(pin, salt, cost, secret)).decrypt(wrapped[:12], wrapped[12:], _INFO)
        except InvalidTag:
            if tries.count + 1 >= MOST_TRIES:
                raise LockedOut from None
            raise WrongPin(MOST_TRIES - tries.count - 1, delay_after(tries.count + 1)) from None
        self._secret.count(store, Tries(opened=tries.opened))
        return key

    def rewrap(self, key: bytes, pin: str) -> None:
        """Put the same key under a new PIN; nothing else is written again, and the old wrapping goes."""
        store = self._row()[3]
        with transaction(self._connection):
            self._wrap(key, pin, store, self._secret.read(store))
        checkpoint(self._connection)

    def forgive(self) -> None:
        """Give all tries back, after the hub has taken the worker's password."""
        store = self._row()[3]
        self._secret.count(store, Tries(opened=self._tries(store).opened))

    @property
    def behind(self) -> bool:
        """Whether the folder knows of fewer openings than there were: it is an older copy, put back."""
        return self._opened < self._tries(self._row()[3]).opened

    def opening_count(self) -> None:
        """Count an opening, in the folder first, so that a count cut short is not taken for an older copy.

        Nameless stores have their tries in common and are not counted.
        """
        store = self._row()[3]
        if not store:
            return
        tries = self._tries(store)
        number = max(self._opened, tries.opened) + 1
        with transaction(self._connection):
            self._connection.execute("UPDATE keyring SET opened = ?", (number,))
        self._secret.count(store, replace(tries, opened=number))

    @property
    def _opened(self) -> int:
        return int(self._connection.execute("SELECT opened FROM keyring").fetchone()[0])

    @property
    def doomed(self) -> bool:
        """Whether destroying began; what it left, be it the secret itself, is still to be wiped."""
        return self._connection.execute("SELECT 1 FROM keyring WHERE wrapped = x''").fetchone() is not None

    def destroy(self) -> None:
        """Destroy the device secret: neither this file nor any copy of it opens again.

        The wrapped key goes first, so that a wipe cut short is known by its absence.
        """
        if not self.exists:
            return
        with transaction(self._connection):
            self._connection.execute("UPDATE keyring SET wrapped = x''")
        self._secret.destroy(self._row()[3])

    def _tries(self, store: str) -> Tries:
        """Give the wrong tries; where they were tampered with, one last try after a wait is left."""
        tries = self._secret.tries(store)
        if tries is None:
            tries = Tries(MOST_TRIES - 1, self._uptime())
            self._secret.count(store, tries)
        return tries

    def _wrap(self, key: bytes, pin: str, store: str, secret: bytes) -> None:
        problem = pin_problem(pin)
        if problem:
            raise StoreError(problem)
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        wrapped = nonce + AESGCM(_wrapping_key(pin, salt, COST, secret)).encrypt(nonce, key, _INFO)
        self._connection.execute(
            "INSERT INTO keyring (one, salt, cost, wrapped, store) VALUES (1, ?, ?, ?, ?)"
            " ON CONFLICT (one) DO UPDATE SET salt = excluded.salt, cost = excluded.cost,"
            " wrapped = excluded.wrapped, store = excluded.store",
            (salt, COST, wrapped, store),
        )

    def _row(self) -> tuple[bytes, int, bytes, str]:
        row = self._connection.execute("SELECT salt, cost, wrapped, store FROM keyring").fetchone()
        if row is None:
            raise NotEnrolled("本机还没有登记，请先联网登记")
        return row[0], row[1], row[2], row[3]


def _wrapping_key(pin: str, salt: bytes, cost: int, secret: bytes) -> bytes:
    stretched = hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=8, p=1, maxmem=cost * 8 * 256)
    return HKDF(SHA256(), KEY_SIZE, salt=secret, info=_INFO).derive(stretched)
