"""Whoever holds a file that is not his: damages it, passes it off, forges its receipt."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from field_app.store.state import UNANSWERED
from field_app.store.store import Store
from field_app.sync.bundle_keys import HubKey, OwnKeys, hub_key_newest, keys_own
from field_app.sync.photos import photos_waiting
from governance.access.actor import Actor
from governance.contract import uuid7
from governance.contract.envelope import (
    BUNDLE,
    RECEIPT,
    Envelope,
    Header,
    envelope_read,
    envelope_seal,
)

_LENGTH_AT, _HEADER_AT = 8, 12


@dataclass(frozen=True)
class BadWorker:
    """An enrolled worker: who he is at the hub, and the keys of his tablet."""

    actor: Actor
    device: str
    keys: OwnKeys
    hub: HubKey


class Thief:
    """A worker gone bad: has keys of his own, and every file that passes through his hands."""

    def __init__(self, chance: random.Random, sender: Store, own: BadWorker) -> None:
        self._chance = chance
        self.sender = sender
        self._own = own

    def damaged(self, data: bytes) -> bytes:
        """Cut a file, flip a bit of it, or add to it."""
        at = self._chance.randrange(len(data))
        bit = 1 << self._chance.randrange(8)
        flipped = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        return self._chance.choice((data[:at], flipped, flipped, data + data[at:]))

    def stolen(self, data: bytes) -> tuple[str, bytes]:
        """Give a file under a false name, with what it is."""
        envelope, keys = envelope_read(data), self._own.keys
        header = replace(envelope.header, bundle=str(uuid7()), part=1, parts=1)
        mine = self._dressed(envelope, device=self._own.device)
        other = self._dressed(envelope, counter=envelope.header.counter + 1)
        return self._chance.choice(
            (
                ("another's signature", envelope.signed + keys.sign.sign(envelope.signed)),
                ("another's work as his own", mine + keys.sign.sign(mine)),
                ("a header changed", other + data[-64:]),
                ("his own work as another's", self._made(header, keys)),
                ("a stranger's", self._made(header, OwnKeys.make())),
            )
        )

    def receipt(self, honest: Sequence[bytes]) -> tuple[str, bytes]:
        """Give a false receipt that says all is well, with what it is."""
        if honest and self._chance.random() < 0.3:
            true = self._chance.choice(honest)
            return "a receipt for another bundle", self._dressed(
                envelope_read(true), bundle=str(uuid7())
            ) + true[-64:]
        waiting = [entry.change for entry in self.sender.memory.entries.values() if entry.state in UNANSWERED]
        results: list[dict[str, Any]] = [
            {"change": change, "status": "created", "version": 1, "errors": [], "record": None}
            for change in waiting
        ]
        photos = [
            {"id": photo.id, "status": "stored", "offset": photo.size, "reason": ""}
            for photo in photos_waiting(self.sender)
        ]
        told = {"epoch": self.sender.memory.meta["epoch"], "results": results, "files": photos}
        plain = json.dumps(told).encode()
        key = hub_key_newest(self.sender.memory).id
        header = Header(RECEIPT, self._device(self.sender), str(uuid7()), key, 1_000_000, 1, 1)
        victim = keys_own(self.sender.memory, header.device)
        assert victim is not None
        what = "a forged receipt"
        if self._chance.random() < 0.3:
            what, header = "another tablet's receipt", replace(header, device=self._own.device)
        receiver = victim.receipt.public_key()
        return what, envelope_seal(header, plain, receiver=receiver, signer=self._own.keys.sign)

    def _made(self, header: Header, keys: OwnKeys) -> bytes:
        """Make a bundle that changes what the sender's grid holds."""
        person = next(held for held in self.sender.memory.held.values() if held.kind == "person")
        change: dict[str, Any] = {
            "change": str(uuid7()),
            "kind": "person",
            "id": person.id,
            "base": person.version,
            "set": {"note": "假"},
        }
        plain = json.dumps({"changes": [change]}).encode()
        hub = self._own.hub
        return envelope_seal(replace(header, type=BUNDLE), plain, receiver=hub.seal, signer=keys.sign)

    @staticmethod
    def _dressed(envelope: Envelope, **lies: object) -> bytes:
        """Give all but the signature, with another header."""
        end = _HEADER_AT + int.from_bytes(envelope.bound[_LENGTH_AT:_HEADER_AT], "big")
        header = {**json.loads(envelope.bound[_HEADER_AT:end]), **lies}
        named = json.dumps(header, separators=(",", ":")).encode()
        rest = envelope.signed[end:]
        return envelope.bound[:_LENGTH_AT] + len(named).to_bytes(4, "big") + named + rest

    @staticmethod
    def _device(store: Store) -> str:
        return str(store.memory.meta["device"])
