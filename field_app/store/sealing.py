"""Sealing bodies with AES-256-GCM, bound to their table and id."""

import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from field_app.store.errors import StoreError

KEY_SIZE = 32
_NONCE = 12


class Sealer:
    """Seals JSON values under one key; a body moved to another table or id does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, table: str, id: str, value: object) -> bytes:
        """Give nonce and ciphertext of a JSON value."""
        nonce = secrets.token_bytes(_NONCE)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, plain, _bound(table, id))

    def open(self, table: str, id: str, body: bytes) -> object:
        """Give the JSON value back.

        Raises
        ------
        StoreError
            The body was altered, or sealed for another place or with another key.
        """
        try:
            plain = self._cipher.decrypt(body[:_NONCE], body[_NONCE:], _bound(table, id))
        except (InvalidTag, ValueError):
            raise StoreError(f"本机数据已损坏（{table} {id}），不能打开") from None
        return json.loads(plain.decode())


def _bound(table: str, id: str) -> bytes:
    return f"{table}\0{id}".encode()
