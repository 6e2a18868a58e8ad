"""Tablets' public keys (终端公钥): registered once, looked up when a bundle names its tablet."""

from base64 import b64decode
from dataclasses import dataclass
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.models import Device
from governance.access.selectors import actor_for_device
from governance.audit.services import audit_append
from governance.sync.http import Malformed
from governance.sync.models import DeviceKeys

_SIZE = 32


class KeysForm(msgspec.Struct, forbid_unknown_fields=True):
    """Public keys as they come over the wire, Base64."""

    sign: str
    receipt: str

    def raw(self) -> tuple[bytes, bytes]:
        """Give both as bytes. Raises Malformed unless each is 32 bytes."""
        return _raw(self.sign), _raw(self.receipt)


class KeysFixed(Refused):
    """The device has registered other keys before (公钥已登记)."""

    status = 409
    code = "keys"


@dataclass(frozen=True, slots=True)
class Known:
    """A tablet with its public keys."""

    device: Device
    sign: Ed25519PublicKey
    receipt: X25519PublicKey


def device_keys_enrol(*, device: UUID, keys: KeysForm, address: str) -> None:
    """Keep the public keys of a tablet just enrolled; raises as :func:`device_keys_register`."""
    made = Device.objects.select_related("worker").get(pk=device)
    device_keys_register(actor=actor_for_device(made, "登记终端", address), keys=keys)


def device_keys_register(*, actor: Actor, keys: KeysForm) -> None:
    """Keep a tablet's public keys; the same ones again change nothing.

    Raises
    ------
    Malformed
        Not 32 bytes in Base64.
    KeysFixed
        The tablet has others; a new pair needs a new enrolment.
    """
    sign, receipt = keys.raw()
    with transaction.atomic():
        row, made = DeviceKeys.objects.get_or_create(
            device_id=str(actor.device_id),
            defaults={"sign": sign, "receipt": receipt, "registered_at": timezone.now()},
        )
        if made:
            audit_append(actor=actor, action="device.keys", chain=f"user:{actor.username}")
        elif (bytes(row.sign), bytes(row.receipt)) != (sign, receipt):
            raise KeysFixed("本终端已登记过另一对公钥，请重新登记终端")


def device_keys_find(device: UUID) -> Known | None:
    """Give a tablet and its keys, revoked ones too; None where it is unknown or has registered none."""
    row = DeviceKeys.objects.select_related("device__worker").filter(pk=device).first()
    if row is None:
        return None
    sign, receipt = bytes(row.sign), bytes(row.receipt)
    return Known(
        row.device, Ed25519PublicKey.from_public_bytes(sign), X25519PublicKey.from_public_bytes(receipt)
    )


def _raw(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _SIZE:
        raise Malformed("公钥应为32字节的 Base64")
    return raw
