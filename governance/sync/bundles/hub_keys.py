"""The hub's own key pairs (平台密钥): what bundles are sealed for and receipts signed with.

They lie in one file beside the data, readable by the hub alone, the newest last. A key id stands
for one X25519 and one Ed25519 pair, so that a tablet which knows whom to seal for also knows whose
signature to expect, however often the pairs were renewed since.
"""

import fcntl
import hashlib
import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.utils import timezone

from governance.access.errors import Refused
from governance.records.files.storage import file_write

logger = logging.getLogger(__name__)


class KeysUnreadable(Refused):
    """The file of keys is damaged."""

    status = 500
    code = "fault"


@dataclass(frozen=True, slots=True)
class HubKey:
    """One pair of pairs; ``made_at`` is RFC 3339."""

    id: str
    seal: X25519PrivateKey
    sign: Ed25519PrivateKey
    made_at: str

    def public(self) -> dict[str, str]:
        """Give what tablets are told: id and public keys in Base64."""
        seal, sign = _publics(self.seal, self.sign)
        return {"id": self.id, "seal": _text(seal), "sign": _text(sign)}


def hub_key_newest() -> HubKey:
    """Give the pairs that tablets are to use; the very first are made now."""
    keys = hub_keys()
    return keys[-1] if keys else _first()


def hub_keys() -> list[HubKey]:
    """Give all pairs still honoured, the newest last. Raises KeysUnreadable."""
    path = settings.BUNDLE_KEYS
    if not path.exists():
        return []
    try:
        return [_read(item) for item in json.loads(path.read_text())]
    except (ValueError, KeyError, TypeError) as error:
        logger.error("%s holds no keys: %s", path, error)
        raise KeysUnreadable("平台的数据包密钥文件已损坏，请管理员从备份恢复") from error


def hub_key_renew() -> HubKey:
    """Make new pairs; bundles sealed for the older ones are still taken."""
    with _alone():
        key = _made()
        _write([*hub_keys(), key])
    return key


def hub_key_retire(id: str) -> bool:
    """Honour these pairs no longer; False where there are none of this id, or no others."""
    with _alone():
        keys = hub_keys()
        kept = [key for key in keys if key.id != id]
        if not kept or len(kept) == len(keys):
            return False
        _write(kept)
    return True


def _first() -> HubKey:
    with _alone():
        keys = hub_keys()
        if not keys:
            keys = [_made()]
            _write(keys)
    return keys[-1]


def _made() -> HubKey:
    seal, sign = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    id = hashlib.sha256(b"".join(_publics(seal, sign))).hexdigest()[:16]
    return HubKey(id, seal, sign, timezone.now().isoformat(timespec="seconds"))


def _publics(seal: X25519PrivateKey, sign: Ed25519PrivateKey) -> tuple[bytes, bytes]:
    return seal.public_key().public_bytes_raw(), sign.public_key().public_bytes_raw()


def _read(item: dict[str, str]) -> HubKey:
    seal = X25519PrivateKey.from_private_bytes(b64decode(item["seal"]))
    sign = Ed25519PrivateKey.from_private_bytes(b64decode(item["sign"]))
    return HubKey(item["id"], seal, sign, item["made_at"])


def _write(keys: list[HubKey]) -> None:
    """Replace the file for good; whoever reads meanwhile sees it whole, before or after."""
    items = [
        {
            "id": key.id,
            "seal": _text(key.seal.private_bytes_raw()),
            "sign": _text(key.sign.private_bytes_raw()),
            "made_at": key.made_at,
        }
        for key in keys
    ]
    file_write(settings.BUNDLE_KEYS, json.dumps(items).encode(), mode=0o600)


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the hub's other processes from writing."""
    path: Path = settings.BUNDLE_KEYS
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
