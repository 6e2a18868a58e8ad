"""The tablet's key pairs, and the hub's public keys it knows (密钥): kept sealed in the store."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from field_app.store.memory import Memory
from field_app.store.state import Values
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.client import HubClient
from field_app.sync.errors import BundleError, HubTrouble

_META = "bundle_keys"


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What this tablet signs bundles with, and what opens its receipts."""

    sign: Ed25519PrivateKey
    receipt: X25519PrivateKey

    @classmethod
    def make(cls) -> "OwnKeys":
        """Make new pairs."""
        return cls(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    def public(self) -> dict[str, object]:
        """Give what the hub is told, Base64."""
        return {
            "sign": _text(self.sign.public_key().public_bytes_raw()),
            "receipt": _text(self.receipt.public_key().public_bytes_raw()),
        }


@dataclass(frozen=True, slots=True)
class HubKey:
    """Public keys of the hub: for whom to seal, whose signature to expect."""

    id: str
    seal: X25519PublicKey
    sign: Ed25519PublicKey


def keys_own(memory: Memory, device: str) -> OwnKeys | None:
    """Give the pairs that are registered for a device id; None where there are none."""
    pairs = _kept(_kept(memory.meta.get(_META)).get("pairs")).get(device)
    if not isinstance(pairs, list):
        return None
    sign, receipt = (b64decode(str(raw)) for raw in pairs)
    return OwnKeys(Ed25519PrivateKey.from_private_bytes(sign), X25519PrivateKey.from_private_bytes(receipt))


def keys_keep(unit: Unit, device: str, keys: OwnKeys, hub_key: Values | None = None) -> None:
    """Keep a device id's pairs, and the hub's keys to use from now on.

    Those of before stay: receipts of what was exported under them may still come.

    Raises
    ------
    HubTrouble
        The hub's keys are not such.
    """
    kept = dict(_kept(unit.meta(_META)))
    raw = [_text(keys.sign.private_bytes_raw()), _text(keys.receipt.private_bytes_raw())]
    kept["pairs"] = {**_kept(kept.get("pairs")), device: raw}
    if hub_key is not None:
        known = [key for key in _list(kept.get("hub")) if _kept(key).get("id") != hub_key.get("id")]
        kept["hub"] = [*known, _checked(hub_key)]
        kept["asked"] = [device, _today(), unit.meta("exports")]
    unit.put_meta(_META, kept)


def keys_exchange(*, store: Store, client: HubClient) -> None:
    """Register the tablet's keys and learn the hub's, once a day: the hub renews its own now and then.

    After an export too: the hub may have taken it as sealed for keys that it has no more.

    Raises
    ------
    SyncError
        It is tried again with the next sync.
    """
    device = str(store.memory.meta.get("device") or "")
    asked = _kept(store.memory.meta.get(_META)).get("asked")
    if asked == [device, _today(), store.memory.meta.get("exports")]:
        return
    keys = keys_own(store.memory, device)
    if keys is None:
        keys = OwnKeys.make()
        with store.write() as unit:  # before the hub hears of them: it takes one pair for good
            keys_keep(unit, device, keys)
    told = client.keys(keys.public())
    with store.write() as unit:
        keys_keep(unit, device, keys, told)


def hub_key_newest(memory: Memory) -> HubKey:
    """Give the hub's keys to seal for. Raises BundleError where none are known yet."""
    known = _list(_kept(memory.meta.get(_META)).get("hub"))
    if not known:
        raise BundleError("本机还没有平台的公钥，请先联网同步一次，以后才能导出数据包")
    return _hub_key(_kept(known[-1]))


def hub_key_find(memory: Memory, id: str) -> HubKey | None:
    """Give the hub's keys of this id, None where they are not known."""
    for key in _list(_kept(memory.meta.get(_META)).get("hub")):
        if _kept(key).get("id") == id:
            return _hub_key(_kept(key))
    return None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _checked(hub_key: Values) -> dict[str, object]:
    try:
        _hub_key(hub_key)
    except (KeyError, ValueError) as error:
        raise HubTrouble("平台的公钥不是约定的格式，请稍后再试") from error
    return {name: hub_key[name] for name in ("id", "seal", "sign")}


def _hub_key(values: Values) -> HubKey:
    return HubKey(
        str(values["id"]),
        X25519PublicKey.from_public_bytes(b64decode(str(values["seal"]))),
        Ed25519PublicKey.from_public_bytes(b64decode(str(values["sign"]))),
    )


def _kept(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
