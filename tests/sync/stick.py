"""A foreign client of bundles, written from docs/sync-protocol.md alone: makes them, reads receipts."""

import json
import struct
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.contract import uuid7

MAGIC = b"CELINK\r\n"


def agreed(shared: bytes, ephemeral: bytes, receiver: bytes) -> tuple[AESGCM, bytes]:
    info = b"community-e-link envelope 1"
    made = HKDF(SHA256(), 44, salt=ephemeral + receiver, info=info).derive(shared)
    return AESGCM(made[:32]), made[32:]


@dataclass
class Stick:
    """A tablet's keys, and what it writes with them; ``header`` may be told lies."""

    device: str
    hub: dict[str, str] = field(default_factory=dict)
    sign: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    receipt: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    counter: int = 0

    def public(self) -> dict[str, str]:
        raw = (key.public_key().public_bytes_raw() for key in (self.sign, self.receipt))
        return dict(zip(("sign", "receipt"), (b64encode(one).decode() for one in raw), strict=True))

    def bundle(self, *changes: dict[str, Any], plain: bytes | None = None, **header: Any) -> bytes:
        self.counter += 1
        named = {
            "v": 1,
            "type": "bundle",
            "device": self.device,
            "bundle": str(uuid7()),
            "key": self.hub["id"],
            "counter": self.counter,
            "part": 1,
            "parts": 1,
        }
        head = json.dumps({**named, **header}).encode()
        body = zlib.compress(plain if plain is not None else json.dumps({"changes": changes}).encode())
        receiver = b64decode(self.hub["seal"])
        own = X25519PrivateKey.generate()
        public = own.public_key().public_bytes_raw()
        cipher, nonce = agreed(own.exchange(X25519PublicKey.from_public_bytes(receiver)), public, receiver)
        bound = MAGIC + struct.pack(">I", len(head)) + head + public + struct.pack(">I", len(body) + 16)
        return self.signed(bound + cipher.encrypt(nonce, body, bound))

    def signed(self, data: bytes) -> bytes:
        return data + self.sign.sign(data)

    def read(self, receipt: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give header and content of a receipt for this tablet."""
        signer = Ed25519PublicKey.from_public_bytes(b64decode(self.hub["sign"]))
        signer.verify(receipt[-64:], receipt[:-64])
        assert receipt.startswith(MAGIC)
        (length,) = struct.unpack_from(">I", receipt, 8)
        head = json.loads(receipt[12 : 12 + length])
        start = 12 + length
        public, start = receipt[start : start + 32], start + 36
        own = self.receipt.public_key().public_bytes_raw()
        cipher, nonce = agreed(self.receipt.exchange(X25519PublicKey.from_public_bytes(public)), public, own)
        return head, json.loads(zlib.decompress(cipher.decrypt(nonce, receipt[start:-64], receipt[:start])))
