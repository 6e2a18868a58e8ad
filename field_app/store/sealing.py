"""Sealing bodies with AES-256-GCM, bound to their table and id."""

import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from field_app.store.errors import StoreError

KEY_SIZE = 32
_NONCE = 12
_HALVES = "surrogatepass"  # half a character, as some keyboards leave it in an unfinished form, is kept too
SEAL = _NONCE + 16
"""Bytes that sealing adds: nonce and tag."""


class Sealer:
    """Seals JSON values under one key; a body moved to another table or id does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, table: str, id: str, value: object) -> bytes:
        """Give nonce and ciphertext of a JSON value."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal_bytes(table, id, plain.encode(errors=_HALVES))

    def seal_bytes(self, table: str, id: str, plain: bytes) -> bytes:
        """Give nonce and ciphertext of bytes: 28 more than they are."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, _bound(table, id))

    def open(self, table: str, id: str, body: bytes) -> object:
        """Give the JSON value back.

        Raises
        ------
        StoreError
            The body was altered, or sealed for another place or with another key.
        """
        return json.loads(self.open_bytes(table, id, body).decode(errors=_HALVES))

    def open_bytes(self, table: str, id: str, body: bytes) -> bytes:
        """Give the bytes back. Raises StoreError as :meth:`open`."""
        try:
            return self._cipher.decrypt(body[:_NONCE], body[_NONCE:], _bound(table, id))
        except (InvalidTag, ValueError):
            raise StoreError(f"本机数据已损坏（{table} {id}），不能打开") from None


def _bound(table: str, id: str) -> bytes:
    return f"{table}\0{id}".encode()
