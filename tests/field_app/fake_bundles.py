"""The fake hub's side of bundles: keys, opening what a tablet exported, sealing the receipt."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from governance.contract.envelope import RECEIPT, envelope_open, envelope_read, envelope_seal

Json = dict[str, object]


@dataclass
class FakeBundles:
    """Raw private keys of the hub, and the public ones of each device."""

    seal: bytes = field(default_factory=lambda: X25519PrivateKey.generate().private_bytes_raw())
    sign: bytes = field(default_factory=lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    devices: dict[str, Json] = field(default_factory=dict)

    def public(self) -> Json:
        """Give what tablets are told."""
        seal = X25519PrivateKey.from_private_bytes(self.seal).public_key().public_bytes_raw()
        sign = Ed25519PrivateKey.from_private_bytes(self.sign).public_key().public_bytes_raw()
        return {"id": "fake", "seal": b64encode(seal).decode(), "sign": b64encode(sign).decode()}

    def take(self, data: bytes, epoch: str, push: Callable[[str, list[Json]], list[Json]]) -> bytes:
        """Apply a bundle as its sender's push; give the receipt."""
        envelope = envelope_read(data)
        keys = {name: b64decode(str(text)) for name, text in self.devices[envelope.header.device].items()}
        plain = envelope_open(
            envelope,
            receiver=X25519PrivateKey.from_private_bytes(self.seal),
            signer=Ed25519PublicKey.from_public_bytes(keys["sign"]),
        )
        results = push(envelope.header.device, json.loads(plain)["changes"])
        return envelope_seal(
            replace(envelope.header, type=RECEIPT),
            json.dumps({"epoch": epoch, "results": results}).encode(),
            receiver=X25519PublicKey.from_public_bytes(keys["receipt"]),
            signer=Ed25519PrivateKey.from_private_bytes(self.sign),
        )
